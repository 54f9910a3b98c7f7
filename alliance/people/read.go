package people

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// Read is that somebody read something of a person.
type Read struct {
	At         time.Time
	Role       string   // organiser, owner or cashier
	Party      string   // a merchant's code, or clearing.Organiser
	Credential string   // the ID of the key or session
	Operation  string   // of the API
	Fields     []string // the names of what was read
}

// readsAreKept is how long it is kept who read what.
const readsAreKept = 3 * 365 * 24 * time.Hour

// Record records a read of a person. It is called before what was read is handed out.
func (s *Store) Record(ctx context.Context, allianceID int64, member string, r Read) error {
	return clearing.Write(ctx, s.db, func(tx clearing.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO person_reads (alliance_id, member, read_at, role, party, credential, operation, fields)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, allianceID, member, r.At, r.Role, r.Party, r.Credential, r.Operation, r.Fields)
		return err
	})
}

// Reads returns who read what of a person: up to a limit, the newest first, of those numbered
// below one.
func Reads(ctx context.Context, db ledger.Querier, allianceID int64, member string, before int64, limit int) ([]NumberedRead, error) {
	rows, err := db.Query(ctx, `
		SELECT number, read_at, role, party, credential, operation, fields FROM person_reads
		WHERE alliance_id = $1 AND member = $2 AND number < $3 ORDER BY number DESC LIMIT $4`, allianceID, member, before, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r NumberedRead, err error) {
		err = row.Scan(&r.Number, &r.At, &r.Role, &r.Party, &r.Credential, &r.Operation, &r.Fields)
		r.At = r.At.UTC()
		return r, err
	})
}

// NumberedRead is a read with its place in the list.
type NumberedRead struct {
	Number int64
	Read
}

// Sweep deletes records of reads that are older than they are kept.
func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	return clearing.Write(ctx, s.db, func(tx clearing.Tx) error {
		_, err := tx.Exec(ctx, `
			DELETE FROM person_reads r USING alliances a WHERE r.alliance_id = a.alliance_id AND r.read_at < $1`, now.Add(-readsAreKept))
		return err
	})
}
