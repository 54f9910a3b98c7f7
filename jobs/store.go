package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/ledger"
)

// timezones returns the timezones of live circles.
func timezones(ctx context.Context, db ledger.Querier) ([]string, error) {
	rows, err := db.Query(ctx, `SELECT DISTINCT timezone FROM alliances WHERE mode = 'live' ORDER BY timezone`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// dueAlliances returns the live circles of a timezone, or of all if it is empty, in
// which something falls due at or before an instant.
func dueAlliances(ctx context.Context, db ledger.Querier, timezone string, asOf time.Time) ([]int64, error) {
	rows, err := db.Query(ctx, `
		SELECT h.alliance_id FROM heads h JOIN alliances a USING (alliance_id)
		WHERE a.mode = 'live' AND ($1 = '' OR a.timezone = $1) AND least(h.cutoff_at, h.next_due_at, h.deadline_at) <= $2
		ORDER BY h.alliance_id`, timezone, asOf)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
