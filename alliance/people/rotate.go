package people

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance/people/keyring"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/message"
)

// rotateAtOnce is how many persons are wrapped again in one transaction.
const rotateAtOnce = 100

// Rotate wraps the keys of all persons with the ring's newest key, and makes their indexes
// anew. The ring holds the older key too. It goes on where an earlier one stopped, and returns
// how many persons it changed. When it returns, nothing needs the older key.
func Rotate(ctx context.Context, db clearing.Database, ring *keyring.Ring, now time.Time) (int, error) {
	err := clearing.Write(ctx, db, func(tx clearing.Tx) error {
		var known string
		err := tx.QueryRow(ctx, `SELECT fingerprint FROM people_master_key FOR UPDATE`).Scan(&known)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			_, err = tx.Exec(ctx, `INSERT INTO people_master_key (fingerprint, since) VALUES ($1, $2)`, ring.Fingerprint(), now)
			return err
		case err != nil:
			return err
		case !ring.Holds(known):
			return message.Wrap("%v: the database's has the fingerprint %s", ErrOtherKey, known)
		}
		_, err = tx.Exec(ctx, `UPDATE people_master_key SET fingerprint = $1, since = $2 WHERE fingerprint <> $1`, ring.Fingerprint(), now)
		return err
	})
	if err != nil {
		return 0, err
	}
	// From here on nobody seals with the older key.
	for total := 0; ; {
		n, err := rotateSome(ctx, db, ring)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

type unrotated struct {
	allianceID       int64
	member           string
	wrapped, details []byte
}

func rotateSome(ctx context.Context, db clearing.Database, ring *keyring.Ring) (int, error) {
	done := 0
	err := clearing.Write(ctx, db, func(tx clearing.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT alliance_id, member, wrapped_key, details FROM persons WHERE master_key <> $1
			ORDER BY alliance_id, member LIMIT $2 FOR UPDATE`, ring.Fingerprint(), rotateAtOnce)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (u unrotated, err error) {
			return u, row.Scan(&u.allianceID, &u.member, &u.wrapped, &u.details)
		})
		if err != nil {
			return err
		}
		for _, u := range found {
			if err := rotate(ctx, tx, ring, u); err != nil {
				return fmt.Errorf("member %s: %w", u.member, err)
			}
		}
		done = len(found)
		return nil
	})
	return done, err
}

func rotate(ctx context.Context, tx clearing.Tx, ring *keyring.Ring, u unrotated) error {
	key, err := ring.Unwrap(u.wrapped, owner(u.allianceID, u.member))
	if err != nil {
		return err
	}
	d, err := open(key, u.details)
	if err != nil {
		return err
	}
	wrapped, err := ring.Wrap(key, owner(u.allianceID, u.member))
	if err != nil {
		return err
	}
	index, err := ring.Index(telephoneIndex, indexed(u.allianceID, d.Telephone))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE persons SET wrapped_key = $3, telephone_index = $4, master_key = $5 WHERE alliance_id = $1 AND member = $2`,
		u.allianceID, u.member, wrapped, index, ring.Fingerprint())
	return err
}
