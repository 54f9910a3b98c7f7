package jobs_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/jobs"
	"github.com/lianka/lianka/migrations/pgtest"
)

// patience is how long a test waits for the queue, which must elect a leader, poll, and
// pause between attempts.
const patience = 4 * time.Minute

// bookedSeptember returns a circle that has booked September and nothing after it, with
// the clock ten seconds into October.
func bookedSeptember(t *testing.T, processes int) (s *testAlliance, october time.Time) {
	t.Helper()
	s = newTestAlliance(t, "riverside", processes)
	october = time.Date(2026, time.October, 1, 0, 0, 0, 0, s.alliance.Location)
	book(t, s.processes[0].sequencer, s.alliance.ID, ordersOf(t, "riverside", october.Add(-time.Microsecond)))
	s.clock.set(october.Add(10 * time.Second))
	return s, october.UTC()
}

// start starts a runner and stops it when the test ends.
func start(t *testing.T, r *jobs.Runner) {
	t.Helper()
	require.NoError(t, r.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, r.Stop(ctx))
	})
}

// job is a row of the queue.
type job struct {
	Kind, Args, State string
	Attempt           int
}

func jobsIn(t *testing.T, pool *pgxpool.Pool) []job {
	t.Helper()
	found, err := pool.Query(t.Context(), `SELECT kind, args::text, state::text, attempt FROM river_job ORDER BY id`)
	require.NoError(t, err)
	all, err := pgx.CollectRows(found, pgx.RowToStructByPos[job])
	require.NoError(t, err)
	return all
}

// awaitJobs waits until there are jobs of a kind and all are completed, and
// requires that no two are the same.
func awaitJobs(t *testing.T, pool *pgxpool.Pool, kind string, count int) {
	t.Helper()
	var all []job
	require.Eventually(t, func() bool {
		all = jobsIn(t, pool)
		done := 0
		for _, j := range all {
			if j.Kind == kind && j.State == "completed" {
				done++
			}
		}
		return done == count
	}, patience, 50*time.Millisecond, "%v", &all)
	seen := make(map[job]bool)
	for _, j := range all {
		same := job{Kind: j.Kind, Args: j.Args}
		require.False(t, seen[same], "%v is there twice", same)
		seen[same] = true
	}
}

func closed(t *testing.T, pool *pgxpool.Pool, allianceID int64) []string {
	t.Helper()
	windows, err := window.List(t.Context(), pool, allianceID)
	require.NoError(t, err)
	var periods []string
	for _, w := range windows {
		if w.ClosedSeq != 0 {
			periods = append(periods, w.Period)
		}
	}
	return periods
}

func TestTwoProcessesCloseAMonthOnce(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	s, october := bookedSeptember(t, 2)
	for _, p := range s.processes {
		start(t, p.runner)
	}
	pool := s.processes[0].pool
	awaitJobs(t, pool, jobs.AdvanceAlliance{}.Kind(), 1)
	require.Equal(t, []string{"2026-09"}, closed(t, pool, s.alliance.ID))
	var closings int
	require.NoError(t, pool.QueryRow(t.Context(),
		`SELECT count(*) FROM transactions WHERE type = 'window.closed' AND booked_at = $1`, october).Scan(&closings))
	require.Equal(t, 1, closings)

	// The books are the same as without a runner.
	still := newTestAlliance(t, "riverside", 1)
	book(t, still.processes[0].sequencer, still.alliance.ID, ordersOf(t, "riverside", october.Add(-time.Microsecond)))
	require.NoError(t, still.processes[0].sequencer.Advance(t.Context(), still.alliance.ID, october))
	requireSameBooks(t, readBooks(t, still.processes[0].pool, still.alliance.ID), readBooks(t, pool, s.alliance.ID))
}

func TestMissedTicksAreCaughtUpAtStart(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	s, october := bookedSeptember(t, 1)
	s.clock.set(october.AddDate(0, 3, 2)) // no process has run for a quarter
	pool := s.processes[0].pool
	start(t, s.processes[0].runner)
	awaitJobs(t, pool, jobs.AdvanceAlliance{}.Kind(), 1)
	require.Equal(t, []string{"2026-12", "2026-11", "2026-10", "2026-09"}, closed(t, pool, s.alliance.ID))
}

func TestJobDoneTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	s, october := bookedSeptember(t, 2)
	first, second := s.processes[0], s.processes[1]
	require.NoError(t, first.runner.Run(t.Context(), october))
	want := readBooks(t, first.pool, s.alliance.ID)
	require.NoError(t, first.runner.Run(t.Context(), october))
	require.NoError(t, second.runner.Run(t.Context(), october))
	require.NoError(t, second.runner.Run(t.Context(), october.Add(-24*time.Hour)))
	requireSameBooks(t, want, readBooks(t, first.pool, s.alliance.ID))

	// The queue does it again too, as if it had lost its completed jobs.
	for range 2 {
		_, err := first.pool.Exec(t.Context(), `
			INSERT INTO river_job (kind, args, max_attempts)
			VALUES ('advance_circle', jsonb_build_object('circle', $1::bigint, 'as_of', $2::timestamptz), 5)`, s.alliance.ID, october)
		require.NoError(t, err)
	}
	start(t, second.runner)
	require.Eventually(t, func() bool {
		var done int
		require.NoError(t, first.pool.QueryRow(t.Context(),
			`SELECT count(*) FROM river_job WHERE kind = 'advance_circle' AND state = 'completed'`).Scan(&done))
		return done == 2
	}, patience, 50*time.Millisecond)
	requireSameBooks(t, want, readBooks(t, first.pool, s.alliance.ID))
}

