package alliance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
)

// newUsedCard returns a circle in which the hotpot sold bob's card "card" for 200.00, brought by
// ann, topped it up by 300.00 with a bonus of 100.00, and bob spent 320.00, two coffees and a
// coupon. Its pool holds 154.00 − 24.00.
func newUsedCard(t *testing.T, funding alliance.Funding) *growthModel {
	t.Helper()
	n := newGrowthAlliance(t, funding)
	n.must(t, alliance.SellCard{Card: "ann", Member: "ann", Product: "taster"})
	n.must(t, alliance.SellCard{Card: "card", Member: "bob", Product: "explorer", Merchant: given("hotpot"), Referrer: given("ann")})
	n.must(t, alliance.TopUp{Card: "card", Merchant: given("hotpot"), Amount: "300.00", Bonus: given("100.00")})
	n.must(t, alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "320.00"})
	n.must(t, alliance.UsePass{Card: "card", Merchant: "cafe", Benefit: "coffee", Count: 2})
	n.must(t, alliance.UseCoupon{Card: "card", Merchant: "hotpot", Benefit: "hotpot20", Bill: "200.00"})
	n.must(t, alliance.RecordPurchase{Card: "card", Merchant: "hotpot", Bill: "30.00"})
	return n
}

func TestARefundForTheMembersWish(t *testing.T) {
	t.Parallel()
	n := newUsedCard(t, alliance.AtIssue)
	// Of the price: 200.00 − 2 × 60.00 − 20.00 = 60.00. Of the value: 300.00 − 320.00, nothing. The
	// hotpot's 20.00, the organiser's 10.00 and ann's 16.00 come back by 60 ÷ 200; the pool of 130.00
	// gives the 46.20 that are missing, and 83.80 go to the organiser, with the bonus of 80.00 and the
	// 0.60 behind 30 points.
	require.Equal(t, map[string]string{
		"custody": "-60.00", "merchants:hotpot": "6.00", "commission_pending:ann": "4.80",
		"card_pool:card": "130.00", "card_bonus:card": "80.00", "points_pool": "0.60", "organiser": "-161.40",
	}, n.moves(t, alliance.RefundCard{Card: "card", Ground: alliance.GroundMember}))
	require.Equal(t, alliance.Refunded, n.state.Cards["card"].Status())
	n.later(t, 7*24*time.Hour)
	released := n.records[len(n.records)-1]
	require.Equal(t, alliance.CommissionReleased, released.Type)
	require.Equal(t, int64(2), released.Facts.SaleSeq)
	require.Equal(t, "-11.20", cny.Minor(n.balances[payableOf("ann")]).String(), "what is left of 16.00 is released")
	require.Zero(t, n.balances[pendingOf("ann")])
	n.later(t, 30*24*time.Hour)
	require.Equal(t, alliance.CommissionReleased, n.records[len(n.records)-1].Type, "a card that was given back doesn't expire")
}

func TestARefundForTheShopsFault(t *testing.T) {
	t.Parallel()
	n := newUsedCard(t, alliance.AtIssue)
	// Used: 2 × 12.00 + 20.00 = 44.00 of 4 × 12.00 + 20.00 + 90.00 = 158.00; 200.00 × 44 ÷ 158 is 55.69, so
	// 144.31 come back. Of the value: 300.00 × (400.00 − 320.00) ÷ 400.00 = 60.00.
	require.Equal(t, map[string]string{
		"merchants:hotpot": "14.43", "merchants:spa": "-204.31", "commission_pending:ann": "11.54",
		"card_pool:card": "130.00", "card_bonus:card": "80.00", "points_pool": "0.60",
		// + 7.21 of its share; − 20.00 of value and bonus beyond 60.00; − 18.87 of the pool; − 0.60
		"organiser": "-32.26",
	}, n.moves(t, alliance.RefundCard{Card: "card", Ground: alliance.GroundShop, Merchant: given("spa")}))
}

func TestARefundInTheCoolingOffTime(t *testing.T) {
	t.Parallel()
	n := newUsedCard(t, alliance.AtIssue)
	n.refused(t, "refund_closed", alliance.RefundCard{Card: "card", Ground: alliance.GroundCoolingOff})
	n.must(t, alliance.SellCard{Card: "new", Member: "cat", Product: "explorer", Merchant: given("hotpot"), Referrer: given("ann")})
	topUp := n.must(t, alliance.TopUp{Card: "new", Merchant: given("hotpot"), Amount: "50.00", Bonus: given("5.00")})
	n.must(t, alliance.RecordPurchase{Card: "new", Merchant: "hotpot", Bill: "30.00"})
	n.later(t, 7*24*time.Hour)
	require.Equal(t, map[string]string{
		"merchants:hotpot": "-230.00", "organiser": "4.40", "commission_payable:ann": "16.00", "card_pool:new": "154.00",
		"card_value:new": "50.00", "card_bonus:new": "5.00", "points_pool": "0.60",
	}, n.moves(t, alliance.RefundCard{Card: "new", Ground: alliance.GroundCoolingOff, Merchant: given("hotpot")}),
		"exactly seven days later the commission is released and comes back out of payable")
	n.refused(t, "card_refunded", alliance.Reverse{Of: numbered(topUp)})
}

