package sequencer_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
)

// stressRun is many tills that send all kinds of commands about a few cards, to two servers
// that keep very little in memory. Meanwhile time passes, so that commission is released,
// cards expire and months close.
type stressRun struct {
	*pier
	servers []*sequencer.Sequencer
	now     atomic.Int64 // microseconds
	sold    atomic.Int64
	lost    atomic.Int64 // answers that did not come because a connection was cut

	mu     sync.Mutex
	booked []alliance.Reference // the last ones, by key and by number, for reversals
}

// remember records what was booked.
func (c *stressRun) remember(order sequencer.Order, outcome sequencer.Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.booked) == 24 {
		c.booked = c.booked[2:]
	}
	c.booked = append(c.booked, alliance.Reference{Caller: order.Caller, Key: order.Key}, alliance.Reference{Seq: outcome.Seq})
}

// undo returns a reversal of something that was booked lately, or of a part of it.
func (c *stressRun) undo(random *rand.Rand) alliance.Command {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.booked) == 0 {
		return alliance.Reverse{Of: alliance.Reference{Seq: 1}}
	}
	of := c.booked[random.IntN(len(c.booked))]
	if random.IntN(4) == 0 {
		return alliance.Reverse{Of: of}
	}
	part := "0.70"
	return alliance.Reverse{Of: of, Amount: &part}
}

const promoterCount = 5 // members m0 to m4, who refer the others

// stressTill is a till with the commands that it has sent.
type stressTill struct {
	*stressRun
	name   string
	random *rand.Rand
	count  int
	done   []sequencer.Order
	said   []sequencer.Outcome
}

func (s *stressTill) card() string {
	sold := s.sold.Load()
	return fmt.Sprintf("C%d", max(sold-s.random.Int64N(60), 1)) // the older ones have expired
}

func (s *stressTill) merchant() string { return []string{"cafe", "gym"}[s.random.IntN(2)] }

// command returns a random next command.
func (s *stressTill) command() alliance.Command {
	merchant := s.merchant()
	switch n := s.random.IntN(100); {
	case n < 12:
		number := s.sold.Add(1)
		sale := alliance.SellCard{Card: fmt.Sprintf("C%d", number), Member: fmt.Sprintf("m%d", s.random.Int64N(number+promoterCount)), Product: []string{"day", "paid"}[s.random.IntN(2)], Merchant: &merchant}
		if referrer := fmt.Sprintf("m%d", s.random.IntN(promoterCount)); referrer != sale.Member {
			sale.Referrer = &referrer
		}
		return sale
	case n < 25:
		return alliance.TopUp{Card: s.card(), Amount: "20.00", Merchant: &merchant}
	case n < 50:
		return alliance.SpendValue{Card: s.card(), Merchant: merchant, Amount: fmt.Sprintf("%d.%02d", s.random.IntN(9), 1+s.random.IntN(99))}
	case n < 65:
		return alliance.RecordPurchase{Card: s.card(), Merchant: merchant, Bill: "37.00"}
	case n < 75:
		return alliance.SpendPoints{Card: s.card(), Merchant: merchant, Points: 1 + s.random.Int64N(30)}
	case n < 78:
		return alliance.FreezeCard{Card: s.card()}
	case n < 81:
		return alliance.UnfreezeCard{Card: s.card()}
	}
	return s.undo(s.random)
}

// work sends some orders, each until it is answered. One in ten is repeated later.
func (s *stressTill) work(ctx context.Context, orders int) error {
	for range orders {
		if len(s.done) > 0 && s.random.IntN(10) == 0 {
			i := s.random.IntN(len(s.done))
			again, err := s.send(ctx, s.done[i])
			if err != nil {
				return err
			}
			if !again.Replayed || again.Seq != s.said[i].Seq || string(again.Answer) != string(s.said[i].Answer) {
				return fmt.Errorf("%+v was answered %+v and then %+v", s.done[i], s.said[i], again)
			}
			continue
		}
		s.count++
		order := s.keyed(fmt.Sprintf("%s-%d", s.name, s.count), s.command())
		order.Caller = s.name
		order.At = time.UnixMicro(s.now.Add(s.random.Int64N(int64(40 * time.Minute / time.Microsecond))))
		outcome, err := s.send(ctx, order)
		if err != nil {
			return err
		}
		s.done, s.said = append(s.done, order), append(s.said, outcome)
		if outcome.Refusal == nil {
			s.remember(order, outcome)
		}
	}
	return nil
}

func (s *stressTill) send(ctx context.Context, order sequencer.Order) (sequencer.Outcome, error) {
	for {
		server := s.servers[0]
		if s.random.IntN(8) == 0 {
			server = s.servers[1]
		}
		outcome, err := server.Submit(ctx, s.alliance.ID, order)
		if err == nil || !errors.Is(err, clearing.ErrUnavailable) {
			return outcome, err
		}
		s.lost.Add(1)
	}
}

// TestMemoryIsNeverMistaken looks for what could go wrong when a batch is decided before the
// one before it is on disk: rows that are read too early or forgotten too soon, keys that are
// used again, two servers, connections that break in between.
func TestMemoryIsNeverMistaken(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			c := &stressRun{pier: setup(t)}
			c.servers = []*sequencer.Sequencer{c.sequencer, sequencer.New(c.pool, store.NewSetupCache(alliance.Standard()))}
			for _, s := range c.servers {
				s.Remember = 3 + 30*int(seed)
			}
			c.now.Store(opening.UnixMicro())
			for i := range promoterCount {
				c.must(alliance.SellCard{Card: fmt.Sprintf("P%d", i), Member: fmt.Sprintf("m%d", i), Product: "paid"})
			}
			var group sync.WaitGroup
			for i := range 24 {
				group.Go(func() {
					till := &stressTill{stressRun: c, name: fmt.Sprintf("till-%d", i), random: rand.New(rand.NewPCG(seed, uint64(i)))}
					if err := till.work(t.Context(), 150); err != nil {
						t.Error(err)
					}
				})
			}
			stop := make(chan struct{})
			var saboteur sync.WaitGroup
			saboteur.Go(func() {
				for {
					select {
					case <-stop:
						return
					case <-time.After(50 * time.Millisecond):
						_, err := c.pool.Exec(t.Context(), `
							SELECT pg_terminate_backend(pid) FROM pg_stat_activity
							WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' LIMIT 1`)
						if err != nil && !errors.Is(clearing.Unavailable(err), clearing.ErrUnavailable) {
							t.Error(err)
						}
					}
				}
			})
			group.Wait()
			close(stop)
			saboteur.Wait()
			c.pool.Reset() // a terminated connection may not have noticed yet
			c.audit()
			var booked, refused, windows int
			require.NoError(t, c.pool.QueryRow(t.Context(), `
				SELECT count(seq), count(refusal), (SELECT count(*) FROM windows WHERE closed_seq IS NOT NULL) FROM requests`).Scan(&booked, &refused, &windows))
			require.Greater(t, booked, 1000)
			require.Greater(t, refused, 100)
			require.NotZero(t, windows)
			t.Logf("%d booked, %d refused, %d windows closed, %d answers lost", booked, refused, windows, c.lost.Load())
		})
	}
}
