package alliance_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/alliance"
)

// TestACircleWithGrowthKeepsItsInvariants plays anything at all in any circle with tiers,
// campaigns and a mall.
func TestACircleWithGrowthKeepsItsInvariants(t *testing.T) {
	t.Parallel()
	for _, funding := range []alliance.Funding{alliance.AtIssue, alliance.AtUse} {
		t.Run(string(funding), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				d := drawGrowthModel(t, funding)
				d.begin(t)
				t.Repeat(map[string]func(*rapid.T){
					"": d.holds,
					"commands": func(t *rapid.T) {
						for range 4 {
							d.do(t, d.anything())
						}
					},
					"time passes": func(t *rapid.T) { d.advance(t, d.soon()) },
				})
				d.refolds(t)
			})
		})
	}
}

// TestReversingEverythingTakesBackAllGifts: when all that was done is undone, the newest first,
// nothing is left on any account, of any budget, and of the mall.
func TestReversingEverythingTakesBackAllGifts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawGrowthModel(t, evenly(t, "funding", alliance.AtIssue, alliance.AtUse))
		d.begin(t)
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			if command := d.anything(); command.Event() != alliance.CardRefunded {
				d.do(t, command)
			}
		}
		for _, seq := range d.heldBy {
			d.do(t, alliance.VoidHold{Of: numbered(seq)})
		}
		for _, seq := range slices.Backward(d.acts) {
			original := d.state.Log[seq]
			if kind := d.state.Registry.Kind(original.Type); kind.Reversal == nil || original.InFull {
				continue
			}
			_, code := d.do(t, alliance.Reverse{Of: numbered(seq)})
			require.Empty(t, code, "undoing %s", original.Type)
		}
		d.holds(t)
		require.Empty(t, d.balances)
		for code, sums := range d.state.Campaigns {
			require.Zero(t, sums.Committed, "committed to %s", code)
		}
		for code, sums := range d.state.Items {
			require.Zero(t, sums.Redeemed, "redeemed of %s", code)
		}
	})
}

// growthDrawer draws commands that mostly make sense in a circle as it stands.
type growthDrawer struct {
	*rapid.T
	*growthModel
	codes  []string // of the cards, as they came to be
	heldBy []int64  // the holds
	acts   []int64
}

func drawGrowthModel(t *rapid.T, funding alliance.Funding) *growthDrawer {
	location, err := time.LoadLocation(evenly[string](t, "timezone", "Asia/Shanghai", "America/Havana", "UTC"))
	if err != nil {
		t.Fatal(err)
	}
	setup := drawSetup(t, funding)
	setup.Location = location
	drawGrowth(t, setup)
	at := time.Date(2026, 2, rapid.IntRange(20, 28).Draw(t, "day"), 12, 0, 0, 0, time.UTC)
	return &growthDrawer{T: t, growthModel: newGrowthModel(setup, at)}
}

// drawGrowth adds what gives to a setup.
func drawGrowth(t *rapid.T, s *alliance.Setup) {
	terms := s.Current()
	terms.HoldMinutes = evenly(t, "hold minutes", 1, 30, 2000)
	terms.CoolingOffDays = evenly(t, "cooling off", 0, 1, 7)
	terms.HomeOnly = once(t, "home only", 2)
	tiers := &alliance.Tiers{
		Measure: evenly(t, "measure", alliance.MeasureSpent, alliance.MeasurePoints), Months: evenly(t, "months", 1, 2, 12),
	}
	from := int64(0)
	for _, code := range []string{"basic", "silver", "gold"} {
		tiers.Ladder = append(tiers.Ladder, alliance.Tier{
			Code: code, From: from, PointsRate: decimal.RequireFromString(evenly[string](t, "rate", "0", "1", "1.2", "2.5")),
		})
		from += rapid.Int64Range(1, 8000).Draw(t, "from")
	}
	terms.Tiers = tiers
	for i := range rapid.IntRange(1, 5).Draw(t, "campaigns") {
		s.AddCampaign(drawCampaign(t, s, fmt.Sprintf("g%d", i)))
	}
	s.Items = map[string]*alliance.Item{}
	for _, code := range []string{"mug", "tea"} {
		item := &alliance.Item{
			Code: code, Points: rapid.Int64Range(1, 30).Draw(t, "points"), Merchants: []string{evenly(t, "handed out at", merchantCodes...)},
			Cash: s.Currency.Zero(), Limited: once(t, "limited", 1), Stock: rapid.Int64Range(1, 4).Draw(t, "stock"),
		}
		item.Reimbursement = s.Currency.Minor(rapid.Int64Range(0, item.Points*terms.PointCost.Minor()).Draw(t, "reimbursement"))
		s.Items[code] = item
	}
}

