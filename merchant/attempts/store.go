package attempts

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// Take counts an attempt of a subject under each limit. If one is exceeded it counts under
// none and returns a *TooManyError. The subject says nothing about a person: it is the ID of a
// key, a till, the digest of a telephone number.
func Take(ctx context.Context, db clearing.Database, allianceID int64, subject string, now time.Time, limits ...Limit) error {
	limits = slices.SortedFunc(slices.Values(limits), func(a, b Limit) int { return strings.Compare(a.Name, b.Name) })
	names := make([]string, len(limits))
	for i, l := range limits {
		names[i] = l.Name
	}
	return clearing.Write(ctx, db, func(tx clearing.Tx) error {
		// The rows are made first, and locked in the order of their names.
		if _, err := tx.Exec(ctx, `
			INSERT INTO attempts (alliance_id, subject, name, began_at, made, over_at)
			SELECT $1, $2, name, $4, 0, $4 FROM unnest($3::text[]) AS name ON CONFLICT DO NOTHING`, allianceID, subject, names, now); err != nil {
			return err
		}
		counts, err := read(ctx, tx, allianceID, subject, names, true)
		if err != nil {
			return err
		}
		if err := free(limits, counts, now); err != nil {
			return err
		}
		for _, l := range limits {
			c := l.taken(counts[l.Name], now)
			if _, err := tx.Exec(ctx, `
				UPDATE attempts SET began_at = $4, made = $5, locked_until = $6, over_at = $7
				WHERE alliance_id = $1 AND subject = $2 AND name = $3`, allianceID, subject, l.Name, c.began, c.made, instant(c.locked), l.over(c)); err != nil {
				return err
			}
		}
		// What is over makes room, a little at a time.
		_, err = tx.Exec(ctx, `
			DELETE FROM attempts WHERE (alliance_id, subject, name) IN (
			    SELECT alliance_id, subject, name FROM attempts WHERE alliance_id = $1 AND over_at < $2
			    ORDER BY over_at LIMIT 8 FOR UPDATE SKIP LOCKED)`, allianceID, now)
		return err
	})
}

// Check returns a *TooManyError if a subject may not try now. It counts nothing.
func Check(ctx context.Context, db clearing.Database, allianceID int64, subject string, now time.Time, limits ...Limit) error {
	names := make([]string, len(limits))
	for i, l := range limits {
		names[i] = l.Name
	}
	counts, err := read(ctx, db, allianceID, subject, names, false)
	if err != nil {
		return clearing.Unavailable(err)
	}
	return free(limits, counts, now)
}

// Clear forgets what a subject has tried, when it has succeeded.
func Clear(ctx context.Context, db clearing.Database, allianceID int64, subject string, limits ...Limit) error {
	return clearing.Write(ctx, db, func(tx clearing.Tx) error {
		for _, l := range limits {
			if _, err := tx.Exec(ctx, `DELETE FROM attempts WHERE alliance_id = $1 AND subject = $2 AND name = $3`, allianceID, subject, l.Name); err != nil {
				return err
			}
		}
		return nil
	})
}

// free returns a *TooManyError with the last instant at which all limits let the subject try
// again, if that is later than now.
func free(limits []Limit, counts map[string]count, now time.Time) error {
	at := now
	for _, l := range limits {
		if next := l.free(counts[l.Name], now); next.After(at) {
			at = next
		}
	}
	if at.After(now) {
		return &TooManyError{RetryAt: at}
	}
	return nil
}

func read(ctx context.Context, db ledger.Querier, allianceID int64, subject string, names []string, lock bool) (map[string]count, error) {
	query := `SELECT name, began_at, made, locked_until FROM attempts WHERE alliance_id = $1 AND subject = $2 AND name = ANY ($3) ORDER BY name`
	if lock {
		query += ` FOR UPDATE`
	}
	rows, err := db.Query(ctx, query, allianceID, subject, names)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]count)
	var name string
	var c count
	var locked *time.Time
	_, err = pgx.ForEachRow(rows, []any{&name, &c.began, &c.made, &locked}, func() error {
		c.locked = time.Time{}
		if locked != nil {
			c.locked = *locked
		}
		counts[name] = c
		return nil
	})
	return counts, err
}

func instant(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
