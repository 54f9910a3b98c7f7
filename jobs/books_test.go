package jobs_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/jobs"
)

// clock is the clock of a live circle, which the test sets.
type clock struct{ micros atomic.Int64 }

func (c *clock) set(t time.Time) { c.micros.Store(t.UnixMicro()) }
func (c *clock) now() time.Time  { return time.UnixMicro(c.micros.Load()).UTC() }

// process stands for a server process, with its own connections, sequencer and runner.
type process struct {
	pool      *pgxpool.Pool
	sequencer *sequencer.Sequencer
	runner    *jobs.Runner
}

func newProcess(t *testing.T, url string, c *clock) process {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	require.NoError(t, err)
	config.MaxConns = 8
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	s := sequencer.New(pool, store.NewSetupCache(alliance.Standard()))
	runner, err := jobs.New(jobs.Config{Pool: pool, Sequencer: s, Clock: c.now, Refresh: 100 * time.Millisecond})
	require.NoError(t, err)
	return process{pool, s, runner}
}

func scenarioDir(name string) string { return filepath.Join("../alliance/scenario/testdata", name) }

// endOf returns the instant at which a scenario ends.
func endOf(t *testing.T, name string) time.Time {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(scenarioDir(name), "until"))
	require.NoError(t, err)
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(string(content)))
	require.NoError(t, err)
	return at
}

// ordersOf returns the events of a scenario up to an instant.
func ordersOf(t *testing.T, name string, through time.Time) []sequencer.Order {
	t.Helper()
	file, err := os.Open(filepath.Join(scenarioDir(name), "events.jsonl"))
	require.NoError(t, err)
	defer file.Close()
	reader := scenario.NewReader(alliance.Standard(), file.Name(), file, replay.Caller)
	var orders []sequencer.Order
	for {
		e, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return orders
		}
		require.NoError(t, err)
		if !e.At.After(through) {
			orders = append(orders, sequencer.Order{Caller: replay.Caller, Key: e.ID, Hash: e.Hash, At: e.At, Command: e.Command})
		}
	}
}

// establish sets up the circle of a scenario. change may alter it first, for example its
// code and timezone.
func establish(t *testing.T, pool *pgxpool.Pool, name string, mode clearing.Mode, change func(*scenario.Alliance)) clearing.Alliance {
	t.Helper()
	written, err := scenario.ReadAlliance(filepath.Join(scenarioDir(name), "circle.yaml"))
	require.NoError(t, err)
	if change != nil {
		change(&written)
	}
	al, err := replay.Establish(t.Context(), pool, written, mode)
	require.NoError(t, err)
	return al
}

// book books orders in sequence, in batches.
func book(t *testing.T, s *sequencer.Sequencer, allianceID int64, orders []sequencer.Order) {
	t.Helper()
	for len(orders) > 0 {
		n := min(len(orders), 256)
		_, err := s.SubmitAll(t.Context(), allianceID, orders[:n])
		require.NoError(t, err)
		orders = orders[n:]
	}
}

// allianceRows is every row about a circle, by table.
type allianceRows map[string][]string

// readBooks reads all that the database holds about a circle, except for the head's
// versions, which are random.
func readBooks(t *testing.T, pool *pgxpool.Pool, allianceID int64) allianceRows {
	t.Helper()
	found, err := pool.Query(t.Context(), `
		SELECT table_name::text FROM information_schema.columns
		WHERE table_schema = 'public' AND column_name = 'alliance_id' ORDER BY table_name`)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(found, pgx.RowTo[string])
	require.NoError(t, err)
	require.Subset(t, tables, []string{"transactions", "entries", "windows", "positions", "transfers", "commission_statements", "cards"})
	all := make(allianceRows)
	for _, table := range tables {
		found, err := pool.Query(t.Context(),
			`SELECT r FROM (SELECT (to_jsonb(t) - 'version' - 'setup_version')::text AS r FROM `+pgx.Identifier{table}.Sanitize()+` t WHERE alliance_id = $1) s
			 ORDER BY r COLLATE "C"`, allianceID)
		require.NoError(t, err)
		all[table], err = pgx.CollectRows(found, pgx.RowTo[string])
		require.NoError(t, err)
	}
	return all
}

// requireSameBooks stops at the first row that differs, because all differences would be
// too long to read.
func requireSameBooks(t *testing.T, want, got allianceRows) {
	t.Helper()
	for table, lines := range want {
		for i := range min(len(lines), len(got[table])) {
			require.Equal(t, lines[i], got[table][i], "%s, row %d", table, i)
		}
		require.Len(t, got[table], len(lines), table)
	}
	require.Len(t, got, len(want))
}
