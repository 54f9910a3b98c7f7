package alliance_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
)

// newGrowthAlliance returns a circle with the rules of newAlliance, where points cost two fen, holds
// last 30 minutes, and nobody is capped. Explorer costs 200.00, and its coffee has a list price
// of 60.00. It has no campaigns yet.
func newGrowthAlliance(t testing.TB, funding alliance.Funding) *growthModel {
	t.Helper()
	setup := newAlliance(t, funding).setup
	setup.Location = time.FixedZone("UTC+8", 8*60*60)
	terms := setup.Current()
	terms.PointCost, terms.HoldMinutes, terms.CoolingOffDays = yuan(t, "0.02"), 30, 7
	setup.Merchants["cafe"].Capped = false
	explorer := setup.Products["explorer"]
	explorer.Price = yuan(t, "200.00")
	explorer.Benefits[0].Uses, explorer.Benefits[0].ListPrice = 4, yuan(t, "60.00")
	for i := range explorer.Benefits[1:] {
		explorer.Benefits[1+i].ListPrice = cny.Zero()
	}
	setup.Items = map[string]*alliance.Item{
		"mug": {Code: "mug", Points: 100, Merchants: []string{"cafe"}, Reimbursement: yuan(t, "1.50"), Cash: yuan(t, "9.90"), Limited: true, Stock: 2},
	}
	return newGrowthModel(setup, opened)
}

// campaign adds a campaign that costs the organiser nothing until it is changed.
func (n *growthModel) campaign(t testing.TB, code string, when alliance.Trigger, change func(*alliance.Campaign)) *alliance.Campaign {
	t.Helper()
	c := &alliance.Campaign{
		Code: code, When: when, Minimum: cny.Zero(), PerMember: 1, Every: alliance.EveryEver, Budget: cny.Zero(), Bonus: cny.Zero(),
	}
	change(c)
	require.True(t, n.setup.AddCampaign(c))
	return c
}

// giftCoupon returns a coupon that takes 20.00 off a bill at the cafe from 50.00 on.
func giftCoupon(t testing.TB, code string, uses, validDays int) alliance.GiftCoupon {
	t.Helper()
	return alliance.GiftCoupon{ValidDays: validDays, Benefit: alliance.Benefit{
		Code: code, Kind: alliance.Coupon, Merchants: []string{"cafe"}, Uses: uses,
		Reimbursement: cny.Zero(), ListPrice: cny.Zero(), Threshold: yuan(t, "50.00"), Discount: yuan(t, "20.00"),
	}}
}

// ladder gives the circle tiers: basic, silver from 100 and gold from 300, of points or yuan.
func (n *growthModel) ladder(measure alliance.Measure, months int) {
	unit := int64(1)
	if measure == alliance.MeasureSpent {
		unit = 100
	}
	rate := decimal.RequireFromString
	n.setup.Current().Tiers = &alliance.Tiers{Measure: measure, Months: months, Ladder: []alliance.Tier{
		{Code: "basic", PointsRate: rate("1")},
		{Code: "silver", From: 100 * unit, PointsRate: rate("1.2")},
		{Code: "gold", From: 300 * unit, PointsRate: rate("1.5")},
	}}
}

// sell sells the card "card" to mei at the hotpot, and tops it up there with 100.00 and a bonus
// of 10.00.
func (n *growthModel) sell(t testing.TB) {
	t.Helper()
	n.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "explorer", Merchant: given("hotpot")})
	n.must(t, alliance.TopUp{Card: "card", Merchant: given("hotpot"), Amount: "100.00", Bonus: given("10.00")})
}
