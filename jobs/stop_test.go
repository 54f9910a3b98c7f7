package jobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/jobs"
	"github.com/lianka/lianka/migrations/pgtest"
)

// lockAlliance locks a circle, so that a job waits for it until release is called.
func lockAlliance(t *testing.T, pool *pgxpool.Pool, allianceID int64) (release func()) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = clearing.LockHead(t.Context(), tx, allianceID)
	require.NoError(t, err)
	return func() { require.NoError(t, tx.Rollback(t.Context())) }
}

func awaitRunning(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, j := range jobsIn(t, pool) {
			if j.Kind == (jobs.AdvanceAlliance{}).Kind() && j.State == "running" {
				return true
			}
		}
		return false
	}, patience, 20*time.Millisecond)
}

func TestStopWaitsForRunningJobs(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	s, _ := bookedSeptember(t, 1)
	p := s.processes[0]
	release := lockAlliance(t, p.pool, s.alliance.ID)
	require.NoError(t, p.runner.Start(t.Context()))
	awaitRunning(t, p.pool)
	stopped := make(chan error, 1)
	go func() { stopped <- p.runner.Stop(context.Background()) }()
	select {
	case err := <-stopped:
		require.Fail(t, "it did not wait", "%v", err)
	case <-time.After(500 * time.Millisecond):
	}
	release()
	require.NoError(t, <-stopped)
	awaitJobs(t, p.pool, jobs.AdvanceAlliance{}.Kind(), 1)
	require.Equal(t, []string{"2026-09"}, closed(t, p.pool, s.alliance.ID))
}

func TestStopTimeoutLeavesTheJobToOthers(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	s, _ := bookedSeptember(t, 2)
	p, other := s.processes[0], s.processes[1]
	release := lockAlliance(t, other.pool, s.alliance.ID)
	require.NoError(t, p.runner.Start(t.Context()))
	awaitRunning(t, p.pool)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, p.runner.Stop(ctx), context.DeadlineExceeded)
	release()
	start(t, other.runner)
	awaitJobs(t, other.pool, jobs.AdvanceAlliance{}.Kind(), 1)
	require.Equal(t, []string{"2026-09"}, closed(t, other.pool, s.alliance.ID))
}

func TestStopWithoutStart(t *testing.T) {
	t.Parallel()
	_, err := jobs.New(jobs.Config{})
	require.Error(t, err)
	pool := pgtest.Pool(t)
	runner, err := jobs.New(jobs.Config{Pool: pool, Sequencer: sequencer.New(pool, store.NewSetupCache(alliance.Standard()))})
	require.NoError(t, err)
	require.NoError(t, runner.Stop(t.Context()), "it was never started")
	pool.Close()
	require.ErrorContains(t, runner.Start(t.Context()), "jobs: ", "there is no database")
}
