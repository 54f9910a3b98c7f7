package clearing_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

// TestTheDatabaseHoldsTheLine tries, with SQL, what the code never does. Every
// attempt is refused by the constraint or trigger that it should be.
func TestTheDatabaseHoldsTheLine(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.card("A", "100.00")
	require.NoError(t, p.sequencer.Advance(t.Context(), p.circle.ID, opening.AddDate(0, 1, 0)))
	for _, c := range []struct{ constraint, sql string }{
		{"transactions_append_only", `UPDATE transactions SET card = 'B'`},
		{"transactions_append_only", `DELETE FROM transactions`},
		{"transactions_append_only", `TRUNCATE transactions`},
		{"entries_append_only", `UPDATE entries SET amount = 1`},
		{"entries_append_only", `DELETE FROM entries`},
		{"requests_append_only", `UPDATE requests SET refusal = NULL`},
		{"requests_append_only", `DELETE FROM requests`},
		{"terms_append_only", `DELETE FROM terms`},
		{"positions_append_only", `UPDATE positions SET carried = 0`},
		{"transfers_append_only", `DELETE FROM transfers`},
		{"commission_statements_append_only", `TRUNCATE commission_statements`},
		{"windows_stay_closed", `UPDATE windows SET closed_seq = NULL WHERE closed_seq IS NOT NULL`},
		{"windows_stay_closed", `DELETE FROM windows`},
		// An entry more for a transaction that is whole: not even a balanced pair.
		{"entries_complete", `INSERT INTO entries SELECT alliance_id, 2, 3, 'custody'::account_kind, '', 5 FROM alliances
		                      UNION ALL SELECT alliance_id, 2, 4, 'organiser'::account_kind, '', -5 FROM alliances`},
		{"entries_complete", `INSERT INTO entries SELECT alliance_id, 99, 1, 'custody'::account_kind, '', 5 FROM alliances
		                      UNION ALL SELECT alliance_id, 99, 2, 'organiser'::account_kind, '', -5 FROM alliances`},
		{"entries_pkey", `INSERT INTO entries SELECT alliance_id, 2, 1, 'custody'::account_kind, '', 5 FROM alliances
		                  UNION ALL SELECT alliance_id, 2, 2, 'organiser'::account_kind, '', -5 FROM alliances`},
		{"entries_amount_check", `INSERT INTO entries SELECT alliance_id, 2, 1, 'custody'::account_kind, '', 0 FROM alliances`},
		{"transactions_in_order", insertTransaction(`last_seq + 2`, `h.period`)},
		{"transactions_pkey", insertTransaction(`last_seq`, `h.period`)},
		{"transactions_window_open", insertTransaction(`last_seq + 1`, `'2026-10'`)},
		{"transactions_window_open", insertTransaction(`last_seq + 1`, `'2031-01'`)},
		{"cards_value_check", `UPDATE cards SET value = -1`},
		{"cards_points_check", `UPDATE cards SET points = -1`},
		{"cards_uses_left_check", `UPDATE cards SET uses_left = '{-1}'`},
		{"members_commission_check", `UPDATE members SET paid = paid + 1`},
		{"shops_shop_check", `INSERT INTO shops SELECT alliance_id, 'custody', '', '', NULL, now() FROM alliances`},
	} {
		_, err := p.pool.Exec(t.Context(), c.sql)
		var refused *pgconn.PgError
		require.True(t, errors.As(err, &refused), "%s was let through", c.sql)
		require.Equal(t, c.constraint, refused.ConstraintName, "%s: %v", c.sql, err)
	}
	// A balanced transaction in the next place of the open window is what may be
	// written; one that does not balance may not.
	for _, c := range []struct {
		amount     string
		constraint string
	}{{"-4", "entries_complete"}, {"-5", ""}} {
		tx, err := p.pool.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), insertTransaction(`last_seq + 1`, `h.period`))
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), `
			INSERT INTO entries SELECT alliance_id, last_seq + 1, 1, 'custody'::account_kind, '', 5 FROM heads
			UNION ALL SELECT alliance_id, last_seq + 1, 2, 'organiser'::account_kind, '', `+c.amount+` FROM heads`)
		var refused *pgconn.PgError
		if errors.As(err, &refused) {
			require.Equal(t, c.constraint, refused.ConstraintName)
		} else {
			require.NoError(t, err)
			require.Empty(t, c.constraint)
		}
		require.NoError(t, tx.Rollback(t.Context()))
	}
	p.audit()
}

// insertTransaction returns SQL that inserts a transaction with two entries.
func insertTransaction(seq, period string) string {
	return `INSERT INTO transactions (alliance_id, seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous, entry_count, facts, hash)
		SELECT h.alliance_id, ` + seq + `, 'test', now(), ` + period + `, 1, '', '', '', '', 0, 0, 2, '{}', h.last_hash FROM heads h`
}
