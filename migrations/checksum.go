package migrations

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3/database"
)

// versionTable is where goose records what it has applied. The column checksum is ours.
const versionTable = "goose_db_version"

// MismatchError says that a database was not made by the migrations of this version.
type MismatchError struct {
	Version int64  // of the migration that differs, or of the database
	Reason  string // what differs, and what to do
}

// Error returns the reason.
func (e *MismatchError) Error() string { return e.Reason }

// Advice for who has a database that another form of the migrations made.
const rebuild = "landed migrations never change, so an unreleased version made this database. Nothing was done to it. " +
	"Export its books with the version that made it (`lianka export`), and begin with an empty database"

// checksums returns the SHA-256 of each migration, in hexadecimal digits, by its number. Line ends count as LF.
func checksums() (map[int64]string, error) {
	sums := make(map[int64]string)
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the migration %s has no number: %w", name, err)
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		sums[version] = checksum(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")))
	}
	for version, schema := range queueVersions {
		sums[version] = checksum(fmt.Appendf(nil, "queue %d", schema))
	}
	return sums, nil
}

func checksum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// store records a checksum with each migration that is applied, in the transaction that applies it.
type store struct {
	database.Store
	sums map[int64]string
}

func newStore() (*store, error) {
	inner, err := database.NewStore(database.DialectPostgres, versionTable)
	if err != nil {
		return nil, err
	}
	sums, err := checksums()
	return &store{inner, sums}, err
}

// CreateVersionTable makes the table with the column.
func (s *store) CreateVersionTable(ctx context.Context, db database.DBTxConn) error {
	if err := s.Store.CreateVersionTable(ctx, db); err != nil {
		return err
	}
	return addChecksumColumn(ctx, db)
}

func addChecksumColumn(ctx context.Context, db database.DBTxConn) error {
	for _, statement := range []string{
		`ALTER TABLE goose_db_version ADD COLUMN checksum text`,
		`COMMENT ON COLUMN goose_db_version.checksum IS 'SHA-256 of the migration as it was applied. A version with another migration of that number refuses the database.'`,
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// Insert records a migration that was applied.
func (s *store) Insert(ctx context.Context, db database.DBTxConn, r database.InsertRequest) error {
	_, err := db.ExecContext(ctx, `INSERT INTO goose_db_version (version_id, is_applied, checksum) VALUES ($1, true, nullif($2, ''))`, r.Version, s.sums[r.Version])
	return err
}

// Check returns a MismatchError if the database at url was made by other migrations than this version's. Like Status it
// writes nothing. A database without migrations is as it should be.
func Check(ctx context.Context, url string) (err error) {
	db, err := open(url)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	defer func() { _ = db.Close() }()
	return check(ctx, db)
}

// querier is a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func check(ctx context.Context, db querier) error {
	var columns int // of the version table
	var isSealed bool
	err := db.QueryRowContext(ctx, `
		SELECT count(*), count(*) FILTER (WHERE attname = 'checksum') > 0 FROM pg_attribute
		WHERE attrelid = to_regclass('goose_db_version') AND attnum > 0 AND NOT attisdropped`).Scan(&columns, &isSealed)
	if err != nil || columns == 0 {
		return err
	}
	if !isSealed {
		return checkUnsealed(ctx, db)
	}
	sums, err := checksums()
	if err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, `SELECT version_id, coalesce(checksum, '') FROM goose_db_version WHERE version_id > 0 ORDER BY version_id`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var version int64
		var applied string
		if err := rows.Scan(&version, &applied); err != nil {
			return err
		}
		switch ours, known := sums[version]; {
		case !known:
			return &MismatchError{version, fmt.Sprintf("the database has migration %05d, which this version doesn't know: a later version has brought it up to date. Run that version or a later one", version)}
		case ours != applied:
			return &MismatchError{version, fmt.Sprintf("the database had migration %05d in another form than this version has it: %s", version, rebuild)}
		}
	}
	return rows.Err()
}
