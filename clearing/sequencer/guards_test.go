package sequencer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

// TestDatabaseRefusesWhatTheCodeNeverDoes tries it with SQL, and requires that the right
// constraint or trigger refuses each attempt.
func TestDatabaseRefusesWhatTheCodeNeverDoes(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.card("A", "100.00")
	require.NoError(t, p.sequencer.Advance(t.Context(), p.alliance.ID, opening.AddDate(0, 1, 0)))
	for _, c := range []struct{ constraint, sql string }{
		{"transactions_append_only", `UPDATE transactions SET card = 'B'`},
		{"transactions_append_only", `DELETE FROM transactions`},
		{"transactions_append_only", `TRUNCATE transactions`},
		{"member_transactions_append_only", `DELETE FROM member_transactions`},
		{"requests_append_only", `UPDATE requests SET refusal = NULL`},
		{"requests_append_only", `DELETE FROM requests`},
		{"terms_append_only", `DELETE FROM terms`},
		{"positions_append_only", `UPDATE positions SET carried = 0`},
		{"transfers_append_only", `DELETE FROM transfers`},
		{"commission_statements_append_only", `TRUNCATE commission_statements`},
		{"windows_stay_closed", `UPDATE windows SET closed_seq = NULL WHERE closed_seq IS NOT NULL`},
		{"windows_stay_closed", `DELETE FROM windows`},
		{"transactions_amounts_check", insertTransaction(`last_seq + 1`, `h.period`, `'{5,0,-5}'`)},
		{"transactions_entries_check", insertTransaction(`last_seq + 1`, `h.period`, `'{5,-5}'`)},
		{"transactions_balance", insertTransaction(`last_seq + 1`, `h.period`, `'{5,-4,-2}'`)},
		{"transactions_in_order", insertTransaction(`last_seq + 2`, `h.period`, balanced)},
		{"transactions_merchants_check", strings.Replace(insertTransaction(`last_seq + 1`, `h.period`, balanced), `'{}', '{}', '{custody`, `'{cafe}', '{}', '{custody`, 1)},
		{"transactions_pkey", insertTransaction(`last_seq`, `h.period`, balanced)},
		{"transactions_window_open", insertTransaction(`last_seq + 1`, `'2026-10'`, balanced)},
		{"transactions_window_open", insertTransaction(`last_seq + 1`, `'2031-01'`, balanced)},
		{"cards_value_check", `UPDATE cards SET value = -1`},
		{"cards_points_check", `UPDATE cards SET points = -1`},
		{"cards_uses_left_check", `UPDATE cards SET uses_left = '{-1}'`},
		{"members_commission_check", `UPDATE members SET paid = paid + 1`},
		{"merchants_merchant_check", `INSERT INTO merchants SELECT alliance_id, 'custody', '', '', NULL, now() FROM alliances`},
	} {
		_, err := p.pool.Exec(t.Context(), c.sql)
		var refused *pgconn.PgError
		require.True(t, errors.As(err, &refused), "%s was let through", c.sql)
		require.Equal(t, c.constraint, refused.ConstraintName, "%s: %v", c.sql, err)
	}
	// A balanced transaction with the next number in the open window is allowed.
	tx, err := p.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), insertTransaction(`last_seq + 1`, `h.period`, balanced))
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(t.Context()))
	p.audit()
}

// balanced is the amounts of a balanced transaction with three entries.
const balanced = `'{5,-4,-1}'`

// insertTransaction returns SQL that inserts a transaction.
func insertTransaction(seq, period, amounts string) string {
	return `INSERT INTO transactions (alliance_id, seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous,
		                          merchants, merchants_before, accounts, amounts, facts, hash)
		SELECT h.alliance_id, ` + seq + `, 'test', now(), ` + period + `, 1, '', '', '', '', 0, 0,
		       '{}', '{}', '{custody,organiser,merchants:cafe}', ` + amounts + `, '{}', h.last_hash FROM heads h`
}
