package migrations_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/ledger"
)

// The cafe has uploaded late what a card of the gym was used for; the gym has uploaded
// nothing. The turnovers of the open month say so after the migration.
func TestLateUploadsAreCountedAnew(t *testing.T) {
	t.Parallel()
	db, migrate := before(t, 11)
	turnover := func(movements ...ledger.Movement) []byte { return ledger.Turnover(movements).AppendPacked(nil) }
	spent := ledger.Movement{Type: "value.spent", Count: 300, Debits: 1_000_000, Credits: 70_000}
	adjusted := ledger.Movement{Type: "position.adjusted", Count: 1, Debits: 5}
	wrong := ledger.Movement{Type: ledger.Late, Count: 2, Debits: 130_000, Credits: 129_000}
	_, err := db.ExecContext(t.Context(), `
		ALTER TABLE transactions DISABLE TRIGGER USER;
		INSERT INTO alliances VALUES (1, 'pier', 'Pier', 'CNY', 'Asia/Shanghai', 'live', '2026-01-01'), (2, 'quay', 'Quay', 'CNY', 'Asia/Shanghai', 'live', '2026-01-01');
		INSERT INTO windows VALUES (1, '2026-09', '2026-09-01', '2026-10-01', 1, 1), (1, '2026-10', '2026-10-01', '2026-11-01', 2, NULL),
		                           (2, '2026-10', '2026-10-01', '2026-11-01', 1, NULL);
		INSERT INTO transactions (alliance_id, seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous,
		                          merchants, merchants_before, accounts, amounts, facts, hash)
		SELECT 1, seq, 'value.spent', '2026-10-02', '2026-10', 1, '', 'cafe', 'gym', '', 0, 0, '{}', '{}', accounts::text[], amounts::bigint[], facts::json, sha256('')
		FROM (VALUES (1, '{merchants:gym,merchants:cafe}', '{7,-7}', '{"occurred_at":"2026-09-02T00:00:00Z"}'),
		             (2, '{merchants:gym,merchants:cafe}', '{129000,-129000}', '{"occurred_at":"2026-10-02T00:00:00Z"}'),
		             (3, '{merchants:gym,merchants:cafe}', '{5,-5}', '{}'),
		             (4, '{organiser,custody}', '{1,-1}', '{"occurred_at":"2026-10-02T00:00:00Z"}')) AS t (seq, accounts, amounts, facts)`)
	require.NoError(t, err)
	balances := map[string][]byte{"cafe": turnover(spent, wrong, adjusted), "gym": turnover(wrong, adjusted, spent)}
	for owner, packed := range balances {
		_, err = db.ExecContext(t.Context(), `INSERT INTO balances VALUES (1, 'merchants', $1, 0, 4, $2), (2, 'merchants', $1, 0, 4, $2)`, owner, packed)
		require.NoError(t, err)
	}
	migrate()
	for owner, want := range map[string]ledger.Turnover{
		"cafe": {spent, adjusted, {Type: ledger.Late, Count: 2, Credits: 129_000}}, "gym": {adjusted, spent},
	} {
		var packed []byte
		require.NoError(t, db.QueryRowContext(t.Context(), `SELECT turnover FROM balances WHERE alliance_id = 1 AND owner = $1`, owner).Scan(&packed))
		got, err := ledger.UnpackTurnover(packed)
		require.NoError(t, err)
		require.Equal(t, want, got, owner)
		require.NoError(t, db.QueryRowContext(t.Context(), `SELECT turnover FROM balances WHERE alliance_id = 2 AND owner = $1`, owner).Scan(&packed))
		require.Equal(t, balances[owner], packed, "a circle without late uploads is left alone")
	}
}

func TestDefaultsAreFoundInTheEvents(t *testing.T) {
	t.Parallel()
	db, migrate := before(t, 11)
	_, err := db.ExecContext(t.Context(), `
		INSERT INTO alliances VALUES (1, 'pier', 'Pier', 'CNY', 'Asia/Shanghai', 'live', '2026-01-01');
		INSERT INTO windows VALUES (1, '2026-10', '2026-10-01', '2026-11-01', 1, 1);
		INSERT INTO settlements (alliance_id, period, digest, policy, state, review_until, obligations, undone) VALUES (1, '2026-10', sha256('x'), '{}', 'settled', '2026-12-01', 2, 0);
		INSERT INTO obligations (alliance_id, period, number, reference, kind, payer, payee, covers, amount, held, carried, paid, sent, drawn, state, reminders, returns, run, bearers)
		SELECT 1, '2026-10', n, 'RF0' || n, 'direct', 'gym', 'cafe', 0, 10, 0, 0, 10, 0, 0, 'paid', 0, 0, 0, '[]' FROM generate_series(1, 2) AS n;
		INSERT INTO events (alliance_id, number, at, type, seq, period, party, body)
		VALUES (1, 3145729, '2026-11-14', 'payment.defaulted', 3, '2026-10', 'gym', '{"number":3145729,"reference":"RF01"}')`)
	require.NoError(t, err)
	migrate()
	var rows string
	require.NoError(t, db.QueryRowContext(t.Context(), `
		SELECT string_agg(concat_ws(' ', number, (defaulted_at AT TIME ZONE 'UTC')::date), ', ' ORDER BY number) FROM obligations`).Scan(&rows))
	require.Equal(t, "1 2026-11-14, 2", rows)
}
