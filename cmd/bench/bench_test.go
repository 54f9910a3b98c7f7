package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// newBench returns a run on a scratch database, with small circles.
func newBench(t *testing.T) *bench {
	t.Helper()
	pool := pgtest.Pool(t)
	setups := store.NewSetupCache(alliance.Standard())
	p := plan{pairs: 2, window: 300 * time.Millisecond, noYardstick: true, lean: true, standardCards: 200}
	return &bench{
		plan: p, report: newReport(p), url: pool.Config().ConnString(), pool: pool, setups: setups,
		sequencer: sequencer.New(pool, setups),
	}
}

func (b *bench) requireClean(t *testing.T) {
	t.Helper()
	require.NotEmpty(t, b.auditTargets)
	for _, a := range b.auditTargets {
		found, err := audit.Run(t.Context(), a.pool, alliance.Standard(), a.dataset.alliance.ID)
		require.NoError(t, err)
		var text strings.Builder
		require.NoError(t, found.Print(&text))
		require.True(t, found.Clean(), text.String())
	}
}

// TestWrittenHistoryIsLikeBookedHistory writes months of history without the sequencer,
// as is done for the large circle, closes the last month repeatedly, and goes on
// through the sequencer.
func TestWrittenHistoryIsLikeBookedHistory(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	b := newBench(t)
	var err error
	b.large, err = b.writeHistory(t.Context(), &dataset{code: "large", cards: 500, merchants: 20, earnedAtUse: true}, 12_000, 3_000)
	require.NoError(t, err)
	require.GreaterOrEqual(t, b.large.entries, 12_000)
	b.requireClean(t)

	require.NoError(t, b.monthEnd(t.Context()))
	b.requireClean(t)
	windows, err := window.List(t.Context(), b.pool, b.large.alliance.ID)
	require.NoError(t, err)
	require.Len(t, windows, historyMonths+1)

	_, err = b.loadSubject("some", loadProfile{callers: 8, datasets: []*dataset{b.large.dataset}}, b.plan.window).run(t.Context())
	require.NoError(t, err)
	require.NoError(t, b.reads(t.Context()))
	b.requireClean(t)
}

func TestLoadLeavesCleanBooks(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	b := newBench(t)
	b.standard = &dataset{code: "standard", cards: 200, merchants: 20}
	require.NoError(t, b.build(t.Context(), b.standard))
	require.NoError(t, b.inProcess(t.Context()))
	for _, c := range []loadProfile{
		{callers: 16, datasets: []*dataset{b.standard}, cards: 1},
		{callers: 16, datasets: []*dataset{b.standard}, merchants: 1},
	} {
		s, err := b.loadSubject("hot", c, b.plan.window).run(t.Context())
		require.NoError(t, err)
		require.Positive(t, s.Done)
	}
	b.requireClean(t)
}

func TestWrittenScenarioCanBeRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	small := &dataset{code: "replayed", cards: 100, merchants: 20}
	refused, err := small.writeScenario(dir, 1000)
	require.NoError(t, err)
	require.Positive(t, refused)
	al, err := scenario.ReadAlliance(filepath.Join(dir, "circle.yaml"))
	require.NoError(t, err)
	require.Len(t, al.Merchants, 20)
}

func TestWorkloadHasItsShares(t *testing.T) {
	t.Parallel()
	const draws = 100_000
	w, again := newWorkload(1, 2, 1000, 20, []int{3, 4}), newWorkload(1, 2, 1000, 20, []int{3, 4})
	found := make(map[kind]int)
	retried, refused := 0, 0
	for range draws {
		r := w.next()
		other := again.next()
		require.Equal(t, string(r.fields), string(other.fields), "the same every time")
		w.answered(r)
		again.answered(other)
		switch {
		case r.repeat != nil:
			retried++
			require.Equal(t, r.repeat.key, r.key)
			require.Equal(t, r.repeat.hash(), r.hash())
		case r.refused:
			refused++
		default:
			found[r.kind]++
		}
	}
	near := func(count int, share float64, of int) {
		t.Helper()
		require.LessOrEqual(t, math.Abs(float64(count)/float64(of)-share), 0.005)
	}
	near(retried, retryShare, draws)
	near(refused, refusedShare, draws)
	for k := range kinds {
		near(found[kind(k)], float64(kinds[k].weight)/100, draws-retried-refused)
	}
}

func TestEveryMerchantIsServed(t *testing.T) {
	t.Parallel()
	for _, callers := range []int{1, 64, 256, 1024} {
		served := make(map[int]bool)
		for i := range callers {
			own := merchantsOf(i, callers, 100)
			require.NotEmpty(t, own)
			for _, merchant := range own {
				served[merchant] = true
			}
		}
		require.Len(t, served, 100)
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	require.Equal(t, figure{median: 3, least: 1, most: 9, count: 3}, figureOf([]float64{9, 1, 3}))
	require.Equal(t, figure{median: 2, least: 1, most: 3, count: 2}, figureOf([]float64{3, 1}))
	require.Zero(t, figureOf(nil))
	p50, p99 := latencies([]time.Duration{3, 1, 2, 100})
	require.Equal(t, time.Duration(3), p50)
	require.Equal(t, time.Duration(100), p99)
}

func TestTurnsAlternateAndPair(t *testing.T) {
	t.Parallel()
	var order []string
	named := func(name string, value float64) subject {
		return subject{name, func(context.Context) (sample, error) {
			order = append(order, name)
			return sample{Rate: value * float64(len(order))}, nil
		}}
	}
	found, err := turns(t.Context(), 2, []subject{named("a", 1), named("b", 2)})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "b", "a"}, order)
	require.Equal(t, []string{"a", "b"}, found.names)
	require.InDelta(t, (2*2/1.0+2*3/4.0)/2, found.ratio("b", "a", rate).median, 1e-9)
	failing := errors.New("failing")
	_, err = turns(t.Context(), 1, []subject{{"c", func(context.Context) (sample, error) { return sample{}, failing }}})
	require.ErrorIs(t, err, failing)
}

func TestKeysAreFlatAndInOrder(t *testing.T) {
	t.Parallel()
	r := newReport(plan{})
	r.keys["audit"] = clean
	r.value("tpcb_tps", 1234.56789)
	r.value("bulk_50_x_tpcb", 0) // not measured
	flat, err := r.flat()
	require.NoError(t, err)
	require.Equal(t, "{\n  \"tpcb_tps\": 1234.568,\n  \"audit\": \"clean\"\n}\n", string(flat))
}

func TestConnectionReadsAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wire string
		want posted
	}{
		"length":  {"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nIdempotency-Replayed: true\r\n\r\nhi", posted{201, true, []byte("hi")}},
		"chunked": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nB\r\ndefghijklmn\r\n0\r\n\r\n", posted{200, false, []byte("abcdefghijklmn")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			near, far := net.Pipe()
			defer func() { _ = near.Close() }()
			go func() {
				defer func() { _ = far.Close() }()
				request := bufio.NewReader(far)
				for line := ""; line != "\r\n"; {
					var err error
					if line, err = request.ReadString('\n'); err != nil {
						return
					}
				}
				if _, err := io.ReadFull(request, make([]byte, 4)); err != nil {
					return
				}
				_, _ = fmt.Fprint(far, c.wire)
			}()
			conn := &connection{conn: near, reader: bufio.NewReader(near)}
			got, err := conn.post("/", "key", "1", []byte("body"))
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}
