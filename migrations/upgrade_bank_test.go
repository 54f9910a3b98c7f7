package migrations_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
)

// texts returns the rows of a query that gives one text a row.
func texts(t *testing.T, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		require.NoError(t, rows.Scan(&text))
		all = append(all, text)
	}
	require.NoError(t, rows.Err())
	return all
}

// Two closed months as they were kept with obligations.parts: September is settled after a payout came back and was paid again;
// October is being paid. A second circle has the same references, a currency without decimals and another calendar.
const bankLife = `
	ALTER TABLE transactions DISABLE TRIGGER USER;
	INSERT INTO alliances VALUES (1, 'pier', 'Pier', 'CNY', 'Asia/Shanghai', 'live', '2026-01-01'), (2, 'wharf', 'Wharf', 'JPY', 'America/New_York', 'live', '2026-01-01');
	INSERT INTO windows VALUES (1, '2026-09', '2026-09-01', '2026-10-01', 1, 1), (1, '2026-10', '2026-10-01', '2026-11-01', 2, 2),
	                           (1, '2026-11', '2026-11-01', '2026-12-01', 3, NULL), (2, '2026-09', '2026-09-01', '2026-10-01', 1, 1);
	INSERT INTO settlements (alliance_id, period, digest, policy, state, review_until, approved_at, settled_at, obligations, undone)
	VALUES (1, '2026-09', sha256('a'), '{}', 'settled', '2026-10-04', '2026-10-04', '2026-11-20', 4, 0),
	       (1, '2026-10', sha256('b'), '{}', 'paying', '2026-11-04', '2026-11-04', NULL, 5, 3), (2, '2026-09', sha256('c'), '{}', 'settled', '2026-10-04', '2026-10-04', '2026-11-05', 1, 0);
	INSERT INTO obligations (alliance_id, period, number, reference, kind, payer, payee, covers, amount, held, carried, paid, sent, parts, drawn, state, reminders, returns, run, bearers)
	VALUES (1, '2026-09', 1, 'RF01', 'collection', 'gym', 'custody', 0, 90000, 0, 0, 90000, 0, '{}', 0, 'paid', 0, 0, 0, '[]'),
	       (1, '2026-09', 2, 'RF02', 'direct', 'gym', 'cafe', 0, 5000, 0, 0, 5000, 0, '{}', 0, 'paid', 1, 0, 0, '[]'),
	       (1, '2026-09', 3, 'RF03', 'payout', 'custody', 'cafe', 0, 40000, 0, 0, 40000, 0, '{40000}', 0, 'confirmed', 0, 1, 2, '[]'),
	       (1, '2026-09', 4, 'RF04', 'payout', 'custody', 'spa', 0, 20000, 0, 0, 20000, 0, '{10000,10000}', 0, 'confirmed', 0, 1, 1, '[]'),
	       (1, '2026-10', 1, 'RF05', 'commission', 'custody', 'bo', 0, 1000, 0, 0, 0, 1000, '{}', 0, 'sent', 0, 1, 3, '[]'),
	       (1, '2026-10', 2, 'RF06', 'payout', 'custody', 'hotpot', 0, 7000, 0, 0, 5000, 2000, '{5000}', 0, 'sent', 0, 0, 3, '[]'),
	       (1, '2026-10', 3, 'RF07', 'payout', 'custody', 'cafe', 0, 500, 0, 0, 0, 0, '{}', 0, 'payable', 0, 0, 0, '[]'),
	       (1, '2026-10', 4, 'RF08', 'collection', 'spa', 'custody', 0, 8000, 0, 0, 0, 0, '{}', 0, 'due', 0, 0, 0, '[]'),
	       (1, '2026-10', 5, 'RF09', 'collection', 'gym', 'custody', 0, 800, 0, 0, 800, 0, '{}', 800, 'paid', 0, 0, 0, '[]'),
	       (2, '2026-09', 1, 'RF01', 'collection', 'gym', 'custody', 0, 500, 0, 0, 500, 0, '{}', 0, 'paid', 0, 0, 0, '[]');
	INSERT INTO transactions (alliance_id, seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous,
	                          merchants, merchants_before, accounts, amounts, facts, hash)
	SELECT circle, seq, type, '2026-11-06', '2026-11', 1, '', '', '', '', 0, 0, '{}', '{}', accounts::text[], amounts::bigint[], '{}', sha256('')
	FROM (VALUES (1, 2, 'card.sold', '{custody,organiser}', '{19900,-19900}'),
	             (1, 3, 'payment.received', '{custody,receivables:gym}', '{30000,-30000}'), (1, 4, 'payment.received', '{custody,receivables:gym}', '{60000,-60000}'),
	             (1, 5, 'payment.received', '{payables:cafe,receivables:gym}', '{2000,-2000}'), (1, 6, 'payment.defaulted', '{}', '{}'),
	             (1, 7, 'payment.received', '{custody,receivables:gym}', '{3000,-3000}'), (1, 8, 'payout.sent', '{}', '{}'),
	             (1, 9, 'payout.confirmed', '{payables:cafe,custody}', '{40000,-40000}'), (1, 10, 'payout.returned', '{custody,payables:cafe}', '{40000,-40000}'),
	             (1, 11, 'payout.sent', '{}', '{}'), (1, 12, 'payout.confirmed', '{payables:cafe,custody}', '{40000,-40000}'),
	             (1, 13, 'payout.confirmed', '{payables:spa,custody}', '{10000,-10000}'), (1, 14, 'payout.confirmed', '{payables:spa,custody}', '{10000,-10000}'),
	             (1, 15, 'payout.returned', '{custody,payables:spa}', '{10000,-10000}'), (1, 16, 'payout.confirmed', '{payables:spa,custody}', '{10000,-10000}'),
	             (1, 17, 'payout.returned', '{}', '{}'), (1, 18, 'payout.confirmed', '{payables:hotpot,custody}', '{5000,-5000}'), (1, 19, 'payout.sent', '{}', '{}'),
	             (1, 20, 'statement.line_unmatched', '{}', '{}'), (1, 21, 'deposit.lodged', '{custody,deposits:gym}', '{50000,-50000}'),
	             (1, 22, 'deposit.returned', '{deposits:gym,custody}', '{10000,-10000}'), (1, 23, 'tax.remitted', '{withheld_tax,custody}', '{700,-700}'),
	             (1, 24, 'statement.line_unmatched', '{}', '{}'), (1, 25, 'payment.defaulted', '{deposits:gym,receivables:gym}', '{800,-800}'),
	             (2, 1, 'payment.received', '{custody,receivables:gym}', '{500,-500}')) AS t (circle, seq, type, accounts, amounts);
	INSERT INTO events (alliance_id, number, at, type, seq, period, party, body)
	SELECT circle, seq * 1048576 + nth, at::timestamptz, type, seq, '', '',
	       json_build_object('number', seq * 1048576 + nth, 'at', at, 'type', type, 'transaction', 'txn_' || seq, 'reference', reference, 'data', json_build_object('amount', amount, 'state', ''))
	FROM (VALUES (1, 3, 1, '2026-11-05T17:00:00Z', 'payment.received', 'RF01', '300.00'), (1, 4, 1, '2026-11-07T02:00:00Z', 'payment.received', 'RF01', '600.00'),
	             (1, 5, 1, '2026-11-08T02:00:00Z', 'payment.received', 'RF02', '20.00'), (1, 6, 1, '2026-11-09T02:00:00Z', 'payment.defaulted', 'RF02', '30.00'),
	             (1, 7, 1, '2026-11-10T02:00:00Z', 'payment.received', 'RF02', '30.00'),
	             (1, 8, 1, '2026-11-06T02:00:00Z', 'payout.sent', 'RF03', '400.00'), (1, 8, 2, '2026-11-06T02:00:00Z', 'payout.sent', 'RF04', '100.00'),
	             (1, 8, 3, '2026-11-06T02:00:00Z', 'payout.sent', 'RF05', '10.00'),
	             (1, 9, 1, '2026-11-07T02:00:00Z', 'payout.confirmed', 'RF03', '400.00'), (1, 10, 1, '2026-11-10T02:00:00Z', 'payout.returned', 'RF03', '400.00'),
	             (1, 10, 2, '2026-11-10T02:00:00Z', 'payout.payable', 'RF03', '400.00'), (1, 11, 1, '2026-11-11T02:00:00Z', 'payout.sent', 'RF03', '400.00'),
	             (1, 12, 1, '2026-11-13T02:00:00Z', 'payout.confirmed', 'RF03', '400.00'),
	             (1, 13, 1, '2026-11-07T02:00:00Z', 'payout.confirmed', 'RF04', '100.00'), (1, 14, 1, '2026-11-14T02:00:00Z', 'payout.confirmed', 'RF04', '100.00'),
	             (1, 15, 1, '2026-11-15T02:00:00Z', 'payout.returned', 'RF04', '100.00'), (1, 16, 1, '2026-11-21T02:00:00Z', 'payout.confirmed', 'RF04', '100.00'),
	             (1, 17, 1, '2026-11-12T02:00:00Z', 'payout.returned', 'RF05', '10.00'), (1, 18, 1, '2026-11-16T02:00:00Z', 'payout.confirmed', 'RF06', '50.00'),
	             (1, 19, 1, '2026-11-22T17:30:00Z', 'payout.sent', 'RF05', '10.00'), (1, 19, 2, '2026-11-22T17:30:00Z', 'payout.sent', 'RF06', '20.00'),
	             (1, 25, 1, '2026-11-24T02:00:00Z', 'payment.defaulted', 'RF09', '8.00'), (1, 25, 2, '2026-11-24T02:00:00Z', 'deposit.drawn', 'RF09', '8.00'),
	             (2, 1, 1, '2026-11-05T17:00:00Z', 'payment.received', 'RF01', '500')) AS e (circle, seq, nth, at, type, reference, amount);
	INSERT INTO payment_runs (alliance_id, run, made_at, execute_on, debtor)
	VALUES (1, 1, '2026-11-06T02:00:00Z', '2026-11-06', '{}'), (1, 2, '2026-11-11T02:00:00Z', '2026-11-11', '{}'), (1, 3, '2026-11-22T17:30:00Z', '2026-11-23', '{}');
	INSERT INTO payment_orders (alliance_id, run, line, period, number, reference, amount, payee)
	VALUES (1, 1, 1, '2026-09', 3, 'RF03', 40000, '{}'), (1, 1, 2, '2026-09', 4, 'RF04', 10000, '{}'), (1, 1, 3, '2026-10', 1, 'RF05', 1000, '{}'),
	       (1, 2, 1, '2026-09', 3, 'RF03', 40000, '{}'), (1, 3, 1, '2026-10', 1, 'RF05', 1000, '{}'), (1, 3, 2, '2026-10', 2, 'RF06', 2000, '{}');
	INSERT INTO bank_lines (alliance_id, account, line, statement, seq, booked_on, credit, returned, amount, reference, counterparty, text, outcome)
	VALUES (1, '6222 0000-1', 'L1', 'S1', 4, '2026-11-06', true, false, 60000, 'RF01', 'Gym', 'september', 'received'),
	       (1, '6222 0000-1', 'L2', 'S1', 9, '2026-11-06', false, false, 40000, 'RF03', '', '', 'confirmed'),
	       (1, '6222 0000-1', 'L3', 'S1', 13, '2026-11-06', false, false, 10000, 'RF04', '', '', 'confirmed'),
	       (1, '6222 0000-1', 'L4', 'S2', 10, '2026-11-09', true, true, 40000, 'RF03', '', 'closed', 'returned'),
	       (1, '6222 0000-1', 'L5', 'S2', 17, '2026-11-11', true, true, 1000, 'RF05', '', 'closed', 'returned'),
	       (1, '6222 0000-1', 'L6', 'S3', 12, '2026-11-12', false, false, 40000, 'RF03', '', '', 'confirmed'),
	       (1, '6222 0000-1', 'L7', 'S4', 16, '2026-11-20', false, false, 10000, 'RF04', '', '', 'confirmed'),
	       (1, 'de89 3704' || U&'\00a0\2011' || '0044', 'L8', 'S5', 20, '2026-11-20', true, false, 7900, 'RF08 RF09', 'Spa', '', 'many_references'),
	       (1, U&'\FF16\FF12\FF12\FF12\3000' || '00001', 'L1', 'S1', 24, '2026-11-06', true, false, 60000, 'RF01', 'Gym', 'september', 'not_due')`

