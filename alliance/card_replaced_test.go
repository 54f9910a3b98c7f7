package alliance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
)

func TestANewCodeTakesOverAllThatIsOnACard(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.ladder(alliance.MeasureSpent, 1)
	n.campaign(t, "welcome", alliance.WhenJoined, func(c *alliance.Campaign) {
		c.Coupons = []alliance.GiftCoupon{giftCoupon(t, "w20", 1, 5)}
	})
	n.sell(t)
	spend := n.must(t, alliance.SpendValue{Card: "card", Merchant: "spa", Amount: "30.00"})
	n.must(t, alliance.RecordPurchase{Card: "card", Merchant: "spa", Bill: "120.00"})
	hold := n.must(t, alliance.PlaceHold{Card: "card", Merchant: "spa", Amount: "60.00"})
	n.must(t, alliance.FreezeCard{Card: "card"})
	before := *n.state.Cards["card"]

	require.Equal(t, map[string]string{
		"card_value:card": "70.00", "card_value:new": "-70.00", "card_bonus:card": "10.00", "card_bonus:new": "-10.00",
		"card_pool:card": "170.00", "card_pool:new": "-170.00",
	}, n.moves(t, alliance.ReplaceCard{Card: "card", NewCard: "new"}))
	after := *n.state.Cards["new"]
	require.Equal(t, alliance.Active, after.Status())
	require.Equal(t, alliance.Replaced, n.state.Cards["card"].Status())
	require.Equal(t, int64(len(n.records)), after.LastSeq)
	require.Equal(t, before.LastSeq, n.records[len(n.records)-1].Previous)
	before.Code, before.Frozen, before.LastSeq = "new", false, after.LastSeq
	require.Equal(t, before, after)

	for _, command := range []alliance.Command{
		alliance.FreezeCard{Card: "card"}, alliance.UnfreezeCard{Card: "card"},
		alliance.SpendValue{Card: "card", Merchant: "spa", Amount: "1.00"},
		alliance.UseCoupon{Card: "card", Merchant: "cafe", Benefit: "w20", Bill: "60.00"},
		alliance.UsePass{Card: "card", Merchant: "cafe", Benefit: "coffee", Count: 1},
		alliance.ReplaceCard{Card: "card", NewCard: "newer"}, alliance.GiveCard{Card: "card", Member: "mei"},
		alliance.RefundCard{Card: "card", Ground: alliance.GroundMember},
	} {
		n.refused(t, "card_replaced", command)
	}
	n.refused(t, "unknown_benefit", alliance.UsePass{Card: "card", Merchant: "cafe", Benefit: "hotpot20", Count: 1})
	n.refused(t, "invalid_amount", alliance.SpendValue{Card: "card", Merchant: "spa", Amount: "0"})
	n.refused(t, "card_exists", alliance.ReplaceCard{Card: "new", NewCard: "card"})
	n.refused(t, "card_exists", alliance.SellCard{Card: "card", Member: "li", Product: "taster"})

	require.Equal(t, map[string]string{"card_value:new": "-30.00", "organiser": "0.60", "merchants:spa": "29.40"},
		n.moves(t, alliance.Reverse{Of: numbered(spend)}), "what was done with the old code comes back to the new one")
	n.must(t, alliance.CaptureHold{Of: numbered(hold)})
	require.Equal(t, "40.00", n.state.Cards["new"].Value.String())
	tier, growth := n.state.Standing(n.state.Cards["new"], n.now)
	require.Equal(t, "silver", tier.Code)
	require.Equal(t, int64(18_000), growth)

	n.later(t, 5*24*time.Hour)
	require.Equal(t, alliance.GiftExpired, n.records[len(n.records)-1].Type, "no gift is lost on the way")
	require.Equal(t, "new", n.records[len(n.records)-1].Card)
	n.later(t, 25*24*time.Hour)
	require.Equal(t, alliance.Expired, n.state.Cards["new"].Status(), "nor an expiry")
	n.must(t, alliance.ReplaceCard{Card: "new", NewCard: "newest"})
	require.Equal(t, alliance.Expired, n.state.Cards["newest"].Status())
}

// In files a code may be any text.
func TestANewCodeMayBeTheEmptyText(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.sell(t)
	n.must(t, alliance.ReplaceCard{Card: "card", NewCard: ""})
	require.Equal(t, alliance.Replaced, n.state.Cards["card"].Status())
	require.Equal(t, alliance.Active, n.state.Cards[""].Status())
	n.refused(t, "card_replaced", alliance.ReplaceCard{Card: "card", NewCard: "other"})
	n.must(t, alliance.ReplaceCard{Card: "", NewCard: "other"})
	n.refused(t, "card_replaced", alliance.SpendValue{Card: "", Merchant: "spa", Amount: "1.00"})
	require.Equal(t, n.state.Cards["other"], n.current("card"))
}

func TestACardIsGivenToAnotherMember(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.sell(t)
	n.must(t, alliance.FreezeCard{Card: "card"})
	n.refused(t, "card_frozen", alliance.GiveCard{Card: "card", Member: "mei"})
	n.must(t, alliance.UnfreezeCard{Card: "card"})
	n.refused(t, "same_member", alliance.GiveCard{Card: "card", Member: "mei"})
	n.refused(t, "unknown_card", alliance.GiveCard{Card: "x", Member: "mei"})
	require.Empty(t, n.moves(t, alliance.GiveCard{Card: "card", Member: "gil"}))
	require.Equal(t, "gil", n.state.Cards["card"].Member)
	n.refused(t, "unknown_member", alliance.SellCard{Card: "c2", Member: "li", Product: "taster", Referrer: given("gil")})
	n.later(t, 30*24*time.Hour)
	n.refused(t, "card_expired", alliance.GiveCard{Card: "card", Member: "mei"})
}
