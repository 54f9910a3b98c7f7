package sequencer_test

import (
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
)

// change changes the setup as the API does, as often as work falls due meanwhile.
func (p *pier) change(f func(tx clearing.Tx) error) error {
	for {
		err := clearing.Write(p.Context(), p.pool, f)
		if !errors.Is(err, alliance.ErrOverdue) {
			return err
		}
		if err := p.sequencer.Advance(p.Context(), p.alliance.ID, time.Now()); err != nil {
			return err
		}
	}
}

// TestStocksAndBudgetsAreExactWhileTheyChange lets 64 callers redeem an item and earn gifts
// through two servers, while others add to the stock, each request three times, and change the
// campaign.
func TestStocksAndBudgetsAreExactWhileTheyChange(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	const restocks, added, redemptions = 8, 5, 3
	p, servers := growthPier(t)
	for i := range 4 {
		card := fmt.Sprintf("C%d", i)
		p.must(alliance.SellCard{Card: card, Member: fmt.Sprintf("m%d", i), Product: "paid"})
		p.must(alliance.RecordPurchase{Card: card, Merchant: "gym", Bill: "1000.00"})
	}
	var redeemed, restocked atomic.Int64
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(7, uint64(i)))
			for n := range redemptions + 1 {
				card := fmt.Sprintf("C%d", random.IntN(4))
				var command alliance.Command = alliance.RedeemItem{Card: card, Merchant: "cafe", Item: "mug", Count: 1}
				if n == redemptions {
					command = alliance.RecordPurchase{Card: card, Merchant: "gym", Bill: "1.00"}
				}
				outcome, err := servers[random.IntN(2)].Submit(t.Context(), p.alliance.ID, p.keyed(fmt.Sprintf("%d-%d", i, n), command))
				switch {
				case err != nil:
					t.Error(err)
				case outcome.Refusal == nil && n < redemptions:
					redeemed.Add(1)
				case outcome.Refusal != nil && outcome.Refusal.Code != alliance.CodeOutOfStock:
					t.Error(outcome.Refusal)
				}
			}
		})
	}
	for i := range restocks * 3 {
		group.Go(func() {
			err := p.change(func(tx clearing.Tx) error {
				done, err := store.RestockItem(p.Context(), tx, p.alliance.ID, store.Restocking{
					Item: "mug", Amount: added, Caller: "organiser", Key: fmt.Sprint(i / 3),
				}, time.Now())
				if err == nil && !done.Replayed {
					restocked.Add(done.Stock)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Go(func() {
		for n := range 12 {
			change := []string{alliance.CampaignPaused, alliance.CampaignResumed}[n%2]
			if err := p.change(func(tx clearing.Tx) error {
				return store.ChangeCampaign(p.Context(), tx, p.alliance.ID, "used", change, "cafe", time.Now())
			}); err != nil {
				t.Error(err)
			}
			budget := fmt.Sprintf("%d.00", 21+n)
			if err := p.change(func(tx clearing.Tx) error {
				return store.AmendCampaign(p.Context(), tx, p.alliance.ID, "used", alliance.CampaignAmendment{Budget: &budget}, "cafe", time.Now())
			}); err != nil {
				t.Error(err)
			}
		}
	})
	group.Wait()

	const stock = 25 + restocks*added
	var total int64
	for i := range restocks {
		total += 25 + added*int64(i+1)
	}
	require.Equal(t, total, restocked.Load(), "each restocking saw the one before, once")
	for n := int64(0); ; n++ { // until nothing is left
		outcome, err := servers[n%2].Submit(t.Context(), p.alliance.ID, p.keyed(fmt.Sprintf("rest-%d", n), alliance.RedeemItem{Card: "C0", Merchant: "cafe", Item: "mug", Count: 1}))
		require.NoError(t, err)
		if outcome.Refusal != nil {
			require.Equal(t, alliance.CodeOutOfStock, outcome.Refusal.Code)
			break
		}
		redeemed.Add(1)
	}
	require.EqualValues(t, stock, redeemed.Load())
	var budget, committed, given int64
	require.NoError(t, p.pool.QueryRow(t.Context(), `SELECT budget, committed, given FROM campaign_sums WHERE campaign = 'used'`).Scan(&budget, &committed, &given))
	require.EqualValues(t, 32_00, budget)
	require.Equal(t, given*50, committed)
	var whilePaused int
	require.NoError(t, p.pool.QueryRow(t.Context(), `
		SELECT count(*) FROM gifts g, LATERAL (
			SELECT paused_by FROM campaign_changes c WHERE c.alliance_id = g.alliance_id AND c.campaign = g.campaign AND c.seq < g.seq ORDER BY version DESC LIMIT 1) s
		WHERE s.paused_by <> ''`).Scan(&whilePaused))
	require.Zero(t, whilePaused)
	p.auditGrowth()

	// Done again, with the key of another restocking, without a stock, and when it is gone.
	restock := func(r store.Restocking) (done store.Restocked, err error) {
		err = p.change(func(tx clearing.Tx) (err error) {
			done, err = store.RestockItem(p.Context(), tx, p.alliance.ID, r, time.Now())
			return err
		})
		return done, err
	}
	_, err := restock(store.Restocking{Item: "mug", Amount: added + 1, Caller: "organiser", Key: "0"})
	require.ErrorIs(t, err, alliance.ErrRestockKey)
	_, err = restock(store.Restocking{Item: "none", Amount: 1, Caller: "organiser", Key: "x"})
	require.ErrorIs(t, err, alliance.ErrItemUnknown)
	require.NoError(t, p.change(func(tx clearing.Tx) error { return store.RetireItem(p.Context(), tx, p.alliance.ID, "mug", time.Now()) }))
	_, err = restock(store.Restocking{Item: "mug", Amount: 1, Caller: "organiser", Key: "y"})
	require.ErrorIs(t, err, alliance.ErrItemRetired)
	done, err := restock(store.Restocking{Item: "mug", Amount: added, Caller: "organiser", Key: "0"})
	require.NoError(t, err)
	require.True(t, done.Replayed, "a repeat is answered as before, whatever has happened since")
	outcome, err := servers[0].Submit(t.Context(), p.alliance.ID, p.keyed("gone", alliance.RedeemItem{Card: "C0", Merchant: "cafe", Item: "mug", Count: 1}))
	require.NoError(t, err)
	require.Equal(t, alliance.CodeUnknownItem, outcome.Refusal.Code)
	p.auditGrowth()
}
