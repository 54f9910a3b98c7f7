package main

import (
	"bytes"
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
)

// scan reads whole numbers from the books.
func (r *rush) scan(query string, into ...any) {
	r.Helper()
	require.NoError(r, r.pool.QueryRow(context.WithoutCancel(r.Context()), query).Scan(into...))
}

// limitsKept checks the limits by the log and by the sums that are kept, whatever was told.
func (r *rush) limitsKept() {
	r.Helper()
	var redeemed, sum, gifts, committed, most, over int64
	r.scan(`SELECT count(*) FROM transactions WHERE type = 'item.redeemed'`, &redeemed)
	r.scan(`SELECT coalesce(sum(redeemed), 0)::bigint FROM item_sums`, &sum)
	require.Equal(r, redeemed, sum, "redeemed")
	require.LessOrEqual(r, redeemed, int64(stock))
	r.scan(`SELECT count(*) FROM transactions WHERE type = 'gift.granted'`, &gifts)
	r.scan(`SELECT coalesce(sum(committed), 0)::bigint FROM campaign_sums`, &committed)
	require.Equal(r, gifts*giftMinor, committed, "committed")
	require.LessOrEqual(r, committed, int64(budgetMinor))
	r.scan(`SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM transactions WHERE type = 'gift.granted' GROUP BY member) g`, &most)
	require.LessOrEqual(r, most, int64(perMember))
	r.scan(`
		SELECT count(*) FROM cards c
		WHERE c.held > c.value + c.bonus OR least(c.value, c.bonus, c.held, c.points) < 0 OR c.held <>
		      (SELECT coalesce(sum(h.amount), 0) FROM holds h WHERE h.alliance_id = c.alliance_id AND h.card = c.card AND h.state = 'open')`, &over)
	require.Zero(r, over, "cards that reserve more than they hold")
}

// judge checks that what the callers were told is what is in the books, once.
func (r *rush) judge() {
	r.Helper()
	ctx := context.WithoutCancel(r.Context())
	r.limitsKept()
	rows, err := r.pool.Query(ctx, `SELECT key, 'txn_' || seq FROM requests WHERE seq IS NOT NULL AND key LIKE 'caller-%'`)
	require.NoError(r, err)
	booked := make(map[string]string)
	var key, transaction string
	_, err = pgx.ForEachRow(rows, []any{&key, &transaction}, func() error {
		booked[key] = transaction
		return nil
	})
	require.NoError(r, err)
	require.Equal(r, booked, r.booked)
	for kind, what := range map[string]string{
		"item.redeemed": "item", "gift.granted": "gift", "hold.placed": "hold", "hold.captured": "capture", "hold.voided": "void", "value.spent": "spend",
	} {
		var n int
		r.scan(`SELECT count(*) FROM transactions WHERE type = '`+kind+`'`, &n)
		require.Equal(r, n, r.counted[what], kind)
		require.GreaterOrEqual(r, n, 20, "%s: too few to say anything: %v", kind, r.counted)
	}
	require.Equal(r, stock, r.counted["item"], "all are handed out, and no more")
	require.Equal(r, budgetMinor/giftMinor, r.counted["gift"], "the budget is used up, and no more")
	require.Equal(r, perMember, r.members["K00"])
	var value, held, points int64
	open := int64(0)
	for _, still := range r.holds {
		if still {
			open += holdMinor
		}
	}
	r.scan(`SELECT sum(value)::bigint, sum(held)::bigint FROM cards WHERE card LIKE 'H%'`, &value, &held)
	require.EqualValues(r, scarceCards*scarceMinor-r.spent, value)
	require.Equal(r, open, held)
	r.scan(`SELECT sum(points)::bigint FROM cards`, &points)
	require.EqualValues(r, tills*1000-stock*itemPoints, points, "points")
	report, err := audit.Run(ctx, r.pool, alliance.Standard(), r.alliance.ID)
	require.NoError(r, err)
	var printed bytes.Buffer
	require.NoError(r, report.Print(&printed))
	require.True(r, report.Clean(), printed.String())
	r.Logf("%d callers were told %v", callers, r.counted)
}