func drawCampaign(t *rapid.T, s *alliance.Setup, code string) *alliance.Campaign {
	c := &alliance.Campaign{
		Code: code, PerMember: evenly(t, "per member", 0, 1, 1, 2), Minimum: s.Currency.Zero(), Budget: s.Currency.Zero(), Bonus: s.Currency.Zero(),
		When: evenly(t, "when", alliance.WhenJoined, alliance.WhenUse, alliance.WhenUse, alliance.WhenReferred, alliance.WhenRefers,
			alliance.WhenTier, alliance.WhenCommand, alliance.WhenCommand),
		Every: evenly(t, "every", alliance.EveryEver, alliance.EveryDay, alliance.EveryMonth, alliance.EveryYear),
	}
	if c.When == alliance.WhenTier || once(t, "for a tier", 3) {
		c.Tier = evenly(t, "tier", "silver", "gold")
	}
	if once(t, "for a home", 3) {
		c.Home = evenly(t, "home", merchantCodes...)
	}
	if once(t, "funded by a merchant", 1) {
		c.FundedBy = evenly(t, "funded by", merchantCodes...)
	}
	if once(t, "limited", 1) {
		c.Limited, c.Budget = true, s.Currency.Minor(rapid.Int64Range(0, 4000).Draw(t, "budget"))
	}
	if c.When == alliance.WhenUse || c.When == alliance.WhenReferred || c.When == alliance.WhenRefers {
		c.Minimum = s.Currency.Minor(rapid.Int64Range(0, 1000).Draw(t, "minimum"))
	}
	if once(t, "points", 1) {
		c.Points = rapid.Int64Range(1, 2000).Draw(t, "points")
	}
	if once(t, "bonus", 1) {
		c.Bonus = s.Currency.Minor(rapid.Int64Range(1, 500).Draw(t, "bonus"))
	}
	if once(t, "coupon", 1) || (c.Points == 0 && c.Bonus.IsZero()) {
		c.Coupons = append(c.Coupons, alliance.GiftCoupon{
			ValidDays: evenly(t, "valid days", 1, 3, 40),
			Benefit: alliance.Benefit{
				Code: "k" + code, Kind: alliance.Coupon, Merchants: merchantCodes, Uses: rapid.IntRange(1, 3).Draw(t, "uses"),
				Reimbursement: s.Currency.Zero(), Threshold: s.Currency.Zero(), Discount: s.Currency.Minor(rapid.Int64Range(1, 300).Draw(t, "discount")),
			},
		})
	}
	return c
}

// begin sells the first cards.
func (d *growthDrawer) begin(t *rapid.T) {
	d.do(t, alliance.SellCard{Card: "c1", Member: "m1", Product: "p1"})
	d.do(t, alliance.SellCard{Card: "c2", Member: "m2", Product: "p2", Referrer: given("m1")})
	d.do(t, d.sale())
}

// do gives a command and notes what later ones may name.
func (d *growthDrawer) do(t rapid.TB, command alliance.Command) (int64, string) {
	seq, code := d.growthModel.do(t, command)
	if code != "" {
		return seq, code
	}
	switch c := command.(type) {
	case alliance.SellCard:
		d.codes = append(d.codes, c.Card)
	case alliance.ReplaceCard:
		d.codes = append(d.codes, c.NewCard)
	case alliance.PlaceHold:
		d.heldBy = append(d.heldBy, seq)
	}
	d.acts = append(d.acts, seq)
	return seq, code
}

func (d *growthDrawer) card() string {
	live := slices.DeleteFunc(slices.Clone(d.codes), func(code string) bool {
		switch d.state.Cards[code].Status() {
		case alliance.Active, alliance.Expired:
			return false
		}
		return true
	})
	if len(live) == 0 || once(d.T, "any card", 4) {
		return evenly(d.T, "card", append([]string{"lost"}, d.codes...)...)
	}
	return evenly(d.T, "card", live...)
}

func (d *growthDrawer) merchant(card string) string {
	if c := d.state.Cards[card]; c != nil && c.Home != "" && once(d.T, "at home", 1) {
		return c.Home
	}
	return evenly(d.T, "merchant", merchantCodes...)
}

func (d *growthDrawer) amount(most int64) string {
	return d.setup.Currency.Minor(rapid.Int64Range(0, max(1, most)).Draw(d.T, "amount")).String()
}

func (d *growthDrawer) member() string { return evenly(d.T, "member", "m1", "m2", "m3", "m4", "m5") }

func (d *growthDrawer) sale() alliance.Command {
	c := alliance.SellCard{Card: fmt.Sprintf("c%d", len(d.codes)+1), Member: d.member(), Product: evenly(d.T, "product", "p1", "p2")}
	if !once(d.T, "online", 2) {
		c.Merchant = given(evenly(d.T, "merchant", merchantCodes...))
	}
	if once(d.T, "referred", 1) {
		c.Referrer = given(d.member())
	}
	return c
}

