package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/merchant"
)

// PairingValid is how long the code that pairs a till can be used.
const PairingValid = 10 * time.Minute

// TillLasts is how long browsers keep the cookie of a paired till.
const TillLasts = 365 * 24 * time.Hour

// The types of events of the circle that tell of tills.
const (
	TillPaired  = "till.paired"
	TillRevoked = "till.revoked"
)

// Till is a device on which the cashiers of a shop sign in with a PIN.
type Till struct {
	ID         string // "til_" and 16 hexadecimal digits
	AllianceID int64
	Merchant   string
	Name       string // as it is in a till's API key: idempotency keys are kept under it
	MadeAt     time.Time
	PairedAt   time.Time // zero: its code waits
	ExpiresAt  time.Time // of a code that waits
}

const tillColumns = `till_id, alliance_id, merchant, till, made_at, paired_at, pair_expires_at`

func scanTill(row pgx.CollectableRow, more ...any) (Till, error) {
	var t Till
	var paired, expires *time.Time
	err := row.Scan(append([]any{&t.ID, &t.AllianceID, &t.Merchant, &t.Name, &t.MadeAt, &paired, &expires}, more...)...)
	t.MadeAt = t.MadeAt.UTC()
	if paired != nil {
		t.PairedAt = paired.UTC()
	} else if expires != nil {
		t.ExpiresAt = expires.UTC()
	}
	return t, err
}

func scanListedTill(row pgx.CollectableRow) (Till, error) { return scanTill(row) }

// OfferTill makes the code by which a device becomes a till, and returns it. It returns
// merchant.ErrMerchantUnknown.
func OfferTill(ctx context.Context, tx clearing.Tx, allianceID int64, shop, name string, now time.Time) (Till, string, error) {
	code := newPairingCode()
	t := Till{
		ID: newID("til_"), AllianceID: allianceID, Merchant: shop, Name: name,
		MadeAt: now.UTC().Truncate(time.Microsecond), ExpiresAt: now.Add(PairingValid).UTC().Truncate(time.Microsecond),
	}
	// A code that was never used makes room for the next.
	if _, err := tx.Exec(ctx, `
		DELETE FROM signin_tills WHERE alliance_id = $1 AND paired_at IS NULL AND (pair_expires_at <= $2 OR merchant = $3 AND till = $4)`, allianceID, now, shop, name); err != nil {
		return t, "", err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO signin_tills (alliance_id, till_id, merchant, till, pair_hash, pair_expires_at, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		allianceID, t.ID, shop, name, hashToken(code), t.ExpiresAt, t.MadeAt)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.ConstraintName == "signin_tills_merchant_fkey" {
		err = merchant.ErrMerchantUnknown
	}
	return t, code, err
}

// PairTill makes a device the till that a code was made for, and returns its token. The device
// that was this till before is it no more. The error is ErrRefused.
func PairTill(ctx context.Context, db clearing.Database, allianceID int64, code string, now time.Time) (t Till, token string, err error) {
	hash := hashToken(readPairingCode(code))
	err = clearing.Write(ctx, db, func(tx clearing.Tx) error {
		head, err := clearing.LockHead(ctx, tx, allianceID)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			SELECT `+tillColumns+` FROM signin_tills
			WHERE alliance_id = $1 AND pair_hash = $2 AND pair_expires_at > $3 AND paired_at IS NULL AND revoked_at IS NULL`, allianceID, hash, now)
		if err != nil {
			return err
		}
		if t, err = pgx.CollectExactlyOneRow(rows, scanListedTill); errors.Is(err, pgx.ErrNoRows) {
			return ErrRefused
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			UPDATE signin_tills SET revoked_at = $4 WHERE alliance_id = $1 AND merchant = $2 AND till = $3 AND paired_at IS NOT NULL AND revoked_at IS NULL`,
			allianceID, t.Merchant, t.Name, now); err != nil {
			return err
		}
		// The token says the number of its row, so the row gets a new one.
		number, text := newToken(tillPrefix, allianceID)
		was := t.ID
		t.ID, t.PairedAt, t.ExpiresAt, token = "til_"+number, now.UTC().Truncate(time.Microsecond), time.Time{}, text
		if _, err := tx.Exec(ctx, `
			UPDATE signin_tills SET till_id = $3, secret_hash = $4, paired_at = $5, pair_hash = NULL, pair_expires_at = NULL WHERE alliance_id = $1 AND till_id = $2`,
			allianceID, was, t.ID, hashToken(text), t.PairedAt); err != nil {
			return err
		}
		return clearing.RecordSetupEvent(ctx, tx, &head, t.event(TillPaired), now)
	})
	return t, token, err
}

