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

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
)

// growthRules is a circle in which a budget, a stock and a limit soon run out.
const growthRules = `
alliance: {code: pier, name: Pier, currency: CNY, timezone: Asia/Shanghai}
rules:
  sale: {seller: "0.10", organiser: "0.05"}
  referral: {levels: ["0.08"], hold_days: 7, minimum_payout: "10.00"}
  redemption: {clearing_fee: "0.02"}
  traffic: {home_merchant: "0.03", organiser: "0.01"}
  points: {per_unit: "1", cost: "0.02", value: "0.01"}
  stored_value: {spend_order: principal_first, hold_minutes: 240}
  settlement: {minimum_transfer: "1.00"}
  tiers:
    measure: spent
    months: 2
    ladder: [{code: basic, from: "0.00", points_rate: "1"}, {code: silver, from: "30.00", points_rate: "2"}]
merchants: [{code: cafe, name: Cafe, category: coffee}, {code: gym, name: Gym, category: fitness}]
products:
  - {code: day, kind: free, valid_days: 1}
  - {code: paid, kind: paid, price: "199.99", valid_days: 30}
campaigns:
  - {code: brought, when: refers, minimum: "1.00", budget: "9.00", gift: {bonus: "1.00"}}
  - {code: climbed, when: tier, tier: silver, gift: {coupons: [{code: tea, merchants: [gym], discount: "2.00", uses: 2, valid_days: 1}]}}
  - {code: granted, when: command, per_member: 3, every: ever, gift: {points: 1}}
  - {code: used, when: use, minimum: "1.00", per_member: 5, every: day, funded_by: cafe, budget: "20.00", gift: {points: 10, bonus: "0.30"}}
  - {code: welcome, when: joined, gift: {points: 5}}
mall:
  - {code: mug, points: 10, merchants: [cafe], reimbursement: "0.20", stock: 25}
`

// growthPier is a circle of growthRules.
func growthPier(t *testing.T) (*pier, []*sequencer.Sequencer) {
	t.Helper()
	p := setupBy(t, growthRules)
	var servers []*sequencer.Sequencer
	for _, remember := range []int{0, 50} {
		server := sequencer.New(p.pool, store.NewSetupCache(alliance.Standard()))
		server.Remember = remember
		servers = append(servers, server)
	}
	p.sequencer = servers[0]
	return p, servers
}

func (p *pier) auditGrowth() {
	p.Helper()
	report, err := audit.Run(context.WithoutCancel(p.Context()), p.pool, alliance.Standard(), p.alliance.ID)
	require.NoError(p, err)
	for _, c := range report.Checks {
		require.Empty(p, c.Named, c.Name)
	}
}

// TestCallersNeverOverdrawABudgetAStockALimitOrAHold lets 64 callers ask through two servers
// for more of a few things than there is of them.
func TestCallersNeverOverdrawABudgetAStockALimitOrAHold(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	p, servers := growthPier(t)
	for i := range 4 {
		card := fmt.Sprintf("C%d", i)
		p.must(alliance.SellCard{Card: card, Member: fmt.Sprintf("m%d", i), Product: "paid"})
		p.must(alliance.TopUp{Card: card, Amount: "100.00"})
	}
	var refused sync.Map
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(64, uint64(i)))
			for n := range 12 {
				card := fmt.Sprintf("C%d", random.IntN(4))
				command := []alliance.Command{
					alliance.SpendValue{Card: card, Merchant: "cafe", Amount: "1.00"},
					alliance.RecordPurchase{Card: card, Merchant: "gym", Bill: "1.00"},
					alliance.PlaceHold{Card: card, Merchant: "gym", Amount: "7.00"},
					alliance.GrantGift{Card: card, Campaign: "granted"},
					alliance.RedeemItem{Card: card, Merchant: "cafe", Item: "mug", Count: 2},
				}[random.IntN(5)]
				order := p.keyed(fmt.Sprintf("%d-%d", i, n), command)
				outcome, err := servers[random.IntN(2)].Submit(t.Context(), p.alliance.ID, order)
				if err != nil {
					t.Error(err)
					return
				}
				if outcome.Refusal != nil {
					refused.Store(outcome.Refusal.Code, true)
				}
			}
		})
	}
	group.Wait()
	for _, code := range []string{alliance.CodeInsufficientValue, alliance.CodeGiftExhausted, alliance.CodeOutOfStock} {
		_, met := refused.Load(code)
		require.True(t, met, "nobody was refused by %s", code)
	}
	count := func(sql string) (n int64) {
		require.NoError(t, p.pool.QueryRow(t.Context(), sql).Scan(&n))
		return n
	}
	require.EqualValues(t, 12, count(`SELECT given FROM campaign_sums WHERE campaign = 'granted'`), "three each of four members")
	require.EqualValues(t, 24, count(`SELECT redeemed FROM item_sums`), "two at a time, of 25")
	require.EqualValues(t, 20, count(`SELECT given FROM campaign_sums WHERE campaign = 'used'`), "five each of four members in a day")
	require.EqualValues(t, 10_00, count(`SELECT committed FROM campaign_sums WHERE campaign = 'used'`))
	require.Zero(t, count(`SELECT count(*) FROM cards WHERE held > value + bonus OR held <> (SELECT sum(amount) FROM holds h WHERE h.card = cards.card AND h.state = 'open')`))
	p.auditGrowth()
}

