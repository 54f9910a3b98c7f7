package year_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/migrations/pgtest"
)

// circle is a circle that lives a year, with what its tills, office and bank know.
type livingAlliance struct {
	*testing.T
	clearing.Alliance
	seed    uint64
	random  *rand.Rand
	mishaps *rand.Rand // what the servers suffer; nil: nothing
	written scenario.Alliance
	url     string
	pool    *pgxpool.Pool // to look at the books; no server books with it
	servers [2]*server
	now     time.Time

	keys       []asked
	made       int // requests
	cards      []card
	members    []string
	booked     []*booked
	online     map[int64]int64 // what came into custody with transactions of the tills
	bank       *bank
	diligence  map[string]float64 // how likely a party pays when it is asked
	notices    int
	seen       map[string]string // closed months, as they were when they were first seen
	unchecked  bool              // nobody looks at the books
	kills      int
	twice      int // two servers were asked at once
	unanswered int // booked, and the answer was lost

	tally *tally
}

// asked is an order with its first answer.
type asked struct {
	order   sequencer.Order
	outcome sequencer.Outcome
}

// found sets up a circle.
func found(t *testing.T, seed uint64, total *tally) *livingAlliance {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 2026))
	c := &livingAlliance{
		T: t, seed: seed, random: random, written: drawAlliance(random, seed), url: pgtest.URL(t), tally: total,
		online: make(map[int64]int64), bank: &bank{names: seed%2 == 0, paid: make(map[string]int64)}, diligence: make(map[string]float64), seen: make(map[string]string),
	}
	var err error
	c.pool, err = pgxpool.New(t.Context(), c.url)
	require.NoError(t, err)
	t.Cleanup(c.pool.Close)
	c.Alliance, err = replay.Establish(t.Context(), c.pool, c.written, clearing.Live)
	require.NoError(t, err)
	c.servers = [2]*server{open(t, c.url), open(t, c.url)}
	c.giveAccount("party", clearing.Custody)
	for _, party := range c.parties() {
		c.diligence[party] = one(random, 0.9, 0.9, 0.6, 0.05)
		if random.IntN(6) > 0 {
			c.giveAccount("party", party)
		}
	}
	c.now = time.Date(2026, 1, 1, 0, 0, 0, 0, c.Location).Add(9 * time.Hour)
	return c
}

func (c *livingAlliance) parties() []string {
	parties := []string{clearing.Organiser}
	for _, merchant := range c.written.Merchants {
		parties = append(parties, merchant.Code)
	}
	return parties
}

// minor reads an amount that is one.
func (c *livingAlliance) minor(text string) int64 {
	c.Helper()
	amount, err := money.Parse(text, c.Currency)
	require.NoError(c, err)
	return amount.Minor()
}

// read reads rows of the circle, which is the first argument of the query. each gives
// the places of a row, and what is done once they are filled.
func read(c *livingAlliance, sql string, each func() ([]any, func()), args ...any) {
	c.Helper()
	rows, err := c.pool.Query(c.Context(), sql, append([]any{c.ID}, args...)...)
	require.NoError(c, err)
	var done []func()
	for rows.Next() {
		places, do := each()
		require.NoError(c, rows.Scan(places...))
		done = append(done, do)
	}
	require.NoError(c, rows.Err())
	for _, do := range done {
		do()
	}
}