func TestOldPaymentsAreKnownOneByOne(t *testing.T) {
	t.Parallel()
	db, migrate := before(t, 10)
	_, err := db.ExecContext(t.Context(), bankLife)
	require.NoError(t, err)
	migrate()

	payments := map[string]string{
		"1 RF01": `[{"number":1,"amount":30000,"state":"made","made_on":"2026-11-06","made_seq":3,"booked_seq":3},
		            {"number":2,"amount":60000,"state":"made","made_on":"2026-11-07","made_seq":4,"booked_seq":4,"seen_on":"2026-11-06"}]`,
		// The cafe got the first itself; custody paid it the rest, and so got what came after the default.
		"1 RF02": `[{"number":1,"amount":2000,"state":"made","made_on":"2026-11-08","made_seq":5,"booked_seq":5,"to_party":true},
		            {"number":2,"amount":3000,"state":"made","made_on":"2026-11-10","made_seq":7,"booked_seq":7}]`,
		// Not the attempt that came back: the one after it.
		"1 RF03": `[{"number":1,"amount":40000,"state":"made","booked_seq":12,"unnamed":true,"seen_on":"2026-11-12"}]`,
		// Of three equal ones, the second came back.
		"1 RF04": `[{"number":1,"amount":10000,"state":"made","booked_seq":13,"unnamed":true,"seen_on":"2026-11-06"},
		            {"number":2,"amount":10000,"state":"made","booked_seq":16,"unnamed":true,"seen_on":"2026-11-20"}]`,
		"1 RF05": `[{"number":1,"run":3,"amount":1000,"state":"ordered","unnamed":true,"made_on":"2026-11-23","made_seq":19}]`,
		// The first was booked by hand: its line, when it comes, shows transaction 18.
		"1 RF06": `[{"number":1,"amount":5000,"state":"made","booked_seq":18,"unnamed":true},
		            {"number":2,"run":3,"amount":2000,"state":"ordered","unnamed":true,"made_on":"2026-11-23","made_seq":19}]`,
		"1 RF07": `[]`, "1 RF08": `[]`,
		"1 RF09": `[]`, // a deposit is no payment
		"2 RF01": `[{"number":1,"amount":500,"state":"made","made_on":"2026-11-05","made_seq":1,"booked_seq":1}]`,
	}
	rows, err := db.QueryContext(t.Context(), `SELECT concat_ws(' ', alliance_id, reference), payments FROM obligations`)
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	found := 0
	for ; rows.Next(); found++ {
		var name, got string
		require.NoError(t, rows.Scan(&name, &got))
		require.Contains(t, payments, name)
		require.JSONEq(t, payments[name], got, name)
	}
	require.NoError(t, rows.Err())
	require.Equal(t, len(payments), found)

	require.Equal(t, []string{
		"1 2026-09 1 paid 90000 0 0", "1 2026-09 2 paid 5000 0 0", "1 2026-09 3 confirmed 40000 1 2", "1 2026-09 4 confirmed 20000 1 1",
		"1 2026-10 1 sent 0 1 3", "1 2026-10 2 sent 5000 0 3", "1 2026-10 3 payable 0 0 0", "1 2026-10 4 due 0 0 0", "1 2026-10 5 paid 800 0 0", "2 2026-09 1 paid 500 0 0",
	}, texts(t, db, `SELECT concat_ws(' ', alliance_id, period, number, state, paid, returns, run) FROM obligations ORDER BY alliance_id, period, number`))
	require.Equal(t, []string{"1 2026-09 settled 4 0", "1 2026-10 paying 5 3", "2 2026-09 settled 1 0"},
		texts(t, db, `SELECT concat_ws(' ', alliance_id, period, state, obligations, undone) FROM settlements ORDER BY alliance_id, period`))
	require.Equal(t, []string{"1 1 []", "1 2 []", "1 3 []", "2 1 []", "3 1 []", "3 2 []"},
		texts(t, db, `SELECT concat_ws(' ', run, line, '[' || attempt || ']') FROM payment_orders ORDER BY run, line`), "old files gave the bare reference")
}