func TestCoolingOffEndsAfterItsDays(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.sell(t)
	spend := n.must(t, alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "1.00"})
	refund := alliance.RefundCard{Card: "card", Ground: alliance.GroundCoolingOff}
	n.refused(t, "refund_closed", refund)
	n.must(t, alliance.Reverse{Of: numbered(spend)})
	n.later(t, 7*24*time.Hour)
	_, err := n.state.Decide(refund, n.now)
	require.NoError(t, err)
	n.later(t, time.Microsecond)
	n.refused(t, "refund_closed", refund)
}

func TestARefundOfACardWithoutBenefitsGoesByTheDays(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.setup.Products["explorer"].Benefits = nil
	n.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "explorer"})
	n.later(t, 9*24*time.Hour+12*time.Hour)
	for _, ground := range []alliance.Ground{alliance.GroundMember, alliance.GroundShop} {
		record, err := n.state.Decide(alliance.RefundCard{Card: "card", Ground: ground}, n.now)
		require.NoError(t, err)
		require.Equal(t, int64(140_00), record.Facts.Growth.Refund.Price, "20.5 of 30 days are left, which count as 21")
	}
	n.setup.Products["explorer"].ValidDays = 0
	record, err := n.state.Decide(alliance.RefundCard{Card: "card", Ground: alliance.GroundMember}, n.now)
	require.NoError(t, err)
	require.Zero(t, record.Facts.Growth.Refund.Price)
}

func TestOfAnExpiredCardOnlyItsValueComesBack(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtUse)
	n.sell(t)
	n.later(t, 30*24*time.Hour)
	n.must(t, alliance.FreezeCard{Card: "card"})
	n.refused(t, "card_frozen", alliance.RefundCard{Card: "card", Ground: alliance.GroundShop})
	n.must(t, alliance.UnfreezeCard{Card: "card"})
	require.Equal(t, map[string]string{
		"custody": "-100.00", "merchants:hotpot": "100.00", "issuers:hotpot": "-100.00", "card_value:card": "100.00", "card_bonus:card": "10.00",
		"organiser": "-10.00",
	}, n.moves(t, alliance.RefundCard{Card: "card", Ground: alliance.GroundShop}))
}

func TestASellerWhoPaysAtUseBringsInWhatARefundTakes(t *testing.T) {
	t.Parallel()
	n := newUsedCard(t, alliance.AtUse)
	// As for the member's wish, but the pool that is left stays with the hotpot, which brings in the
	// 46.20 that the pool gives.
	require.Equal(t, map[string]string{
		"custody": "-60.00", "merchants:hotpot": "52.20", "commission_pending:ann": "4.80", "issuers:hotpot": "-130.00",
		"card_pool:card": "130.00", "card_bonus:card": "80.00", "points_pool": "0.60", "organiser": "-77.60",
	}, n.moves(t, alliance.RefundCard{Card: "card", Ground: alliance.GroundMember}))
	require.Zero(t, n.balances[issuerOf("hotpot")])
}

func TestGiftsAreSpentFirstAndCountNowhereInThePrice(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.campaign(t, "welcome", alliance.WhenJoined, func(c *alliance.Campaign) {
		c.Bonus, c.Coupons = yuan(t, "30.00"), []alliance.GiftCoupon{giftCoupon(t, "w20", 2, 5)}
	})
	n.sell(t)
	n.must(t, alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "50.00"})
	n.must(t, alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "w20", Bill: "60.00"})
	record, err := n.state.Decide(alliance.RefundCard{Card: "card", Ground: alliance.GroundMember}, n.now)
	require.NoError(t, err)
	require.Equal(t, alliance.RefundFacts{Ground: alliance.GroundMember, Price: 200_00, Value: 80_00}, *record.Facts.Growth.Refund,
		"of the 50.00, 30.00 were given")
	n.must(t, alliance.RefundCard{Card: "card", Ground: alliance.GroundMember})
	require.Equal(t, int64(50_00), n.state.Campaigns["welcome"].Committed, "the bonus and the used coupon stay committed")
	require.True(t, n.state.Cards["card"].Gifts[0].Coupons[0].Ended)
}

func TestAFreeCardGivesNothingBack(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "taster", Merchant: given("cafe")})
	n.refused(t, "unknown_card", alliance.RefundCard{Card: "x", Ground: alliance.GroundMember, Merchant: given("x")})
	n.refused(t, "unknown_merchant", alliance.RefundCard{Card: "card", Ground: alliance.GroundMember, Merchant: given("x")})
	require.Empty(t, n.moves(t, alliance.RefundCard{Card: "card", Ground: alliance.GroundMember}))
	for _, command := range []alliance.Command{
		alliance.FreezeCard{Card: "card"}, alliance.TopUp{Card: "card", Amount: "1.00"}, alliance.Reverse{Of: numbered(1)},
		alliance.RefundCard{Card: "card", Ground: alliance.GroundMember}, alliance.ReplaceCard{Card: "card", NewCard: "new"},
	} {
		n.refused(t, "card_refunded", command)
	}
}
