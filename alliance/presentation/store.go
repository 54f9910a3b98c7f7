package presentation

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

const (
	// kept is how long a code is kept after it has expired, so that a till is told that it has.
	kept = 24 * time.Hour
	// maxSwept is how many old codes go when one is issued.
	maxSwept = 64
	// maxTries is how often a number is drawn again that there is already.
	maxTries = 8
)

// errDrawn: all numbers that were drawn are taken. It says that the random numbers are none.
var errDrawn = errors.New("no free number was drawn")

// Order is a code that is asked for.
type Order struct {
	Card     string
	Member   string // who has it
	Merchant string // the only one where it is good; "": at all
	Most     int64  // in minor units; 0: no limit
	By       string // the caller
}

// Issue makes a code at an instant of the server's clock. Its texts are told this once. It also
// deletes some that have expired long ago, which keeps the table as small as a day's codes.
func Issue(ctx context.Context, db clearing.Database, allianceID int64, o Order, now time.Time) (Secret, Issued, error) {
	salt, err := saltOf(ctx, db, allianceID)
	if err != nil {
		return Secret{}, Issued{}, clearing.Unavailable(err)
	}
	issued := Issued{Card: o.Card, Member: o.Member, Merchant: o.Merchant, Most: o.Most, IssuedAt: now.UTC().Truncate(time.Microsecond)}
	issued.ExpiresAt = issued.IssuedAt.Add(Life)
	for range maxTries {
		secret, err := newSecret()
		if err != nil {
			return secret, issued, err
		}
		issued.Digest, _ = digestText(secret.Text)
		done, err := insert(ctx, db, allianceID, o, &issued, digestDigits(salt, secret.Digits))
		if err != nil || done {
			return secret, issued, err
		}
	}
	return Secret{}, issued, errDrawn
}

// insert keeps a code. It returns false if its digits are taken.
func insert(ctx context.Context, db clearing.Database, allianceID int64, o Order, i *Issued, digits Digest) (done bool, err error) {
	row := pgx.NamedArgs{
		"alliance": allianceID, "code": i.Digest[:], "digits": digits[:], "card": i.Card, "member": i.Member, "merchant": nil, "most": nil,
		"issued_at": i.IssuedAt, "by": o.By, "expires_at": i.ExpiresAt,
	}
	if i.Merchant != "" {
		row["merchant"] = i.Merchant
	}
	if i.Most > 0 {
		row["most"] = i.Most
	}
	err = clearing.Write(ctx, db, func(tx clearing.Tx) error {
		tag, err := tx.Exec(ctx, `
			INSERT INTO card_codes (alliance_id, code_hash, digits_hash, card, member, merchant, most, issued_at, issued_by, expires_at)
			VALUES (@alliance, @code, @digits, @card, @member, @merchant, @most, @issued_at, @by, @expires_at) ON CONFLICT DO NOTHING`, row)
		if err != nil {
			return err
		}
		done = tag.RowsAffected() == 1
		return sweep(ctx, tx, allianceID, i.IssuedAt)
	})
	return done, err
}

// sweep deletes some codes that have expired long ago.
func sweep(ctx context.Context, tx clearing.Tx, allianceID int64, now time.Time) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM card_codes WHERE (alliance_id, code_hash) IN (
		    SELECT alliance_id, code_hash FROM card_codes WHERE alliance_id = $1 AND expires_at < $2
		    ORDER BY expires_at LIMIT $3 FOR UPDATE SKIP LOCKED)`, allianceID, now.Add(-kept), maxSwept)
	return err
}

// saltOf returns the salt of a circle's codes, and makes it if there is none.
func saltOf(ctx context.Context, db ledger.Querier, allianceID int64) (salt Salt, err error) {
	if salt, known, err := findSalt(ctx, db, allianceID); known || err != nil {
		return salt, err
	}
	rand.Read(salt[:]) // it never fails
	rows, err := db.Query(ctx, `INSERT INTO card_code_salts (alliance_id, salt) VALUES ($1, $2) ON CONFLICT DO NOTHING`, allianceID, salt[:])
	if err != nil {
		return salt, err
	}
	if rows.Close(); rows.Err() != nil {
		return salt, rows.Err()
	}
	salt, _, err = findSalt(ctx, db, allianceID) // perhaps another's
	return salt, err
}

func findSalt(ctx context.Context, db ledger.Querier, allianceID int64) (Salt, bool, error) {
	rows, err := db.Query(ctx, `SELECT salt FROM card_code_salts WHERE alliance_id = $1`, allianceID)
	if err != nil {
		return Salt{}, false, err
	}
	salt, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]byte])
	if errors.Is(err, pgx.ErrNoRows) || err != nil {
		return Salt{}, false, ignoreNone(err)
	}
	return Salt(salt), true, nil
}

func ignoreNone(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

// Find returns the code that a text stands for, that of a QR code or eight digits, nil if there
// is none, and the digest under which an order carries it. Hashing digits takes some
// milliseconds.
func Find(ctx context.Context, db ledger.Querier, allianceID int64, text string) (Digest, *Issued, error) {
	column := "code_hash"
	digest, ok := digestText(text)
	if IsDigits(text) {
		column = "digits_hash"
		salt, known, err := findSalt(ctx, db, allianceID)
		if err != nil || !known {
			return Digest{}, nil, clearing.Unavailable(err)
		}
		digest, ok = digestDigits(salt, text), true
	}
	if !ok {
		return Digest{}, nil, nil
	}
	rows, err := db.Query(ctx, `SELECT `+Columns+` FROM card_codes WHERE alliance_id = $1 AND `+column+` = $2`, allianceID, digest[:])
	if err != nil {
		return Digest{}, nil, clearing.Unavailable(err)
	}
	issued, err := pgx.CollectExactlyOneRow(rows, Scan)
	switch {
	case errors.Is(err, pgx.ErrNoRows) && column == "code_hash":
		return digest, nil, nil
	case err != nil:
		return Digest{}, nil, clearing.Unavailable(ignoreNone(err))
	}
	return issued.Digest, &issued, nil
}

// Columns are the columns of card_codes that Scan reads.
const Columns = `code_hash, card, member, coalesce(merchant, ''), coalesce(most, 0), issued_at, expires_at, coalesce(used_seq, 0)`

// Scan reads a code.
func Scan(row pgx.CollectableRow) (i Issued, err error) {
	var digest []byte
	err = row.Scan(&digest, &i.Card, &i.Member, &i.Merchant, &i.Most, &i.IssuedAt, &i.ExpiresAt, &i.UsedSeq)
	if err == nil {
		i.Digest = Digest(digest)
	}
	i.IssuedAt, i.ExpiresAt = i.IssuedAt.UTC(), i.ExpiresAt.UTC()
	return i, err
}
