package people

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
)

// Erase destroys what is kept of a person: its key and with it all that the key seals, and the
// bank account that the organiser noted for the member. What stays is the member's code. Erasing
// twice changes nothing and returns when it was done. It returns ErrNoPerson, or
// ErrNotRemembered if there is no journal.
func (s *Store) Erase(ctx context.Context, al clearing.Alliance, member string, now time.Time) (time.Time, error) {
	if s.journal == nil {
		return time.Time{}, ErrNotRemembered
	}
	at := now.UTC().Truncate(time.Microsecond)
	err := clearing.Write(ctx, s.db, func(tx clearing.Tx) error {
		if _, err := clearing.LockHead(ctx, tx, al.ID); err != nil {
			return err
		}
		var known bool
		err := tx.QueryRow(ctx, `SELECT true FROM persons WHERE alliance_id = $1 AND member = $2 FOR UPDATE`, al.ID, member).Scan(&known)
		if errors.Is(err, pgx.ErrNoRows) {
			err = tx.QueryRow(ctx, `SELECT erased_at FROM erasures WHERE alliance_id = $1 AND member = $2`, al.ID, member).Scan(&at)
			if errors.Is(err, pgx.ErrNoRows) {
				err = ErrNoPerson
			}
			at = at.UTC()
			return err
		}
		if err != nil {
			return err
		}
		if err := s.destroy(ctx, tx, al.ID, member, at); err != nil {
			return err
		}
		// Last, so that nothing can refuse after it but the commit. If that fails the erasure
		// is carried out by the next Sync: it was asked for.
		if err := s.journal.Remember(Erasure{al.Code, member, at}); err != nil {
			return fmt.Errorf("%w: %w", ErrNotRemembered, err)
		}
		return nil
	})
	return at, err
}

// destroy erases a person in a transaction that has locked the head.
func (s *Store) destroy(ctx context.Context, tx clearing.Tx, allianceID int64, member string, at time.Time) error {
	if _, err := tx.Exec(ctx, `DELETE FROM persons WHERE alliance_id = $1 AND member = $2`, allianceID, member); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO erasures (alliance_id, member, erased_at) VALUES ($1, $2, $3)`, allianceID, member, at)
	if err != nil {
		return err
	}
	err = settlement.DeleteAccount(ctx, tx, allianceID, settlement.Payee{Member: true, Code: member}, at)
	if err != nil && !errors.Is(err, settlement.ErrNoAccount) {
		return err
	}
	for _, erase := range s.erasing {
		if err := erase(ctx, tx, allianceID, member, at); err != nil {
			return err
		}
	}
	return nil
}

// Sync brings database and journal to the same erasures: what another process erased gets into
// this one's journal, and what a restored database has forgotten is erased again.
func (s *Store) Sync(ctx context.Context) error {
	if s.journal == nil {
		return nil
	}
	done, err := Erasures(ctx, s.db)
	if err != nil {
		return err
	}
	if err := s.journal.Remember(done...); err != nil {
		return err
	}
	remembered, err := s.journal.Erasures()
	if err != nil {
		return err
	}
	has := make(map[[2]string]bool, len(done))
	for _, e := range done {
		has[e.key()] = true
	}
	for _, e := range remembered {
		if has[e.key()] {
			continue
		}
		if err := s.again(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// again carries out an erasure that the database has forgotten. A database that has forgotten
// the whole circle has nobody to erase.
func (s *Store) again(ctx context.Context, e Erasure) error {
	id := clearing.AllianceID(e.Circle)
	err := clearing.Write(ctx, s.db, func(tx clearing.Tx) error {
		if _, err := clearing.LockHead(ctx, tx, id); err != nil {
			return err
		}
		err := RefuseErased(ctx, tx, id, e.Member)
		if err == nil {
			err = s.destroy(ctx, tx, id, e.Member, e.At)
		}
		return err
	})
	if errors.Is(err, clearing.ErrNoAlliance) || errors.Is(err, ErrErased) {
		return nil
	}
	return err
}

// Erasures returns the erasures of all circles that a database knows, the oldest first.
func Erasures(ctx context.Context, db ledger.Querier) ([]Erasure, error) {
	rows, err := db.Query(ctx, `
		SELECT a.code, e.member, e.erased_at FROM erasures e JOIN alliances a USING (alliance_id) ORDER BY e.erased_at, a.code, e.member`)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Erasure, error) {
		var e Erasure
		err := row.Scan(&e.Circle, &e.Member, &e.At)
		e.At = e.At.UTC()
		return e, err
	})
	return found, clearing.Unavailable(err)
}
