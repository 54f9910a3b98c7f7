package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/ledger"
)

// foresee extends the time up to which all due work is in memory, as far as the head
// shows it without a query.
func (c *allianceState) foresee(through time.Time) {
	for _, until := range []time.Time{through.Add(dueAhead), through} {
		if c.state.Due.Until.Before(until) && c.LoadedThrough(until) {
			c.state.Due.Until = until
		}
	}
}

// LoadedThrough reports whether all that falls due at or before an instant is in memory.
func (c *allianceState) LoadedThrough(through time.Time) bool {
	return !c.state.Due.Until.Before(through) || c.head.NextDueAt.IsZero() || c.head.NextDueAt.After(through)
}

// LoadDue reads the work that falls due up to an instant and for a while after it, the
// earliest first.
func (c *allianceState) LoadDue(ctx context.Context, db ledger.Session, through time.Time) error {
	if c.LoadedThrough(through) {
		return nil
	}
	until := through.Add(dueAhead)
	rows, err := db.Query(ctx, `
		SELECT t.*, d.due_at, d.rank, d.kind, d.part
		FROM (SELECT due_at, rank, kind, subject, part FROM due WHERE alliance_id = $1 AND due_at <= $2
		      ORDER BY due_at, rank, subject, part LIMIT $3) d,
		LATERAL (SELECT `+ledger.TransactionColumns+` FROM transactions WHERE alliance_id = $1 AND seq = d.subject OFFSET 0) t
		ORDER BY d.due_at, d.rank, d.subject, d.part`, c.allianceID, until, maxDue)
	if err != nil {
		return err
	}
	defer rows.Close()
	var due []alliance.DueWork
	for rows.Next() {
		work, err := c.scanDue(rows)
		if err != nil {
			return err
		}
		due = append(due, work)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(due) == maxDue {
		until = due[maxDue-1].At
	}
	c.state.Due = alliance.Agenda{Until: until}
	for _, work := range due {
		c.state.Due.Push(work)
	}
	if len(due) == maxDue {
		c.state.Due.Until = until.Add(-time.Microsecond) // there may be more at that instant
	}
	return nil
}

// scanDue reads due work. The row says when it is due and identifies it; the transaction
// that caused it has the rest.
func (c *allianceState) scanDue(rows pgx.Rows) (alliance.DueWork, error) {
	var at time.Time
	var key alliance.DueKey
	var name ledger.Type
	t, err := ledger.ScanTransaction(rows, c.head.Alliance.Currency, &at, &key.Rank, &name, &key.Part)
	if err != nil {
		return alliance.DueWork{}, err
	}
	key.Subject = t.Seq
	r, err := alliance.DecodeRecord(t)
	if err != nil {
		return alliance.DueWork{}, err
	}
	if kind := c.state.Registry.Kind(r.Type); kind != nil && kind.Schedules != nil {
		for _, work := range kind.Schedules(&r) {
			if work.Kind == name && work.Key() == key && work.At.Equal(at) {
				return work, nil
			}
		}
	}
	return alliance.DueWork{}, fmt.Errorf("%s, a %q, brings about no %q at %s", ledger.ID(t.Seq), t.Type, name, at)
}
