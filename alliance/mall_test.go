package alliance_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestPointsPayForAnItemOfTheMall(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "taster"})
	n.must(t, alliance.RecordPurchase{Card: "card", Merchant: "spa", Bill: "250.00"})
	mug := func(count int64) alliance.RedeemItem {
		return alliance.RedeemItem{Card: "card", Merchant: "cafe", Item: "mug", Count: count}
	}
	n.refused(t, "unknown_card", alliance.RedeemItem{Card: "x", Merchant: "x", Item: "x"})
	n.refused(t, "unknown_merchant", alliance.RedeemItem{Card: "card", Merchant: "x", Item: "x"})
	n.refused(t, "unknown_item", alliance.RedeemItem{Card: "card", Merchant: "spa", Item: "x"})
	n.refused(t, "invalid_amount", alliance.RedeemItem{Card: "card", Merchant: "spa", Item: "mug"})
	n.refused(t, "wrong_merchant", alliance.RedeemItem{Card: "card", Merchant: "spa", Item: "mug", Count: math.MaxInt64})
	n.refused(t, "out_of_stock", mug(math.MaxInt64))
	n.refused(t, "out_of_stock", mug(3))

	require.Equal(t, map[string]string{"points_pool": "4.00", "merchants:cafe": "-2.94", "organiser": "-1.06"}, n.moves(t, mug(2)),
		"the cafe gets 3.00 less 0.06; the organiser the fee, and 1.00 that the points cost beyond")
	redeemed := int64(len(n.records))
	require.Equal(t, int64(50), n.state.Cards["card"].Points)
	n.refused(t, "out_of_stock", mug(1))
	n.refused(t, "card_in_use", alliance.Reverse{Of: numbered(1)})
	n.must(t, alliance.Reverse{Of: numbered(redeemed)})
	require.Equal(t, int64(250), n.state.Cards["card"].Points)
	require.Zero(t, n.state.Items["mug"].Redeemed)

	n.setup.Items["mug"].Limited = false
	n.refused(t, "insufficient_points", mug(3))
	n.refused(t, "insufficient_points", mug(math.MaxInt64))
}
