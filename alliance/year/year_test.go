package year_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/window"
)

var (
	firstSeed = flag.Uint64("year.seed", 1, "the seed of the first circle; the others follow it")
	alliances = flag.Int("year.circles", 0, "how many circles live a year; 0: as many as suit a test run")
)

const (
	months  = 12
	rounds  = 7 // in a month, in each of which some things happen at once
	usual   = 8 // circles
	inShort = 2
)

// tally counts over all circles what was done and what came about.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (t *tally) add(what string, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[what] += n
}

// TestAYearInTheLifeOfACircle lets circles live a year and looks at their books after
// every month. Over all circles everything has to come about that can, so that the
// test does not lose sight of it.
func TestAYearInTheLifeOfACircle(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	n := *alliances
	if n == 0 {
		n = usual
		if testing.Short() {
			n = inShort
		}
	}
	total := &tally{counts: make(map[string]int)}
	t.Run("circles", func(t *testing.T) {
		for seed := *firstSeed; seed < *firstSeed+uint64(n); seed++ {
			t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
				t.Parallel()
				t.Cleanup(func() {
					if t.Failed() {
						t.Logf("to live this year again: go test ./alliance/year -year.seed=%d -year.circles=1", seed)
					}
				})
				c := found(t, seed, total)
				c.mishaps = rand.New(rand.NewPCG(seed, 1))
				c.live()
				c.journal()
				c.count()
			})
		}
		t.Run("without mishaps", func(t *testing.T) {
			t.Parallel()
			same(t, *firstSeed)
		})
	})
	for _, what := range slices.Sorted(maps.Keys(total.counts)) {
		t.Logf("%6d %s", total.counts[what], what)
	}
	if *firstSeed == 1 && total.counts["years"] >= usual { // of those it is known
		for what, least := range expected() {
			require.GreaterOrEqual(t, total.counts[what], least, "%s happens too seldom for this test to say something about it", what)
		}
	}
}

// same lives a year with and without what its servers suffer. The books are the same to
// the hash of the last transaction.
func same(t *testing.T, seed uint64) {
	t.Helper()
	var ends []string
	for _, mishaps := range []*rand.Rand{nil, rand.New(rand.NewPCG(seed, 2))} {
		c := found(t, seed, &tally{counts: make(map[string]int)})
		c.mishaps, c.unchecked = mishaps, true
		c.live()
		ends = append(ends, c.rows(`SELECT last_seq || ' ' || encode(last_hash, 'hex') FROM heads WHERE alliance_id = $1`))
	}
	require.Equal(t, ends[0], ends[1])
	require.NotEmpty(t, ends[0])
}

// live lives a year, up to the first hours of the next.
func (c *livingAlliance) live() {
	c.Helper()
	for month := range months {
		cutoff := window.Of(c.now, c.Location).CutoffAt
		left := cutoff.Sub(c.now)
		for i := range rounds {
			part := left / rounds
			if i == 0 {
				part = 20 * time.Hour // while the month before is under review
			}
			c.now = cutoff.Add(-left + left*time.Duration(i)/rounds + time.Duration(c.random.Int64N(int64(part))))
			c.round()
		}
		if month%5 == 3 {
			c.amend()
		}
		c.now = cutoff.Add(time.Duration(c.random.IntN(2)) * time.Duration(c.random.IntN(7200)) * time.Second)
		c.advance(c.servers[month%2], c.now)
		if !c.unchecked {
			c.check(cutoff)
		}
		c.now = c.now.Add(time.Second)
	}
}

// round is some things that tills, office and bank do about the same time.
func (c *livingAlliance) round() {
	c.Helper()
	c.advance(c.servers[0], c.now)
	office := c.office()
	var requests []request
	for range within(c.random, 6, 14) {
		requests = append(requests, c.visit())
	}
	for _, r := range office { // in their order, among those of the tills
		requests = append(requests, r)
		if c.random.IntN(2) == 0 {
			requests = append(requests, c.visit())
		}
	}
	for len(requests) > 0 {
		n := min(len(requests), one(c.random, 1, 3, 8, len(requests)))
		c.have(requests[:n])
		requests = requests[n:]
	}
	c.takeRuns()
	c.repeat()
}

// have has some things done at once.
func (c *livingAlliance) have(requests []request) {
	c.Helper()
	orders := make([]sequencer.Order, len(requests))
	for i := range requests {
		c.now = c.now.Add(time.Millisecond)
		requests[i].At = c.now
		orders[i] = requests[i].Order
	}
	for i, o := range c.submit(orders) {
		name := reflect.TypeOf(orders[i].Command).String()
		if o.Refusal != nil {
			c.tally.add("refused: "+o.Refusal.Code, 1)
			if requests[i].refused != nil {
				requests[i].refused()
			}
		} else {
			c.tally.add("booked: "+name, 1)
			requests[i].then(o)
		}
		c.keys = append(c.keys, asked{orders[i], o})
	}
}

// request makes an order under a new key.
func (c *livingAlliance) request(caller string, command any) request {
	c.made++
	key := fmt.Sprintf("key%06d", c.made)
	return request{Order: sequencer.Order{Caller: caller, Key: key, Hash: sha256.Sum256([]byte(key)), Command: command}}
}

// repeat asks some of what was asked before once more, and something else under a key
// that was used.
func (c *livingAlliance) repeat() {
	c.Helper()
	var orders []sequencer.Order
	var first []sequencer.Outcome
	for range 4 {
		a := c.keys[c.random.IntN(len(c.keys))]
		a.order.At = c.now
		orders, first = append(orders, a.order), append(first, a.outcome)
	}
	for i, again := range c.ask(c.servers[1], orders) {
		require.True(c, again.Replayed, "%+v", orders[i])
		require.Equal(c, string(first[i].Answer), string(again.Answer))
		require.Equal(c, first[i].Seq, again.Seq)
		require.Equal(c, first[i].Refusal == nil, again.Refusal == nil)
	}
	other := orders[0]
	other.Hash = sha256.Sum256([]byte("other content"))
	conflict := c.ask(c.servers[1], []sequencer.Order{other})[0]
	require.NotNil(c, conflict.Refusal)
	require.Equal(c, sequencer.IdempotencyConflict, conflict.Refusal.Code)
}

// amend puts new terms in force, lets another shop in, and has all parties say where
// they want to be paid.
func (c *livingAlliance) amend() {
	c.Helper()
	c.advance(c.servers[0], c.now) // what falls due comes first
	merchant := drawMerchant(c.random, fmt.Sprintf("late%02d", len(c.written.Merchants)))
	terms := drawTerms(c.random, c.written.Terms.Funding)
	require.NoError(c, pgx.BeginFunc(c.Context(), c.pool, func(tx pgx.Tx) error {
		if _, err := store.AdmitMerchant(c.Context(), tx, c.ID, merchant, c.now); err != nil {
			return err
		}
		_, err := store.SetTerms(c.Context(), tx, c.ID, terms, c.now)
		return err
	}))
	c.written.Merchants = append(c.written.Merchants, merchant)
	c.diligence[merchant.Code] = 0.7
	for _, party := range c.parties() {
		c.giveAccount("party", party)
	}
}