func TestOldBankLinesAreKept(t *testing.T) {
	t.Parallel()
	db, migrate := before(t, 10)
	_, err := db.ExecContext(t.Context(), bankLife)
	require.NoError(t, err)
	migrate()

	// One account, spelled in two ways, had one line twice: the second waits for a person as before.
	require.Equal(t, []string{
		"4 622200001 L1 S1 received f", "9 622200001 L2 S1 confirmed f", "10 622200001 L4 S2 returned f", "12 622200001 L6 S3 confirmed f", "13 622200001 L3 S1 confirmed f",
		"16 622200001 L7 S4 confirmed f", "17 622200001 L5 S2 returned f", "20 DE8937040044 L8 S5 many_references t", "24 622200001 L1 S1 not_due t",
	}, texts(t, db, `SELECT concat_ws(' ', seq, account, line, statement, outcome, waits) FROM bank_lines ORDER BY seq`))
	require.Equal(t, []string{"9 9 true"}, texts(t, db, `
		SELECT concat_ws(' ', count(*), count(DISTINCT fingerprint), bool_and(octet_length(fingerprint) = 32 AND occurrence = 0 AND attempt = 0
		       AND (place, format, reason, problem, twin, resolved_seq) = ('', '', '', '', 0, 0))::text) FROM bank_lines`))
	require.Equal(t, []string{"20 7900 RF08 RF09 Spa", "10 40000 RF03 closed"}, texts(t, db, `
		SELECT concat_ws(' ', seq, amount, reference, nullif(counterparty, ''), nullif(text, '')) FROM bank_lines WHERE seq IN (10, 20) ORDER BY seq DESC`))

	// What settlement moved in custody; the sale of a card is none of it.
	require.Equal(t, []string{
		"1 3 30000", "1 4 60000 4", "1 7 3000", "1 9 -40000 9", "1 10 40000 10", "1 12 -40000 12", "1 13 -10000 13", "1 14 -10000", "1 15 10000", "1 16 -10000 16",
		"1 18 -5000", "1 21 50000", "1 22 -10000", "1 23 -700", "2 1 500",
	}, texts(t, db, `SELECT concat_ws(' ', alliance_id, seq, amount, line) FROM custody_bookings ORDER BY alliance_id, seq`))

	_, err = db.ExecContext(t.Context(), `UPDATE bank_lines SET outcome = 'ticked_off', waits = false, resolved_seq = 26 WHERE seq = 24`)
	require.NoError(t, err, "an old line is resolved as a new one")
	for _, change := range []string{`UPDATE bank_lines SET waits = true WHERE seq = 24`, `UPDATE bank_lines SET amount = 1 WHERE seq = 4`, `DELETE FROM bank_lines`} {
		_, err = db.ExecContext(t.Context(), change)
		require.ErrorContains(t, err, "what the bank says of it never changes")
	}
}
