package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// keptBalances sums what is kept of every account of the chart by its kind, debit positive: shared accounts in balances, those of
// cards and members in their rows. What members' payouts hold is what is left of the commission of months that are not done.
const keptBalances = `
	WITH kept (account, balance) AS (
	    SELECT account::text, sum(balance) FROM balances WHERE alliance_id = $1 GROUP BY account
	    UNION ALL
	    SELECT v.* FROM (SELECT sum(value) AS value, sum(bonus) AS bonus, sum(pool) AS pool FROM cards WHERE alliance_id = $1) c,
	        LATERAL (VALUES ('card_value', -c.value), ('card_bonus', -c.bonus), ('card_pool', -c.pool)) v
	    UNION ALL
	    SELECT v.* FROM (SELECT sum(pending) AS pending, sum(payable) AS payable FROM members WHERE alliance_id = $1) m,
	        LATERAL (VALUES ('commission_pending', -m.pending), ('commission_payable', -m.payable)) v
	    UNION ALL
	    SELECT 'payouts', -sum(o.amount - o.carried - o.paid)
	    FROM settlements s JOIN obligations o USING (alliance_id, period)
	    WHERE s.alliance_id = $1 AND s.undone > 0 AND o.kind = 'commission')
	SELECT account, coalesce(balance, 0)::bigint FROM kept`

// TrialBalance returns the trial balance by what is kept of the accounts, so that it reads a row a card and member, and none of the
// log. It returns an error if the balances don't sum to zero, and [ledger.TrialBalance] then tells which is wrong.
func TrialBalance(ctx context.Context, db ledger.Querier, al clearing.Alliance) ([]ledger.Line, error) {
	rows, err := db.Query(ctx, keptBalances, al.ID)
	if err != nil {
		return nil, err
	}
	sums := make(map[ledger.Kind]int64)
	var name string
	var balance, total int64
	_, err = pgx.ForEachRow(rows, []any{&name, &balance}, func() error {
		kind, err := ledger.ParseKind(name)
		sums[kind] += balance
		total += balance
		return err
	})
	if err == nil && total != 0 {
		err = fmt.Errorf("the balances kept of %s sum to %d minor units, and not to zero", al.Code, total)
	}
	return ledger.TrialBalanceOf(sums, al.Currency), err
}
