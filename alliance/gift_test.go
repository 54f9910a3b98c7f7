package alliance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
)

func TestAGiftIsPaidByItsFunderAndCommittedToItsBudget(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtUse)
	n.sell(t)
	n.campaign(t, "promo", alliance.WhenCommand, func(c *alliance.Campaign) {
		c.FundedBy, c.Points, c.Bonus, c.PerMember = "spa", 50, yuan(t, "5.00"), 2
		c.Coupons = []alliance.GiftCoupon{giftCoupon(t, "w20", 2, 5)}
		c.Limited, c.Budget = true, yuan(t, "80.00")
	})
	require.Equal(t, map[string]string{"merchants:spa": "6.00", "points_pool": "-1.00", "card_bonus:card": "-5.00"},
		n.moves(t, alliance.GrantGift{Card: "card", Campaign: "promo"}))
	require.Equal(t, alliance.CampaignSums{Given: 1, Committed: 46_00}, *n.state.Campaigns["promo"], "50 × 0.02 + 5.00 + 2 × 20.00")
	n.refused(t, "over_budget", alliance.GrantGift{Card: "card", Campaign: "promo"})

	require.Equal(t, map[string]string{"merchants:spa": "20.00", "merchants:cafe": "-20.00"},
		n.moves(t, alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "w20", Bill: "60.00"}))
	use := int64(len(n.records))
	receipt := n.state.Receipt(&n.records[use-1])
	require.Equal(t, []any{1, "20.00"}, []any{*receipt.UsesLeft, receipt.Discount.String()})
	n.later(t, 5*24*time.Hour)
	require.Equal(t, int64(26_00), n.state.Campaigns["promo"].Committed, "the use that was left is given back")
	n.refused(t, "benefit_exhausted", alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "w20", Bill: "60.00"})
	n.must(t, alliance.Reverse{Of: numbered(use)})
	require.Equal(t, int64(6_00), n.state.Campaigns["promo"].Committed, "the reversed use is lost and given back")
	n.refused(t, "benefit_exhausted", alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "w20", Bill: "60.00"})

	n.must(t, alliance.GrantGift{Card: "card", Campaign: "promo"})
	n.refused(t, "gift_exhausted", alliance.GrantGift{Card: "card", Campaign: "promo"})
}

func TestOfSeveralGiftsTheCouponThatExpiresFirstIsUsed(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.sell(t)
	n.campaign(t, "promo", alliance.WhenCommand, func(c *alliance.Campaign) {
		c.PerMember, c.Coupons = 0, []alliance.GiftCoupon{giftCoupon(t, "w20", 1, 5)}
	})
	older := n.must(t, alliance.GrantGift{Card: "card", Campaign: "promo"})
	n.must(t, alliance.GrantGift{Card: "card", Campaign: "promo"})
	use := alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "w20", Bill: "60.00"}
	n.refused(t, "wrong_merchant", alliance.UseCoupon{Card: "card", Merchant: "spa", Benefit: "w20", Bill: "60.00"})
	n.refused(t, "below_threshold", alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "w20", Bill: "49.99"})
	n.refused(t, "unknown_benefit", alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "w21", Bill: "60.00"})
	n.must(t, use)
	require.Equal(t, older, n.records[len(n.records)-1].Facts.Growth.Gift.Seq)
	n.must(t, use)
	n.refused(t, "benefit_exhausted", use)
	n.must(t, alliance.Reverse{Of: numbered(int64(len(n.records)) - 1)})
	require.Equal(t, 1, n.state.Cards["card"].Gifts[0].Coupons[0].Left, "the use goes back to the gift that it came from")
	n.must(t, alliance.SellCard{Card: "other", Member: "li", Product: "taster"})
	n.refused(t, "unknown_benefit", alliance.UseCoupon{Card: "other", Merchant: "cafe", Benefit: "w20", Bill: "60.00"})
}

