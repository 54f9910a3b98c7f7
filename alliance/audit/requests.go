package audit

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
)

// checkRequests checks that every command was booked for one request, and that
// the stored answer names the transaction.
func (a *auditor) checkRequests(ctx context.Context) error {
	var looked int
	err := a.db.QueryRow(ctx, `SELECT count(*) FROM requests WHERE alliance_id = $1`, a.head.Alliance.ID).Scan(&looked)
	if err != nil {
		return err
	}
	a.looked(answered, looked)
	unasked := a.withoutRequest()
	for _, c := range []struct {
		fault, sql string
		args       []any
	}{
		{"request %q answers with a transaction that does not exist or is another's", `
			SELECT r.caller || ' ' || r.key FROM requests r
			LEFT JOIN LATERAL (SELECT seq, type FROM transactions WHERE alliance_id = $1 AND seq = r.seq OFFSET 0) t ON true
			WHERE r.alliance_id = $1 AND r.seq IS NOT NULL
			  AND (t.seq IS NULL OR r.answer::json ->> 'transaction' IS DISTINCT FROM 'txn_' || t.seq OR r.answer::json ->> 'type' IS DISTINCT FROM t.type)
			ORDER BY 1 LIMIT 100`, nil},
		{"request %q was refused, and its answer says something else", `
			SELECT caller || ' ' || key FROM requests
			WHERE alliance_id = $1 AND seq IS NULL AND answer::json ->> 'code' IS DISTINCT FROM refusal
			ORDER BY 1 LIMIT 100`, nil},
		{"transaction %q was booked for no request", `
			SELECT seq::text FROM (
			    SELECT seq FROM transactions
			    WHERE alliance_id = $1 AND NOT type = ANY ($2)
			    EXCEPT SELECT seq FROM requests WHERE alliance_id = $1) s
			ORDER BY seq LIMIT 100`, []any{unasked}},
		{"transaction %q is the answer to several requests", `
			SELECT seq::text FROM requests WHERE alliance_id = $1 AND seq IS NOT NULL
			GROUP BY seq HAVING count(*) > 1 ORDER BY seq LIMIT 100`, nil},
	} {
		rows, err := a.db.Query(ctx, c.sql, append([]any{a.head.Alliance.ID}, c.args...)...)
		if err != nil {
			return err
		}
		named, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, name := range named {
			a.fault(answered, c.fault, name)
		}
	}
	return nil
}

// withoutRequest returns the types of transactions that come about without a request of
// their own.
func (a *auditor) withoutRequest() []ledger.Type {
	types := settlement.WithoutRequest()
	for _, kind := range a.registry.Kinds() {
		if kind.Command == nil {
			types = append(types, kind.Type)
		}
	}
	return slices.AppendSeq(types, maps.Keys(window.Labels()))
}