// growthTill is a till that does all there is to do.
type growthTill struct {
	*stressRun
	random *rand.Rand
	name   string
	hold   alliance.Reference // the newest that the till has placed
	newest *atomic.Int64      // that any till has placed
}

// card draws a card by the code that it was sold by, or by one that it may have got since.
func (g *growthTill) card() string {
	sold := g.sold.Load()
	code := fmt.Sprintf("C%d", max(sold-g.random.Int64N(30), 1))
	if g.random.IntN(5) == 0 {
		code += "-1"
	}
	return code
}

func (g *growthTill) command() alliance.Command {
	merchant := []string{"cafe", "gym"}[g.random.IntN(2)]
	if of := g.hold; of.Seq != 0 && g.random.IntN(4) > 0 {
		g.hold = alliance.Reference{}
		if g.random.IntN(2) == 0 {
			return alliance.VoidHold{Of: of}
		}
		return alliance.CaptureHold{Of: of}
	}
	switch n := g.random.IntN(100); {
	case n < 14:
		number := g.sold.Add(1)
		sale := alliance.SellCard{Card: fmt.Sprintf("C%d", number), Member: fmt.Sprintf("m%d", g.random.Int64N(number+promoterCount)), Product: []string{"day", "paid"}[g.random.IntN(2)], Merchant: &merchant}
		if referrer := fmt.Sprintf("m%d", g.random.IntN(promoterCount)); referrer != sale.Member {
			sale.Referrer = &referrer
		}
		return sale
	case n < 24:
		return alliance.TopUp{Card: g.card(), Amount: "20.00", Merchant: &merchant}
	case n < 36:
		return alliance.SpendValue{Card: g.card(), Merchant: merchant, Amount: fmt.Sprintf("%d.%02d", g.random.IntN(9), 1+g.random.IntN(99))}
	case n < 46:
		return alliance.RecordPurchase{Card: g.card(), Merchant: merchant, Bill: "17.00"}
	case n < 54 || n >= 96:
		return alliance.PlaceHold{Card: g.card(), Merchant: merchant, Amount: "1.00"}
	case n < 62:
		return alliance.CaptureHold{Of: g.newestHold()}
	case n < 65:
		return alliance.VoidHold{Of: g.newestHold()}
	case n < 69:
		card := g.card()
		return alliance.ReplaceCard{Card: card, NewCard: card + "-1"}
	case n < 73:
		return alliance.GiveCard{Card: g.card(), Member: fmt.Sprintf("m%d", g.random.IntN(promoterCount+3))}
	case n < 76:
		return alliance.GrantGift{Card: g.card(), Campaign: "granted"}
	case n < 80 || n >= 92:
		return alliance.RedeemItem{Card: g.card(), Merchant: "cafe", Item: "mug", Count: 1}
	case n < 84:
		return alliance.UseCoupon{Card: g.card(), Merchant: "gym", Benefit: "tea", Bill: "10.00"}
	case n < 87:
		return alliance.RefundCard{Card: g.card(), Ground: []alliance.Ground{alliance.GroundCoolingOff, alliance.GroundMember, alliance.GroundShop}[g.random.IntN(3)]}
	}
	return g.undo(g.random)
}

// newestHold returns the newest hold of all tills, now and then something else that was
// booked lately.
func (g *growthTill) newestHold() alliance.Reference {
	if seq := g.newest.Load(); seq != 0 && g.random.IntN(4) > 0 {
		return alliance.Reference{Seq: seq}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.booked) == 0 {
		return alliance.Reference{Seq: 1}
	}
	return g.booked[g.random.IntN(len(g.booked))]
}

