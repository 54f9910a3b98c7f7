package audit_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/migrations/pgtest"
)

// lived plays a scenario as a live circle lives it, in which nobody pays for closed
// months until all have defaulted.
func lived(t *testing.T, name string) (*pgxpool.Pool, int64) {
	t.Helper()
	pool := pgtest.Pool(t)
	folder := filepath.Join("..", "scenario", "testdata", name)
	written, err := scenario.ReadAlliance(filepath.Join(folder, "circle.yaml"))
	require.NoError(t, err)
	al, err := replay.Establish(t.Context(), pool, written, clearing.Live)
	require.NoError(t, err)
	file, err := os.Open(filepath.Join(folder, "events.jsonl"))
	require.NoError(t, err)
	defer file.Close()
	s := sequencer.New(pool, store.NewSetupCache(alliance.Standard()))
	events := scenario.NewReader(alliance.Standard(), file.Name(), file, replay.Caller)
	last := time.Time{}
	for {
		e, err := events.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		last = e.At
		_, err = s.Submit(t.Context(), al.ID, sequencer.Order{Caller: replay.Caller, Key: e.ID, Hash: e.Hash, At: e.At, Command: e.Command})
		require.NoError(t, err)
	}
	require.NoError(t, s.Advance(t.Context(), al.ID, last.AddDate(0, 2, 0)))
	return pool, al.ID
}

func TestAlteredObligationsAreFoundAndNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, alter, names string }{
		{"nothing", ``, ""},
		{"what was paid", `UPDATE obligations SET paid = paid + 1 WHERE kind = 'payout' AND state = 'payable'`, "payables:"},
		{"what was carried", `UPDATE obligations SET carried = carried + 1 WHERE kind = 'collection'`, "receivables:"},
		{"a member's payout", `UPDATE obligations SET paid = amount, state = 'confirmed' WHERE kind = 'commission'`, "payouts:"},
		{"who bore a loss", `UPDATE obligations SET bearers = '[]' WHERE state = 'defaulted'`, "allowances:"},
		{"a transaction's first event", `DELETE FROM events WHERE number = (SELECT min(number) FROM events)`, "events of transaction"},
		{"an event in the midst", `DELETE FROM events WHERE number % 1048576 = 2`, "events of transaction"},
		{"events of no transaction", `INSERT INTO events SELECT alliance_id, (1::bigint << 40) + 1, at, type, 1 << 20, period, party, body FROM events LIMIT 1`, "which there is not"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pool, allianceID := lived(t, "corners")
			if c.alter != "" {
				tamper(t, pool, c.alter)
			}
			report, err := audit.Run(t.Context(), pool, alliance.Standard(), allianceID)
			require.NoError(t, err)
			require.Equal(t, c.alter == "", report.Clean())
			for _, check := range report.Checks {
				if check.Name == "obligations" {
					require.NotZero(t, check.Looked)
					require.Contains(t, strings.Join(check.Named, "\n"), c.names)
					return
				}
			}
			t.Fatal("obligations are not checked")
		})
	}
}
