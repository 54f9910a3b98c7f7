package migrations_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Cards get the sums that a refund goes by out of the log: the top-ups that stand, and how many of their uses rule out a refund in
// the cooling-off time. Two circles have cards of the same codes. The log is as that version wrote it: an amount of zero is left out
// of the facts, a spend that was reversed in part keeps a row in reversed that is not in full, and a window is closed.
func TestCardsGetTheirSumsFromTheLog(t *testing.T) {
	t.Parallel()
	db, migrate := before(t, 15)
	_, err := db.ExecContext(t.Context(), `
		ALTER TABLE transactions DISABLE TRIGGER USER;
		INSERT INTO alliances VALUES (1, 'pier', 'Pier', 'CNY', 'Asia/Shanghai', 'live', '2026-01-01'), (2, 'quay', 'Quay', 'CNY', 'Asia/Shanghai', 'live', '2026-01-01');
		INSERT INTO windows VALUES (1, '2026-09', '2026-09-01', '2026-10-01', 1, 12), (1, '2026-10', '2026-10-01', '2026-11-01', 13, NULL), (2, '2026-10', '2026-10-01', '2026-11-01', 1, NULL);
		INSERT INTO transactions (alliance_id, seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous,
		                          merchants, merchants_before, accounts, amounts, facts, hash)
		SELECT circle, seq, type, '2026-09-02', CASE WHEN circle = 1 AND seq <= 12 THEN '2026-09' ELSE '2026-10' END, 1, card, 'gym', 'gym', '', corrects, 0, '{}', '{}', '{}', '{}', facts::json, sha256('')
		FROM (VALUES
			(1, 1, 'card.sold', 'new', 0, '{"product":"guest","joined":true,"amount":19900}'),
			(1, 2, 'card.sold', 'full', 0, '{"product":"guest","amount":19900}'),
			-- full: two top-ups stand, one of them without a bonus, and one was reversed in the next window.
			(1, 3, 'card.topped_up', 'full', 0, '{"amount":100000,"bonus":5000,"bonus_funded_by":"organiser"}'),
			(1, 4, 'card.topped_up', 'full', 0, '{"amount":20000}'),
			(1, 5, 'card.topped_up', 'full', 0, '{"amount":70000,"bonus":700,"bonus_funded_by":"shop"}'),
			-- Spends: one whole, one reversed in part, one reversed in two parts in full.
			(1, 6, 'value.spent', 'full', 0, '{"amount":3000}'),
			(1, 7, 'value.spent', 'full', 0, '{"amount":4000}'),
			(1, 8, 'value.spent', 'full', 0, '{"amount":5000}'),
			(1, 9, 'reversed', 'full', 7, '{"amount":1500}'),
			(1, 10, 'reversed', 'full', 8, '{"amount":2000}'),
			(1, 11, 'reversed', 'full', 8, '{"amount":3000,"in_full":true}'),
			-- Purchases, a pass, a coupon and points, of which some were reversed.
			(1, 12, 'purchase.recorded', 'full', 0, '{"amount":26880,"points":268}'),
			(1, 13, 'purchase.recorded', 'full', 0, '{"amount":1000,"points":10}'),
			(1, 14, 'reversed', 'full', 13, '{"amount":0,"points":-10,"in_full":true}'),
			(1, 15, 'pass.used', 'full', 0, '{"amount":800,"benefit":"bath","uses":1}'),
			(1, 16, 'pass.used', 'full', 0, '{"amount":1600,"benefit":"bath","uses":2}'),
			(1, 17, 'reversed', 'full', 16, '{"benefit":"bath","uses":-2,"in_full":true}'),
			(1, 18, 'coupon.used', 'full', 0, '{"amount":6000,"benefit":"ten","uses":1}'),
			(1, 19, 'points.spent', 'full', 0, '{"points":-100}'),
			(1, 20, 'reversed', 'full', 5, '{"in_full":true}'),
			-- gone: its top-up and then its sale were reversed.
			(1, 21, 'card.sold', 'gone', 0, '{"product":"guest","amount":19900}'),
			(1, 22, 'card.topped_up', 'gone', 0, '{"amount":500,"bonus":5,"bonus_funded_by":"organiser"}'),
			(1, 23, 'reversed', 'gone', 22, '{"in_full":true}'),
			(1, 24, 'reversed', 'gone', 21, '{"in_full":true}'),
			-- kept: nothing on it but a top-up and a purchase; frozen since, and expired, which keeps value.
			(1, 25, 'card.sold', 'kept', 0, '{"product":"guest","amount":19900}'),
			(1, 26, 'card.topped_up', 'kept', 0, '{"amount":12345,"bonus":1}'),
			(1, 27, 'purchase.recorded', 'kept', 0, '{"amount":4200,"points":42}'),
			(1, 28, 'card.frozen', 'kept', 0, '{}'), (1, 29, 'card.unfrozen', 'kept', 0, '{}'), (1, 30, 'card.expired', 'kept', 0, '{"sale_seq":25}'),
			(1, 31, 'commission.released', '', 0, '{"sale_seq":25,"level":1}'),
			-- Another circle, of which transaction 3 stands, while 3's namesakes and 5 don't.
			(2, 1, 'card.sold', 'full', 0, '{"product":"guest","amount":100}'),
			(2, 2, 'value.spent', 'full', 0, '{"amount":300}'),
			(2, 3, 'card.topped_up', 'full', 0, '{"amount":900}'),
			(2, 4, 'card.topped_up', 'full', 0, '{"amount":11,"bonus":2}'),
			(2, 5, 'card.topped_up', 'full', 0, '{"amount":40,"bonus":4}'),
			(2, 6, 'reversed', 'full', 4, '{"in_full":true}')
		) AS t (circle, seq, type, card, corrects, facts);
		INSERT INTO reversed VALUES (1, 7, 1500, false), (1, 8, 5000, true), (1, 13, 0, true), (1, 16, 0, true), (1, 5, 0, true), (1, 22, 0, true), (1, 21, 0, true), (2, 4, 0, true);
		INSERT INTO cards (alliance_id, card, product, member, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired, value, bonus, pool, points, unreversed, uses_left, last_seq)
		VALUES (1, 'new', 'guest', 'ann', 'gym', 1, '2026-09-02', NULL, false, false, false, 0, 0, 10000, 0, 0, '{5}', 1),
		       -- Standing: top-ups 3 and 4, spends 6 and 7, purchase 12, pass 15, coupon 18, points 19.
		       (1, 'full', 'guest', 'bo', 'gym', 2, '2026-09-02', '2027-09-02', false, false, false, 114500, 5000, 9200, 168, 8, '{4}', 20),
		       (1, 'gone', 'guest', 'cy', 'gym', 21, '2026-10-02', NULL, true, false, false, 0, 0, 0, 0, 0, '{5}', 24),
		       (1, 'kept', 'guest', 'ann', '', 25, '2026-10-02', '2026-10-20', false, false, true, 12345, 1, 0, 42, 2, '{0}', 30),
		       (2, 'full', 'guest', 'bo', 'gym', 1, '2026-10-02', NULL, false, true, false, 640, 4, 0, 0, 3, '{}', 6)`)
	require.NoError(t, err)
	old := `SELECT concat_ws(' ', alliance_id, card, product, member, home, sold_seq, sold_at, expires_at, cancelled, frozen, expired, value, bonus, pool, points,
	        unreversed, uses_left, last_seq) FROM cards ORDER BY alliance_id, sold_seq`
	kept := texts(t, db, old)
	migrate()
	require.Equal(t, kept, texts(t, db, old))

	require.Equal(t, []string{
		"1 new since 1 redeemed 0 of 0, 0 + 0",
		"1 full since 2 redeemed 5 of 8, 120000 + 5000", // two spends, pass, coupon, points
		"1 gone since 21 redeemed 0 of 0, 0 + 0",
		"1 kept since 25 redeemed 0 of 2, 12345 + 1",
		"2 full since 1 redeemed 1 of 3, 940 + 4",
	}, texts(t, db, `
		SELECT format('%s %s since %s redeemed %s of %s, %s + %s', alliance_id, card, held_since, redeemed, unreversed, topped_up, topped_up_bonus)
		FROM cards ORDER BY alliance_id, sold_seq`))
	// What stands of spends, which is not stored: 30.00, and of 40.00 what was not reversed; then 3.00.
	require.Equal(t, []string{"1 new 0", "1 full 5500", "1 gone 0", "1 kept 0", "2 full 300"}, texts(t, db, `
		SELECT concat_ws(' ', alliance_id, card, topped_up + topped_up_bonus + gift_bonus - value - bonus) FROM cards ORDER BY alliance_id, sold_seq`))
	require.Equal(t, []string{"5"}, texts(t, db, `
		SELECT count(*) FROM cards WHERE replaced_by IS NULL AND NOT refunded AND (held, holds, gifts, gift_bonus) = (0, 0, 0, 0) AND growth IS NULL`))

	for constraint, change := range map[string]string{
		"cards_unreversed_redeemed_check": `UPDATE cards SET redeemed = 9 WHERE card = 'full'`,
		"cards_replaced_check":            `UPDATE cards SET replaced_by = 'x' WHERE card = 'kept'`,
		"cards_value_held_check":          `UPDATE cards SET held = 1 WHERE card = 'kept'`,
	} {
		_, err = db.ExecContext(t.Context(), change)
		require.ErrorContains(t, err, `"`+constraint+`"`)
	}
}