// TestMemoryIsNeverMistakenAboutGrowth is TestMemoryIsNeverMistaken for holds, gifts, tiers,
// the mall, replaced and given cards and refunds: the audit folds the log by itself.
func TestMemoryIsNeverMistakenAboutGrowth(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			c := &stressRun{}
			c.pier, c.servers = growthPier(t)
			c.now.Store(opening.UnixMicro())
			for i := range promoterCount {
				c.must(alliance.SellCard{Card: fmt.Sprintf("P%d", i), Member: fmt.Sprintf("m%d", i), Product: "paid"})
			}
			var group sync.WaitGroup
			var failed, newest atomic.Int64
			for i := range 24 {
				group.Go(func() {
					till := &growthTill{stressRun: c, name: fmt.Sprintf("till-%d", i), random: rand.New(rand.NewPCG(seed, uint64(i))), newest: &newest}
					for n := range 120 {
						order := c.keyed(fmt.Sprintf("%s-%d", till.name, n), till.command())
						step := till.random.Int64N(int64(time.Minute / time.Microsecond))
						if till.random.IntN(60) == 0 {
							step *= 4000 // nearly three days
						}
						order.At = time.UnixMicro(c.now.Add(step))
						outcome, err := c.servers[till.random.IntN(8)/7].Submit(t.Context(), c.alliance.ID, order)
						switch {
						case err != nil && errors.Is(err, clearing.ErrUnavailable):
							failed.Add(1)
						case err != nil:
							t.Errorf("%#v: %v", order.Command, err)
						case outcome.Refusal == nil:
							c.remember(order, outcome)
							if _, placed := order.Command.(alliance.PlaceHold); placed {
								till.hold.Seq = outcome.Seq
								newest.Store(outcome.Seq)
							}
						}
					}
				})
			}
			stop := make(chan struct{})
			var saboteur sync.WaitGroup
			saboteur.Go(func() {
				for range 40 { // on a slow machine too, most of what is asked for is booked
					select {
					case <-stop:
						return
					case <-time.After(100 * time.Millisecond):
						_, _ = c.pool.Exec(t.Context(), `
							SELECT pg_terminate_backend(pid) FROM pg_stat_activity
							WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' LIMIT 1`)
					}
				}
			})
			group.Wait()
			close(stop)
			saboteur.Wait()
			c.pool.Reset()
			c.auditGrowth()
			for _, kind := range []string{
				"hold.placed", "hold.captured", "hold.voided", "hold.expired", "card.replaced", "card.given", "card.refunded",
				"gift.granted", "gift.earned", "gift.expired", "item.redeemed",
			} {
				var n int
				require.NoError(t, c.pool.QueryRow(t.Context(), `SELECT count(*) FROM transactions WHERE type = $1`, kind).Scan(&n))
				require.NotZero(t, n, kind)
				t.Log(kind, n)
			}
			t.Logf("%d answers lost", failed.Load())
		})
	}
}

func TestTheDatabaseHoldsTheLineOfGrowth(t *testing.T) {
	t.Parallel()
	p, _ := growthPier(t)
	p.must(alliance.SellCard{Card: "A", Member: "ann", Product: "paid"})
	p.must(alliance.TopUp{Card: "A", Amount: "100.00"})
	hold := p.must(alliance.PlaceHold{Card: "A", Merchant: "gym", Amount: "40.00"})
	p.must(alliance.VoidHold{Of: alliance.Reference{Seq: hold.Seq}})
	p.must(alliance.SpendValue{Card: "A", Merchant: "gym", Amount: "35.00"})
	p.must(alliance.RedeemItem{Card: "A", Merchant: "cafe", Item: "mug", Count: 1})
	for _, c := range []struct{ constraint, sql string }{
		{"cards_value_held_check", `UPDATE cards SET held = value + bonus + 1, holds = 1`},
		{"cards_value_held_check", `UPDATE cards SET holds = 1`},
		{"cards_replaced_check", `UPDATE cards SET replaced_by = 'B'`},
		{"cards_refunded_check", `UPDATE cards SET refunded = true`},
		{"cards_unreversed_redeemed_check", `UPDATE cards SET redeemed = unreversed + 1`},
		{"cards_sums_check", `UPDATE cards SET topped_up = -1`},
		{"cards_growth_check", `UPDATE cards SET growth = '{1,2}'`},
		{"holds_end_once", `UPDATE holds SET state = 'captured', captured = 1`},
		{"holds_captured_check", `INSERT INTO holds SELECT alliance_id, 99, card, merchant, 5, now(), now(), 'captured', 6 FROM holds`},
		{"campaign_sums_budget_check", `UPDATE campaign_sums SET committed = budget + 1 WHERE campaign = 'used'`},
		{"campaign_sums_budget_check", `UPDATE campaign_sums SET committed = -1 WHERE campaign = 'used'`},
		{"campaign_sums_budget_check", `UPDATE campaign_sums SET committed = -1 WHERE campaign = 'granted'`},
		{"campaign_sums_committed_check", `UPDATE campaign_sums SET given = -1`},
		{"gifts_uses_left_check", `UPDATE gifts SET uses_left = '{-1}' WHERE campaign = 'climbed'`},
		{"gifts_left_check", `UPDATE gifts SET points = -1`},
		{"item_sums_stock_check", `UPDATE item_sums SET redeemed = stock + 1`},
		{"item_sums_redeemed_check", `UPDATE item_sums SET redeemed = -1`},
		{"referrals_answered_append_only", `DELETE FROM referrals_answered`},
	} {
		tag, err := p.pool.Exec(t.Context(), c.sql)
		var refused *pgconn.PgError
		require.True(t, errors.As(err, &refused), "%s was let through, %s", c.sql, tag)
		require.Equal(t, c.constraint, refused.ConstraintName, "%s: %v", c.sql, err)
	}
	p.auditGrowth()
}
