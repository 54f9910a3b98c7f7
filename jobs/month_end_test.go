package jobs_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/jobs"
	"github.com/lianka/lianka/migrations/pgtest"
)

// tick is a schedule that fires, and the instant that its job advances to.
type tick struct{ fires, asOf time.Time }

// Not only positions and transfers must be the same, but each transaction's number,
// instant, window and hash. Due work is booked as of its own instant and before all that
// comes after it, so the log doesn't depend on when a job asks for it.
func TestBooksAreTheSameWheneverJobsRun(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"riverside", "at-use", "corners"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && name != "corners" {
				t.Skip("long")
			}
			end := endOf(t, name)
			orders := ordersOf(t, name, end)
			want := booksWithoutJobs(t, name, end)
			for pattern, ticks := range tickPatterns(t, orders[0].At, end) {
				t.Run(pattern, func(t *testing.T) {
					t.Parallel()
					s := newTestAlliance(t, name, 2)
					s.bookWithTicks(t, orders, ticks, end)
					if pattern == "as scheduled" || pattern == "to the instant" {
						require.Positive(t, s.busy, "no tick had anything to do")
					}
					requireSameBooks(t, want, readBooks(t, s.processes[0].pool, s.alliance.ID))
				})
			}
			t.Run("while others book", func(t *testing.T) {
				t.Parallel()
				s := newTestAlliance(t, name, 2)
				s.bookDuringTicks(t, orders, end)
				requireSameBooks(t, want, readBooks(t, s.processes[0].pool, s.alliance.ID))
			})
		})
	}
}

// This shows that the comparison above would notice a job that runs too early.
func TestAdvancingTooEarlyChangesTheBooks(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	const name = "riverside"
	end := endOf(t, name)
	orders := ordersOf(t, name, end)
	want := booksWithoutJobs(t, name, end)
	s := newTestAlliance(t, name, 1)
	cutoff := window.Of(orders[0].At, s.alliance.Location).CutoffAt
	early := tick{fires: cutoff.Add(-12 * time.Hour), asOf: cutoff}
	s.clock.set(early.fires)
	require.ErrorIs(t, s.processes[0].runner.Run(t.Context(), early.asOf), jobs.ErrFuture)

	before := slices.IndexFunc(orders, func(o sequencer.Order) bool { return o.At.After(early.fires) })
	book(t, s.processes[0].sequencer, s.alliance.ID, orders[:before])
	require.NoError(t, s.processes[0].sequencer.Advance(t.Context(), s.alliance.ID, early.asOf))
	book(t, s.processes[0].sequencer, s.alliance.ID, orders[before:])
	require.NoError(t, s.processes[0].sequencer.Advance(t.Context(), s.alliance.ID, end))
	got := readBooks(t, s.processes[0].pool, s.alliance.ID)
	require.NotEqual(t, want["positions"], got["positions"])
	require.NotEqual(t, want["transactions"], got["transactions"])
}

// booksWithoutJobs returns the books of a scenario in which only events advance time.
func booksWithoutJobs(t *testing.T, name string, end time.Time) allianceRows {
	t.Helper()
	pool := pgtest.Pool(t)
	al := establish(t, pool, name, clearing.Live, nil)
	s := sequencer.New(pool, store.NewSetupCache(alliance.Standard()))
	book(t, s, al.ID, ordersOf(t, name, end))
	require.NoError(t, s.Advance(t.Context(), al.ID, end))
	return readBooks(t, pool, al.ID)
}