func TestAlliancesThatNoJobAdvances(t *testing.T) {
	t.Parallel()
	pool, c := pgtest.Pool(t), &clock{}
	created := time.Date(2026, time.September, 1, 0, 0, 0, 0, time.UTC)
	c.set(created.AddDate(1, 0, 0))
	currency, err := money.ParseCurrency("CNY")
	require.NoError(t, err)
	alliances := map[clearing.Mode]clearing.Alliance{clearing.Test: {}, clearing.Live: {}}
	for mode := range alliances {
		err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) (err error) {
			alliances[mode], err = clearing.CreateAlliance(t.Context(), tx, clearing.Alliance{
				Code: string(mode), Currency: currency, Location: time.UTC, Mode: mode, CreatedAt: created,
			})
			return err
		})
		require.NoError(t, err)
		_, err = pool.Exec(t.Context(), `UPDATE heads SET next_due_at = $1`, created) // so that sweeps find them
		require.NoError(t, err)
	}
	runner, err := jobs.New(jobs.Config{Pool: pool, Sequencer: sequencer.New(pool, store.NewSetupCache(alliance.Standard())), Clock: c.now})
	require.NoError(t, err)
	require.NoError(t, runner.Run(t.Context(), c.now()), "a live circle without terms is no error")

	_, err = pool.Exec(t.Context(), `
		INSERT INTO river_job (kind, args, max_attempts)
		VALUES ('advance_circle', jsonb_build_object('circle', $1::bigint, 'as_of', $2::timestamptz), 5)`, alliances[clearing.Test].ID, c.now())
	require.NoError(t, err)
	start(t, runner)
	awaitJobs(t, pool, jobs.AdvanceAlliance{}.Kind(), 1)
	head, err := clearing.ReadHead(t.Context(), pool, alliances[clearing.Test].ID)
	require.NoError(t, err)
	require.True(t, head.Clock.Equal(created), "a test circle has its own clock")
}

func TestNewAllianceIsFound(t *testing.T) {
	t.Parallel()
	s, _ := bookedSeptember(t, 2)
	pool := s.processes[0].pool
	for _, p := range s.processes {
		start(t, p.runner)
	}
	awaitJobs(t, pool, jobs.AdvanceAlliance{}.Kind(), 1)
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	// It goes live when its month is booked and over: the schedule of a new timezone sweeps at once,
	// and only minutes later again.
	later := establish(t, pool, "riverside", clearing.Replay, func(c *scenario.Alliance) { c.Code, c.Location = "spree", berlin })
	end := time.Date(2026, time.October, 1, 0, 0, 0, 0, berlin)
	s.clock.set(end.Add(10 * time.Second))
	before := sequencer.New(pool, store.NewSetupCache(alliance.Standard()))
	book(t, before, later.ID, ordersOf(t, "riverside", end.Add(-time.Second)))
	_, err = pool.Exec(t.Context(), `UPDATE alliances SET mode = 'live' WHERE alliance_id = $1`, later.ID)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(closed(t, pool, later.ID)) == 1 }, patience, 50*time.Millisecond)
	awaitJobs(t, pool, jobs.AdvanceAlliance{}.Kind(), 2)
}

// failingOpener opens rule books whose first loads fail.
type failingOpener struct {
	*store.SetupCache
	faults atomic.Int32
}

// failingState is the state of such a rule book.
type failingState struct {
	sequencer.AllianceState
	faults *atomic.Int32
}

func (f *failingOpener) Open(allianceID int64, head *clearing.Head, balances *ledger.Balances, remember int) sequencer.AllianceState {
	return failingState{f.SetupCache.Open(allianceID, head, balances, remember), &f.faults}
}

func (f failingState) LoadSetup(ctx context.Context, db ledger.Querier) error {
	if f.faults.Add(-1) >= 0 {
		return context.DeadlineExceeded
	}
	return f.AllianceState.LoadSetup(ctx, db)
}

// syncBuffer is a buffer for a log that goroutines share.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestFailureIsLoggedAndRetried(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	s, _ := bookedSeptember(t, 1)
	pool := s.processes[0].pool
	rules, log := &failingOpener{SetupCache: store.NewSetupCache(alliance.Standard())}, &syncBuffer{}
	rules.faults.Store(1)
	runner, err := jobs.New(jobs.Config{
		Pool: pool, Sequencer: sequencer.New(pool, rules), Clock: s.clock.now,
		Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	require.NoError(t, err)
	start(t, runner)
	awaitJobs(t, pool, jobs.AdvanceAlliance{}.Kind(), 1)
	require.Contains(t, log.String(), "a job failed and is tried again")
	require.Contains(t, log.String(), `circle \"riverside\" as of 2026-09-30T16:00:00Z`)
	for _, j := range jobsIn(t, pool) {
		if j.Kind == (jobs.AdvanceAlliance{}).Kind() {
			require.Equal(t, 2, j.Attempt)
		}
	}
	require.Equal(t, []string{"2026-09"}, closed(t, pool, s.alliance.ID))
}
