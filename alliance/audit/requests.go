package audit

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// checkRequests checks that every command was booked for one request, and that
// the stored answer names the transaction.
func (a *auditor) checkRequests(ctx context.Context) error {
	var looked int
	err := a.db.QueryRow(ctx, `SELECT count(*) FROM requests WHERE alliance_id = $1`, a.head.Circle.ID).Scan(&looked)
	if err != nil {
		return err
	}
	a.looked(answered, looked)
	for _, c := range []struct{ fault, sql string }{
		{"request %q answers with a transaction that does not exist or is another's", `
			SELECT r.caller || ' ' || r.key FROM requests r
			LEFT JOIN LATERAL (SELECT seq, type FROM transactions WHERE alliance_id = $1 AND seq = r.seq OFFSET 0) t ON true
			WHERE r.alliance_id = $1 AND r.seq IS NOT NULL
			  AND (t.seq IS NULL OR r.answer::json ->> 'transaction' IS DISTINCT FROM 'txn_' || t.seq OR r.answer::json ->> 'type' IS DISTINCT FROM t.type)
			ORDER BY 1 LIMIT 100`},
		{"request %q was refused, and its answer says something else", `
			SELECT caller || ' ' || key FROM requests
			WHERE alliance_id = $1 AND seq IS NULL AND answer::json ->> 'code' IS DISTINCT FROM refusal
			ORDER BY 1 LIMIT 100`},
		{"transaction %q was booked for no request", `
			SELECT seq::text FROM (
			    SELECT seq FROM transactions
			    WHERE alliance_id = $1 AND type NOT IN ('commission.released', 'card.expired', 'window.closed', 'commission.paid',
			          'pool.paid_in', 'deposit.released', 'settlement.approved', 'payment.reminded', 'payment.defaulted', 'shop.left',
			          'payment.received', 'payout.confirmed', 'payout.returned', 'statement.line_unmatched') -- the last four: lines of a statement
			    EXCEPT SELECT seq FROM requests WHERE alliance_id = $1) s
			ORDER BY seq LIMIT 100`},
		{"transaction %q is the answer to several requests", `
			SELECT seq::text FROM requests WHERE alliance_id = $1 AND seq IS NOT NULL
			GROUP BY seq HAVING count(*) > 1 ORDER BY seq LIMIT 100`},
	} {
		rows, err := a.db.Query(ctx, c.sql, a.head.Circle.ID)
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
