package clearing

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Mode says which clock a circle goes by.
type Mode string

// The modes of a circle.
const (
	Live   Mode = "live"   // the server's clock
	Test   Mode = "test"   // a clock of its own, which its organiser moves forward
	Replay Mode = "replay" // the instants of its commands; closed windows count as paid
)

// Circle is what never changes about a circle.
type Alliance struct {
	ID        int64
	Code      string
	Name      string
	Currency  money.Currency
	Location  *time.Location
	Mode      Mode
	CreatedAt time.Time
}

var (
	// ErrNoCircle: there is no circle of that code or number.
	ErrNoAlliance = errors.New("there is no such circle")
	// ErrCircleExists: another circle has the code.
	ErrAllianceExists = errors.New("a circle of that code exists already")
)

// CircleID returns the number of the circle with a code: the first 63 bits of its SHA-256.
// Because the number is derived from the code, the primary key keeps codes unique, and
// every index can be led by the circle.
func AllianceID(code string) int64 {
	digest := sha256.Sum256([]byte("lianka circle " + code))
	return int64(binary.BigEndian.Uint64(digest[:8]) >> 1)
}

// CreateCircle adds a circle with its head. The clock of a test circle starts at
// CreatedAt. It returns ErrCircleExists if the code is taken.
func CreateAlliance(ctx context.Context, db pgx.Tx, c Alliance) (Alliance, error) {
	c.ID = AllianceID(c.Code)
	c.CreatedAt = c.CreatedAt.UTC().Truncate(time.Microsecond)
	var clock *time.Time
	if c.Mode == Test {
		clock = &c.CreatedAt
	}
	batch := &pgx.Batch{}
	batch.Queue(`
		INSERT INTO alliances (alliance_id, code, name, currency, timezone, mode, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.ID, c.Code, c.Name, c.Currency.Code(), c.Location.String(), string(c.Mode), c.CreatedAt)
	batch.Queue(`INSERT INTO heads (alliance_id, clock) VALUES ($1, $2)`, c.ID, clock)
	err := db.SendBatch(ctx, batch).Close()
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.ConstraintName == "alliances_pkey" {
		return c, fmt.Errorf("%w: %q", ErrAllianceExists, c.Code)
	}
	return c, err
}

const allianceColumns = `alliance_id, code, name, currency, timezone, mode, created_at`

func scanAlliance(row pgx.CollectableRow) (Alliance, error) {
	var c Alliance
	var currency, timezone string
	if err := row.Scan(&c.ID, &c.Code, &c.Name, &currency, &timezone, &c.Mode, &c.CreatedAt); err != nil {
		return c, err
	}
	c.CreatedAt = c.CreatedAt.UTC()
	var err error
	if c.Currency, err = money.ParseCurrency(currency); err != nil {
		return c, err
	}
	c.Location, err = time.LoadLocation(timezone)
	return c, err
}

// FindCircle returns a circle by its number, or ErrNoCircle.
func FindAlliance(ctx context.Context, db ledger.Querier, id int64) (Alliance, error) {
	rows, err := db.Query(ctx, `SELECT `+allianceColumns+` FROM alliances WHERE alliance_id = $1`, id)
	if err != nil {
		return Alliance{}, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanAlliance)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, ErrNoAlliance
	}
	return c, err
}

// Circles returns all circles in the order of their codes.
func Alliances(ctx context.Context, db ledger.Querier) ([]Alliance, error) {
	rows, err := db.Query(ctx, `SELECT `+allianceColumns+` FROM alliances ORDER BY code`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanAlliance)
}
