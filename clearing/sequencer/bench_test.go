package sequencer_test

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/migrations/pgtest"
)

// BenchmarkSubmit has 256 callers spend on 20,000 cards. It runs on the PostgreSQL of the
// tests, which does not wait for its disk, so it is for CPU profiles and not for figures.
func BenchmarkSubmit(b *testing.B) {
	written, err := scenario.ParseAlliance("circle.yaml", []byte(rules))
	require.NoError(b, err)
	pool := pgtest.Pool(b)
	al, err := replay.Establish(b.Context(), pool, written, clearing.Live)
	require.NoError(b, err)
	s := sequencer.New(pool, store.NewSetupCache(alliance.Standard()))
	const cards = 20000
	var orders []sequencer.Order
	flush := func() {
		_, err := s.SubmitAll(b.Context(), al.ID, orders)
		require.NoError(b, err)
		orders = orders[:0]
	}
	for i := range cards {
		card := fmt.Sprintf("C%05d", i)
		orders = append(orders, sequencer.Order{Caller: "t", Key: "s" + card, At: opening, Command: alliance.SellCard{Card: card, Member: "ann", Product: "day"}},
			sequencer.Order{Caller: "t", Key: "t" + card, At: opening, Command: alliance.TopUp{Card: card, Amount: "1000000.00"}})
		if len(orders) >= 4000 {
			flush()
		}
	}
	flush()
	b.ResetTimer()
	var n atomic.Int64
	var g sync.WaitGroup
	start := time.Now()
	for w := range 256 {
		g.Go(func() {
			for {
				i := n.Add(1)
				if i > int64(b.N) {
					return
				}
				key := fmt.Sprintf("k-%d-%d", w, i)
				cmd := alliance.SpendValue{Card: fmt.Sprintf("C%05d", (i*7919)%cards), Merchant: "gym", Amount: "1.00"}
				o, err := s.Submit(b.Context(), al.ID, sequencer.Order{Caller: "till", Key: key, Hash: sha256.Sum256([]byte(key)), At: opening, Command: cmd})
				if err != nil || o.Refusal != nil {
					b.Error(err, o.Refusal)
					return
				}
			}
		})
	}
	g.Wait()
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "ops/s")
}