func TestAGiftLooksForWhatIsWrongInOrder(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.ladder(alliance.MeasureSpent, 1)
	n.sell(t)
	n.setup.Merchants["spa"].Capped = true
	n.setup.Current().HomeOnly = true
	campaign := n.campaign(t, "promo", alliance.WhenCommand, func(c *alliance.Campaign) {
		c.Tier, c.Home, c.Until, c.FundedBy, c.Points, c.Limited = "silver", "cafe", n.now, "spa", 50, true
	})
	n.campaign(t, "auto", alliance.WhenUse, func(c *alliance.Campaign) { c.Tier, c.Points = "gold", 1 })
	grant := alliance.GrantGift{Card: "card", Campaign: "promo"}
	n.refused(t, "unknown_card", alliance.GrantGift{Card: "x", Campaign: "x"})
	n.refused(t, "unknown_campaign", alliance.GrantGift{Card: "card", Campaign: "x"})
	n.refused(t, "unknown_campaign", alliance.GrantGift{Card: "card", Campaign: "auto"})
	n.must(t, alliance.FreezeCard{Card: "card"})
	n.refused(t, "card_frozen", grant)
	n.must(t, alliance.UnfreezeCard{Card: "card"})
	n.refused(t, "tier_too_low", grant)
	n.must(t, alliance.RecordPurchase{Card: "card", Merchant: "hotpot", Bill: "100.00"})
	n.refused(t, "wrong_merchant", grant)
	campaign.Home = "hotpot"
	n.refused(t, "campaign_closed", grant)
	campaign.Until = time.Time{}
	mei := alliance.NewGifted()
	mei.Given[alliance.GiftCount{Campaign: "promo", Member: "mei"}] = 1
	n.state.Gifted["mei"] = mei
	n.refused(t, "gift_exhausted", grant)
	clear(n.state.Gifted)
	n.refused(t, "over_budget", grant)
	campaign.Budget = yuan(t, "1.00")
	n.refused(t, "over_debit_cap", grant)
	n.setup.Merchants["spa"].DebitCap = yuan(t, "1.00")
	n.must(t, grant)

	n.must(t, alliance.SellCard{Card: "online", Member: "li", Product: "taster"})
	n.campaign(t, "bonus", alliance.WhenCommand, func(c *alliance.Campaign) { c.Bonus = yuan(t, "1.00") })
	n.refused(t, "wrong_merchant", alliance.GrantGift{Card: "online", Campaign: "bonus"})
}

func TestGiftsFollowTheirCausesInTheOrderOfTheirCodes(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.ladder(alliance.MeasurePoints, 1)
	n.campaign(t, "z-welcome", alliance.WhenJoined, func(c *alliance.Campaign) { c.Points = 5 })
	n.campaign(t, "a-tier", alliance.WhenTier, func(c *alliance.Campaign) { c.Tier, c.Points = "gold", 1 })
	n.campaign(t, "b-use", alliance.WhenUse, func(c *alliance.Campaign) { c.Minimum, c.Points, c.PerMember = yuan(t, "60.00"), 250, 0 })
	n.campaign(t, "c-referred", alliance.WhenReferred, func(c *alliance.Campaign) { c.Points = 3 })
	n.campaign(t, "d-refers", alliance.WhenRefers, func(c *alliance.Campaign) { c.Points, c.PerMember = 7, 0 })
	n.campaign(t, "e-tier", alliance.WhenTier, func(c *alliance.Campaign) { c.Tier, c.Points = "silver", 2 })
	n.must(t, alliance.SellCard{Card: "old", Member: "ann", Product: "taster"})
	n.must(t, alliance.SellCard{Card: "newer", Member: "ann", Product: "taster"})
	n.must(t, alliance.SellCard{Card: "card", Member: "bob", Product: "taster", Referrer: given("ann")})
	require.Equal(t, []string{"z-welcome old", "z-welcome card"}, n.gifts(0))

	from := len(n.records)
	n.must(t, alliance.RecordPurchase{Card: "card", Merchant: "spa", Bill: "59.99"})
	require.Equal(t, []string{"c-referred card", "d-refers newer"}, n.gifts(from), "5 + 59 + 3 points: basic")
	from = len(n.records)
	n.must(t, alliance.RecordPurchase{Card: "card", Merchant: "spa", Bill: "60.00"})
	require.Equal(t, []string{"b-use card", "e-tier card", "a-tier card"}, n.gifts(from),
		"the purchase lifts to silver; the gift of b-use lifts to gold, and what it causes comes behind what waits")
	require.Equal(t, int64(5+59+3+60+250+2+1), n.state.Cards["card"].Points)
}

// gifts returns what was given after the first so many records: campaign and card.
func (n *growthModel) gifts(from int) (given []string) {
	for i := range n.records[from:] {
		if r := &n.records[from+i]; r.Type == alliance.GiftEarned || r.Type == alliance.GiftGranted {
			given = append(given, r.Facts.Growth.Gift.Campaign+" "+r.Card)
		}
	}
	return given
}

func TestAReferralFiresOnceAndForGood(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.campaign(t, "brought", alliance.WhenReferred, func(c *alliance.Campaign) { c.Points = 3 })
	n.campaign(t, "thanks", alliance.WhenRefers, func(c *alliance.Campaign) { c.Points, c.PerMember = 7, 0 })
	n.must(t, alliance.SellCard{Card: "ann", Member: "ann", Product: "taster"})
	n.must(t, alliance.SellCard{Card: "bob", Member: "bob", Product: "taster", Referrer: given("ann")})
	n.must(t, alliance.FreezeCard{Card: "ann"})
	use := n.must(t, alliance.RecordPurchase{Card: "bob", Merchant: "spa", Bill: "10.00"})
	require.Equal(t, []string{"brought bob"}, n.gifts(0), "ann has no active card")
	n.must(t, alliance.Reverse{Of: numbered(use)})
	require.Zero(t, n.state.Cards["bob"].Points, "and the gift is taken back")
	n.must(t, alliance.UnfreezeCard{Card: "ann"})
	n.must(t, alliance.RecordPurchase{Card: "bob", Merchant: "spa", Bill: "10.00"})
	require.Len(t, n.gifts(0), 1)

	// Who got a card without buying has no referrer yet, and what he did then doesn't count.
	n.must(t, alliance.GiveCard{Card: "bob", Member: "gil"})
	n.must(t, alliance.RecordPurchase{Card: "bob", Merchant: "spa", Bill: "10.00"})
	n.must(t, alliance.SellCard{Card: "gil", Member: "gil", Product: "taster", Referrer: given("ann")})
	n.must(t, alliance.RecordPurchase{Card: "bob", Merchant: "spa", Bill: "10.00"})
	require.Equal(t, []string{"brought bob", "brought bob", "thanks ann"}, n.gifts(0))
}

