package presentation

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// Printed is a number to be printed on a card. Its PIN is told this once.
type Printed struct {
	Number string
	PIN    string // "": it has none
}

// MakeNumbers makes numbers to be printed on cards, each with a PIN if wanted.
func MakeNumbers(ctx context.Context, db clearing.Database, allianceID int64, count int, withPIN bool, by string, now time.Time) ([]Printed, error) {
	printed := make([]Printed, count)
	pins := make([]hashedPIN, count)
	for i := range printed {
		if !withPIN {
			continue
		}
		pin, err := randomDigits(pinSize)
		if err != nil {
			return nil, err
		}
		printed[i].PIN, pins[i] = pin, hashPIN(pin)
	}
	err := clearing.Write(ctx, db, func(tx clearing.Tx) error {
		for i := range printed {
			number, err := insertNumber(ctx, tx, allianceID, now)
			if err != nil {
				return err
			}
			printed[i].Number = number
			if withPIN {
				if err := insertPIN(ctx, tx, allianceID, number, pins[i], by, now); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return printed, err
}

// insertNumber draws a number that no card has.
func insertNumber(ctx context.Context, tx clearing.Tx, allianceID int64, now time.Time) (string, error) {
	for range maxTries {
		number, err := newNumber()
		if err != nil {
			return "", err
		}
		tag, err := tx.Exec(ctx, `
			INSERT INTO card_numbers (alliance_id, number, made_at)
			SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM cards WHERE alliance_id = $1 AND card = $2) ON CONFLICT DO NOTHING`, allianceID, number, now)
		if err != nil || tag.RowsAffected() == 1 {
			return number, err
		}
	}
	return "", errDrawn
}

// SetPIN sets the PIN of a card, in place of the one that it had.
func SetPIN(ctx context.Context, db clearing.Database, allianceID int64, card, pin, by string, now time.Time) error {
	hashed := hashPIN(pin) // before there is a transaction: it takes a while
	return clearing.Write(ctx, db, func(tx clearing.Tx) error { return insertPIN(ctx, tx, allianceID, card, hashed, by, now) })
}

func insertPIN(ctx context.Context, tx clearing.Tx, allianceID int64, card string, pin hashedPIN, by string, now time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO card_pins (alliance_id, card, salt, pin_hash, set_at, set_by) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (alliance_id, card) DO UPDATE SET salt = excluded.salt, pin_hash = excluded.pin_hash, set_at = excluded.set_at, set_by = excluded.set_by`,
		allianceID, card, pin.salt[:], pin.hash[:], now, by)
	return err
}

// DeletePIN takes the PIN off a card. Done twice, it changes nothing.
func DeletePIN(ctx context.Context, db clearing.Database, allianceID int64, card string) error {
	return clearing.Write(ctx, db, func(tx clearing.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM card_pins WHERE alliance_id = $1 AND card = $2`, allianceID, card)
		return err
	})
}

// CheckPIN reports whether a text is the PIN of a card. It takes some ten milliseconds, also if
// the card has no PIN or there is no such card.
func CheckPIN(ctx context.Context, db ledger.Querier, allianceID int64, card, pin string) (bool, error) {
	rows, err := db.Query(ctx, `SELECT salt, pin_hash FROM card_pins WHERE alliance_id = $1 AND card = $2`, allianceID, card)
	if err != nil {
		return false, clearing.Unavailable(err)
	}
	kept, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h hashedPIN, err error) {
		var salt, hash []byte
		if err = row.Scan(&salt, &hash); err == nil {
			h = hashedPIN{Salt(salt), Digest(hash)}
		}
		return h, err
	})
	if err != nil {
		return false, clearing.Unavailable(err)
	}
	if len(kept) == 0 {
		hashedPIN{}.is(pin)
		return false, nil
	}
	return kept[0].is(pin), nil
}