// tickPatterns returns ways in which jobs may run between two instants.
func tickPatterns(t *testing.T, from, to time.Time) map[string][]tick {
	t.Helper()
	var scheduled, exact, late, stale, twice, monthly []tick
	for every, schedule := range map[int]func(string) (cron.Schedule, error){1: jobs.MonthEnd, 12: jobs.Due} {
		s, err := schedule("Asia/Shanghai")
		require.NoError(t, err)
		for at, n := s.Next(from), 0; !at.After(to); at, n = s.Next(at), n+1 {
			if n%every == 0 { // all of the ticks would take minutes
				scheduled = append(scheduled, tick{at, jobs.AsOf(at)})
			}
		}
	}
	for at := from.Truncate(time.Hour).Add(time.Hour); !at.After(to); at = at.Add(6 * time.Hour) {
		exact = append(exact, tick{at, at})
		twice = append(twice, tick{at, at}, tick{at, at}, tick{at.Add(90 * time.Minute), at})
		late = append(late, tick{at.Add(75 * time.Hour), jobs.AsOf(at.Add(75 * time.Hour))})
		stale = append(stale, tick{at.Add(75 * time.Hour), at})
	}
	for at := from; !at.After(to); at = at.AddDate(0, 0, 29) {
		monthly = append(monthly, tick{at, at})
	}
	all := map[string][]tick{
		"never": nil, "as scheduled": scheduled, "to the instant": exact, "days late": late,
		"with the instant of days ago": stale, "twice": twice, "seldom": monthly,
	}
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 0))
		var ticks []tick
		for range random.IntN(200) + 20 {
			fires := from.Add(time.Duration(random.Int64N(int64(to.Sub(from))))).Truncate(time.Microsecond)
			ticks = append(ticks, tick{fires, fires.Add(-time.Duration(random.Int64N(int64(1+random.IntN(10)) * int64(24*time.Hour))))})
		}
		// Some are within a second of a month-end.
		for month := from; month.Before(to); month = month.AddDate(0, 1, 0) {
			cutoff := window.Of(month, time.FixedZone("", 8*60*60)).CutoffAt
			for range 3 {
				at := cutoff.Add(time.Duration(random.IntN(2000)-1000) * time.Millisecond)
				ticks = append(ticks, tick{at, at})
			}
		}
		all[fmt.Sprint("at random, seed ", seed)] = ticks
	}
	for pattern, ticks := range all {
		ticks = slices.DeleteFunc(ticks, func(t tick) bool { return t.fires.After(to) })
		slices.SortStableFunc(ticks, func(a, b tick) int { return cmp.Compare(a.fires.UnixNano(), b.fires.UnixNano()) })
		all[pattern] = ticks
	}
	return all
}

// testAlliance is a circle in a database of its own, served by some processes.
type testAlliance struct {
	alliance  clearing.Alliance
	clock     *clock
	processes []process
	busy      int // ticks that had something to do
}

func newTestAlliance(t *testing.T, name string, processes int) *testAlliance {
	t.Helper()
	s, url := &testAlliance{clock: &clock{}}, pgtest.URL(t)
	for range processes {
		s.processes = append(s.processes, newProcess(t, url, s.clock))
	}
	s.alliance = establish(t, s.processes[0].pool, name, clearing.Live, nil)
	return s
}

// bookWithTicks books orders, the processes taking turns, with ticks in between.
func (s *testAlliance) bookWithTicks(t *testing.T, orders []sequencer.Order, ticks []tick, end time.Time) {
	t.Helper()
	for turn := 0; len(orders) > 0 || len(ticks) > 0; turn++ {
		n := len(orders)
		if len(ticks) > 0 {
			n = 0
			for n < len(orders) && orders[n].At.Before(ticks[0].fires) {
				n++
			}
		}
		book(t, s.processes[turn%len(s.processes)].sequencer, s.alliance.ID, orders[:n])
		orders = orders[n:]
		if len(ticks) > 0 {
			s.tick(t, ticks[0], turn)
			ticks = ticks[1:]
		}
	}
	require.NoError(t, s.processes[0].sequencer.Advance(t.Context(), s.alliance.ID, end))
}

// tick does what a job does. Some ticks bypass the runner, which skips circles without
// due work; the books must be the same.
func (s *testAlliance) tick(t *testing.T, at tick, turn int) {
	t.Helper()
	p := s.processes[(turn+1)%len(s.processes)]
	s.clock.set(at.fires)
	before, err := clearing.ReadHead(t.Context(), p.pool, s.alliance.ID)
	require.NoError(t, err)
	if turn%8 == 0 {
		require.NoError(t, p.sequencer.Advance(t.Context(), s.alliance.ID, at.asOf))
	} else {
		require.NoError(t, p.runner.Run(t.Context(), at.asOf))
	}
	after, err := clearing.ReadHead(t.Context(), p.pool, s.alliance.ID)
	require.NoError(t, err)
	if after.LastSeq > before.LastSeq {
		s.busy++
	}
}

// bookDuringTicks books orders in small batches, while all processes keep running jobs as
// of the present and the near past.
func (s *testAlliance) bookDuringTicks(t *testing.T, orders []sequencer.Order, end time.Time) {
	t.Helper()
	s.clock.set(orders[0].At)
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	for i, p := range s.processes {
		wait.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 1))
			for ctx.Err() == nil {
				at := s.clock.now().Add(-time.Duration(random.Int64N(int64(48 * time.Hour))))
				if random.IntN(2) == 0 {
					at = s.clock.now()
				}
				if err := p.runner.Run(ctx, at); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for turn := 0; len(orders) > 0; turn++ {
		n := min(len(orders), 12)
		// A job that runs during the batch must not be ahead of its commands, so the
		// clock stays at the first of them.
		s.clock.set(orders[0].At)
		book(t, s.processes[turn%len(s.processes)].sequencer, s.alliance.ID, orders[:n])
		orders = orders[n:]
	}
	s.clock.set(end)
	cancel()
	wait.Wait()
	require.NoError(t, s.processes[0].sequencer.Advance(t.Context(), s.alliance.ID, end))
}
