package audit_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// replayed plays a scenario and returns its books.
func replayed(t *testing.T, name string) (*pgxpool.Pool, int64) {
	t.Helper()
	pool := pgtest.Pool(t)
	folder := filepath.Join("..", "scenario", "testdata", name)
	text, err := os.ReadFile(filepath.Join(folder, "until"))
	require.NoError(t, err)
	until, err := time.Parse(time.RFC3339, strings.TrimSpace(string(text)))
	require.NoError(t, err)
	summary, err := replay.Run(t.Context(), pool, replay.Options{Scenario: folder, Out: t.TempDir(), Until: until}, time.Now)
	require.NoError(t, err)
	return pool, summary.Alliance.ID
}

func TestCleanBooksPass(t *testing.T) {
	t.Parallel()
	for name, without := range map[string][]string{
		"corners":       {"gifts", "replaced", "items", "card refunds"},
		"riverside":     {"gifts", "replaced", "items", "card refunds"},
		"at-use":        {"gifts", "replaced", "items", "card refunds"},
		"growth-hands":  {"gifts", "items"},
		"growth-tiers":  {},
		"growth-town-a": {},
		"growth-town-b": {},
		"growth-town-c": {},
		"growth-town-d": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, allianceID := replayed(t, name)
			report, err := audit.Run(t.Context(), pool, alliance.Standard(), allianceID)
			require.NoError(t, err)
			var printed bytes.Buffer
			require.NoError(t, report.Print(&printed))
			require.True(t, report.Clean(), printed.String())
			for _, c := range report.Checks {
				require.Equal(t, slices.Contains(without, c.Name), c.Looked == 0, c.Name)
			}
		})
	}
}

// TestEachAlterationIsFoundAndNamed alters the books behind the back of the
// database's own guards, one row at a time.
func TestEachAlterationIsFoundAndNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, alter, check, names string }{
		{"an entry", `UPDATE transactions SET amounts[1] = amounts[1] + 1 WHERE seq = 7`, "balanced", "transaction 7"},
		{"two entries that still balance", `UPDATE transactions SET amounts = (SELECT array_agg(2 * a) FROM unnest(amounts) a) WHERE seq = 7`, "chain", "transaction 7"},
		{"an entry's owner", `UPDATE transactions SET accounts = array_replace(accounts, 'merchants:' || merchant, 'merchants:gym') WHERE seq = 1`, "chain", "transaction 1"},
		{"a deleted transaction", `DELETE FROM transactions WHERE seq = 9`, "chain", "transaction 9 is missing"},
		{"a link", `UPDATE transactions SET merchants_before[1] = 0 WHERE seq = 7`, "chain", "transaction 7 is linked to"},
		{"the end of a chain", `UPDATE balances SET last_seq = last_seq - 1 WHERE owner = 'gym'`, "chain", "merchants:gym"},
		{"a list", `DELETE FROM member_transactions WHERE member = 'ann' AND seq = 2`, "commissions", `member "ann"`},
		{"facts", `UPDATE transactions SET facts = '{"amount":1}' WHERE seq = 3`, "chain", "transaction 3"},
		{"a time", `UPDATE transactions SET booked_at = booked_at + interval '1 second' WHERE seq = 3`, "chain", "transaction 3"},
		{"the head", `UPDATE heads SET last_seq = last_seq - 1`, "chain", "the head"},
		{"a balance", `UPDATE balances SET balance = balance + 1 WHERE account = 'merchants' AND owner = 'gym'`, "balances", "merchants:gym"},
		{"a card's value", `UPDATE cards SET value = value + 1 WHERE card = 'A'`, "balances", `card "A"`},
		{"a card's points", `UPDATE cards SET points = points + 1 WHERE card = 'B'`, "entitlements", `card "B"`},
		{"a card's uses", `UPDATE cards SET uses_left = '{0,0}' WHERE card = 'B'`, "entitlements", `card "B"`},
		{"a card's status", `UPDATE cards SET frozen = true WHERE card = 'A'`, "balances", `card "A"`},
		{"a member", `UPDATE members SET earned = earned + 1, paid = paid + 1 WHERE member = 'ann'`, "balances", `member "ann"`},
		{"a commission", `UPDATE commissions SET state = 'pending' WHERE sale_seq = 2`, "commissions", "transaction 2"},
		{"a refund", `UPDATE reversed SET amount = amount - 1 WHERE amount > 0`, "refunds", "is stored as undone"},
		{"an answer", `UPDATE requests SET answer = '{"transaction":"txn_1","type":"card.sold"}' WHERE key = 'c7'`, "requests", "replay c7"},
		{"a lost request", `DELETE FROM requests WHERE key = 'c7'`, "requests", "booked for no request"},
		{"a refusal", `UPDATE requests SET refusal = 'card_frozen' WHERE key = 'c8'`, "requests", "replay c8"},
		{"a window", `UPDATE windows SET closed_seq = closed_seq - 1 WHERE period = '2026-10'`, "windows", "2026-1"},
		{"a position", `UPDATE positions SET movement = movement + 1, transfer = transfer + 1 WHERE period = '2026-10' AND party = 'cafe'`, "settlements", "2026-10, cafe"},
		{"a transfer", `UPDATE transfers SET amount = amount + 1 WHERE period = '2026-10' AND number = 1`, "settlements", "transfer 1"},
		{"a digest", `UPDATE settlements SET digest = sha256('') WHERE period = '2026-10'`, "settlements", "2026-10: its digest"},
		{"a movement", `UPDATE positions SET movements = '{"card.sold":[1,0,0]}' WHERE period = '2026-10' AND party = 'cafe'`, "settlements", "stored movements"},
		{"a turnover", `UPDATE balances SET turnover = '\x01010000' WHERE account = 'merchants' AND owner = 'gym'`, "balances", "turnover of merchants:gym"},
		{"what was carried", `UPDATE positions SET opening = opening + 1, movement = movement - 1 WHERE period = '2026-11' AND party = 'gym'`, "windows", "gym"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pool, allianceID := replayed(t, "corners")
			tamper(t, pool, c.alter)
			report, err := audit.Run(t.Context(), pool, alliance.Standard(), allianceID)
			require.NoError(t, err)
			require.False(t, report.Clean())
			for _, check := range report.Checks {
				if check.Name == c.check {
					require.Contains(t, strings.Join(check.Named, "\n"), c.names)
					return
				}
			}
			t.Fatalf("there is no check %q", c.check)
		})
	}
}

// tamper does what the database's triggers forbid.
func tamper(t *testing.T, pool *pgxpool.Pool, sql string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	conn, err := pool.Acquire(ctx)
	require.NoError(t, err)
	defer conn.Release()
	_, err = conn.Exec(ctx, `SET session_replication_role = replica`)
	require.NoError(t, err)
	tag, err := conn.Exec(ctx, sql)
	require.NoError(t, err)
	require.NotZero(t, tag.RowsAffected(), "the alteration changed nothing")
	_, err = conn.Exec(ctx, `RESET session_replication_role`)
	require.NoError(t, err)
}