func (d *growthDrawer) topUp() alliance.Command {
	c := alliance.TopUp{Card: d.card(), Amount: d.amount(5000), Bonus: given(d.amount(500))}
	if card := d.state.Cards[c.Card]; card != nil && card.Home != "" {
		c.Merchant = &card.Home
	}
	return c
}

// stored returns the stored value of a card in minor units.
func (d *growthDrawer) stored(code string) int64 {
	return -d.balances[valueOf(code)] - d.balances[bonusOf(code)]
}

func (d *growthDrawer) ending() alliance.Reference {
	if len(d.heldBy) == 0 || once(d.T, "any", 4) {
		return numbered(rapid.Int64Range(0, int64(len(d.records))).Draw(d.T, "transaction"))
	}
	return numbered(evenly(d.T, "hold", d.heldBy[max(0, len(d.heldBy)-3):]...))
}

func (d *growthDrawer) reversal() alliance.Command {
	if len(d.acts) == 0 {
		return alliance.Reverse{}
	}
	c := alliance.Reverse{Of: numbered(evenly(d.T, "transaction", d.acts...))}
	if once(d.T, "in part", 2) {
		c.Amount = given(d.amount(d.records[c.Of.Seq-1].Facts.Amount))
	}
	return c
}

func (d *growthDrawer) coupon() alliance.Command {
	c := alliance.UseCoupon{Card: d.card(), Bill: d.amount(2000)}
	c.Merchant = d.merchant(c.Card)
	codes := []string{"b1", "b2"}
	if card := d.current(c.Card); card != nil {
		for _, g := range card.Gifts {
			for _, held := range g.Coupons {
				codes = append(codes, held.Code)
			}
		}
	}
	c.Benefit = evenly(d.T, "coupon", codes...)
	return c
}

func (d *growthDrawer) anything() alliance.Command {
	card := d.card()
	at := d.merchant(card)
	switch evenly(d.T, "command", "sale", "top-up", "top-up", "spend", "spend", "pass", "coupon", "coupon", "purchase", "purchase", "points", "reversal",
		"reversal", "reversal", "freeze", "unfreeze", "hold", "hold", "hold", "capture", "capture", "void", "replace", "give", "gift", "gift", "item", "item", "refund") {
	case "sale":
		return d.sale()
	case "top-up":
		return d.topUp()
	case "spend":
		return alliance.SpendValue{Card: card, Merchant: at, Amount: d.amount(d.stored(card))}
	case "pass":
		return alliance.UsePass{Card: card, Merchant: at, Benefit: "b1", Count: evenly[int64](d.T, "count", 1, 2)}
	case "coupon":
		return d.coupon()
	case "purchase":
		return alliance.RecordPurchase{Card: card, Merchant: at, Bill: d.amount(20_000)}
	case "points":
		return alliance.SpendPoints{Card: card, Merchant: at, Points: rapid.Int64Range(0, 200).Draw(d.T, "points")}
	case "reversal":
		return d.reversal()
	case "freeze":
		return alliance.FreezeCard{Card: card}
	case "unfreeze":
		return alliance.UnfreezeCard{Card: evenly(d.T, "card", append([]string{"lost"}, d.codes...)...)}
	case "hold":
		return alliance.PlaceHold{Card: card, Merchant: at, Amount: d.amount(d.stored(card))}
	case "capture":
		c := alliance.CaptureHold{Of: d.ending()}
		if once(d.T, "in part", 1) {
			c.Amount = given(d.amount(1000))
		}
		return c
	case "void":
		return alliance.VoidHold{Of: d.ending()}
	case "replace":
		return alliance.ReplaceCard{Card: card, NewCard: evenly(d.T, "new", fmt.Sprintf("c%d", len(d.codes)+1), card)}
	case "give":
		return alliance.GiveCard{Card: card, Member: d.member()}
	case "gift":
		return alliance.GrantGift{Card: card, Campaign: evenly(d.T, "campaign", "g0", "g1", "g2", "g3", "g4")}
	case "item":
		return alliance.RedeemItem{Card: card, Merchant: at, Item: evenly(d.T, "item", "mug", "tea"), Count: evenly[int64](d.T, "count", 1, 1, 2, 1<<62)}
	}
	c := alliance.RefundCard{Card: card, Ground: evenly(d.T, "ground", alliance.GroundCoolingOff, alliance.GroundMember, alliance.GroundShop)}
	if once(d.T, "at a merchant", 1) {
		c.Merchant = &at
	}
	return c
}

// soon draws an instant that has not passed: some time later, or when something falls due.
func (d *growthDrawer) soon() time.Time {
	const day = 24 * time.Hour
	at := d.now.Add(evenly(d.T, "later", time.Second, time.Hour, day, day, 3*day, 31*day))
	if due, ok := d.state.NextDue(); ok && once(d.T, "until it is due", 1) {
		return due
	}
	return at
}