func TestAReversalTakesBackWhatIsStillThereOfGifts(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.sell(t)
	n.campaign(t, "daily", alliance.WhenUse, func(c *alliance.Campaign) {
		c.FundedBy, c.Points, c.Bonus = "spa", 100, yuan(t, "8.00")
		c.Coupons = []alliance.GiftCoupon{giftCoupon(t, "w20", 2, 30)}
	})
	purchase := n.must(t, alliance.RecordPurchase{Card: "card", Merchant: "hotpot", Bill: "30.00"})
	require.Equal(t, int64(2_00+8_00+40_00), n.state.Campaigns["daily"].Committed)
	n.must(t, alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "w20", Bill: "60.00"})
	points := n.must(t, alliance.SpendPoints{Card: "card", Merchant: "spa", Points: 60})
	n.must(t, alliance.PlaceHold{Card: "card", Merchant: "spa", Amount: "113.00"})

	// The card has 70 points, 30 of which are the purchase's, and a bonus of 18.00, of which 5.00
	// is available.
	require.Equal(t, map[string]string{"merchants:hotpot": "-0.60", "points_pool": "1.40", "card_bonus:card": "5.00", "merchants:spa": "-5.80"},
		n.moves(t, alliance.Reverse{Of: numbered(purchase)}))
	card := n.state.Cards["card"]
	require.Zero(t, card.Points)
	require.Equal(t, int64(60), card.Gifts[0].Points, "the rest stays the gift's")
	require.Equal(t, "3.00", card.Gifts[0].Bonus.String())
	require.Equal(t, int64(3_00), card.GiftBonus)
	require.Equal(t, int64(1_20+3_00+20_00), n.state.Campaigns["daily"].Committed)
	require.Equal(t, int64(1), n.state.Campaigns["daily"].Given)
	n.refused(t, "benefit_exhausted", alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "w20", Bill: "60.00"})

	n.must(t, alliance.Reverse{Of: numbered(points)})
	require.Equal(t, int64(60), card.Points)
}

// TestAReceiptNamesTheCouponsThatEnd: of a reversal and a refund, with the uses that were left.
func TestAReceiptNamesTheCouponsThatEnd(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string]func(purchase int64) alliance.Command{
		"reversal": func(purchase int64) alliance.Command { return alliance.Reverse{Of: numbered(purchase)} },
		"refund":   func(int64) alliance.Command { return alliance.RefundCard{Card: "card", Ground: alliance.GroundMember} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newGrowthAlliance(t, alliance.AtIssue)
			n.sell(t)
			n.campaign(t, "daily", alliance.WhenUse, func(c *alliance.Campaign) {
				c.Coupons = []alliance.GiftCoupon{giftCoupon(t, "w20", 2, 30), giftCoupon(t, "w1", 1, 30)}
			})
			purchase := n.must(t, alliance.RecordPurchase{Card: "card", Merchant: "hotpot", Bill: "30.00"})
			n.must(t, alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "w20", Bill: "60.00"})
			used := n.must(t, alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "w1", Bill: "60.00"})
			require.Empty(t, n.state.Receipt(&n.records[used-1]).Ended)
			last := n.must(t, ends(purchase))
			require.Equal(t, []alliance.CouponEnd{{Campaign: "daily", Code: "w20", Uses: 1}}, n.state.Receipt(&n.records[last-1]).Ended)
		})
	}
}

func TestReversingASaleTakesBackAllGifts(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtUse)
	n.campaign(t, "welcome", alliance.WhenJoined, func(c *alliance.Campaign) {
		c.Points, c.Bonus, c.Coupons = 20, yuan(t, "1.00"), []alliance.GiftCoupon{giftCoupon(t, "w20", 1, 5)}
	})
	sale := n.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "explorer", Merchant: given("hotpot")})
	n.must(t, alliance.Reverse{Of: numbered(sale)})
	require.Empty(t, n.balances)
	require.Equal(t, alliance.CampaignSums{Given: 1}, *n.state.Campaigns["welcome"])
	n.must(t, alliance.SellCard{Card: "again", Member: "mei", Product: "explorer", Merchant: given("hotpot")})
	require.Len(t, n.gifts(0), 1, "the member is known since")
}