func (t *Till) event(kind string) clearing.SetupEvent {
	return clearing.SetupEvent{Type: kind, Party: t.Merchant, Data: map[string]string{"till": t.Name, "device": t.ID}}
}

// AuthenticateTill returns the till whose token a device has, or ErrTillUnknown.
func AuthenticateTill(ctx context.Context, db ledger.Querier, text string) (Till, error) {
	allianceID, number, ok := readToken(tillPrefix, text)
	if !ok {
		return Till{}, ErrTillUnknown
	}
	rows, err := db.Query(ctx, `
		SELECT `+tillColumns+`, secret_hash FROM signin_tills
		WHERE alliance_id = $1 AND till_id = $2 AND secret_hash IS NOT NULL AND revoked_at IS NULL`, allianceID, "til_"+number)
	if err != nil {
		return Till{}, clearing.Unavailable(err)
	}
	var hash []byte
	t, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Till, error) { return scanTill(row, &hash) })
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return t, ErrTillUnknown
	case err != nil:
		return t, clearing.Unavailable(err)
	case subtle.ConstantTimeCompare(hash, hashToken(text)) != 1:
		return Till{}, ErrTillUnknown
	}
	return t, nil
}

// Tills lists the tills of a circle, or of one shop of it, by ID and beginning after one: those
// that are paired, and those whose code can still be used.
func Tills(ctx context.Context, db ledger.Querier, allianceID int64, shop string, now time.Time, after string, limit int) ([]Till, error) {
	rows, err := db.Query(ctx, `
		SELECT `+tillColumns+` FROM signin_tills
		WHERE alliance_id = $1 AND ($2 = '' OR merchant = $2) AND till_id > $3 AND revoked_at IS NULL AND (paired_at IS NOT NULL OR pair_expires_at > $4)
		ORDER BY till_id LIMIT $5`, allianceID, shop, after, now, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanListedTill)
}

// FindTill returns a till that is listed, or ErrTillUnknown.
func FindTill(ctx context.Context, db ledger.Querier, allianceID int64, id string) (Till, error) {
	rows, err := db.Query(ctx, `SELECT `+tillColumns+` FROM signin_tills WHERE alliance_id = $1 AND till_id = $2 AND revoked_at IS NULL`, allianceID, id)
	if err != nil {
		return Till{}, clearing.Unavailable(err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, scanListedTill)
	if errors.Is(err, pgx.ErrNoRows) {
		return t, ErrTillUnknown
	}
	return t, clearing.Unavailable(err)
}

// RevokeTill makes a device no till any more. The sessions on it are over, and those that act at this
// till on another device, which a link has opened.
func RevokeTill(ctx context.Context, tx clearing.Tx, allianceID int64, id string, now time.Time) error {
	head, err := clearing.LockHead(ctx, tx, allianceID)
	if err != nil {
		return err
	}
	t, err := FindTill(ctx, tx, allianceID, id)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE signin_tills SET revoked_at = $3 WHERE alliance_id = $1 AND till_id = $2`, allianceID, id, now); err != nil {
		return err
	}
	for _, statement := range []string{
		`UPDATE signin_links l SET used_at = $4 FROM signin_staff f
		WHERE l.alliance_id = $1 AND l.till = $3 AND l.used_at IS NULL AND f.alliance_id = $1 AND f.staff_id = l.staff_id AND f.merchant = $2`,
		`UPDATE signin_sessions s SET ended_at = $4 FROM signin_staff f
		WHERE s.alliance_id = $1 AND s.till = $3 AND s.till_id IS NULL AND s.ended_at IS NULL AND f.alliance_id = $1 AND f.staff_id = s.staff_id AND f.merchant = $2`,
	} {
		if _, err := tx.Exec(ctx, statement, allianceID, t.Merchant, t.Name, now); err != nil {
			return err
		}
	}
	return clearing.RecordSetupEvent(ctx, tx, &head, t.event(TillRevoked), now)
}
