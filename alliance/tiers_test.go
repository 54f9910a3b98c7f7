package alliance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
)

func TestAnEventIsDecidedByTheTierBeforeIt(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.ladder(alliance.MeasureSpent, 2)
	n.sell(t)
	purchase := n.must(t, alliance.RecordPurchase{Card: "card", Merchant: "spa", Bill: "300.00"})
	require.Equal(t, int64(300), n.state.Cards["card"].Points, "at basic's rate")
	n.must(t, alliance.RecordPurchase{Card: "card", Merchant: "spa", Bill: "10.99"})
	require.Equal(t, int64(316), n.state.Cards["card"].Points, "10.99 × 1.5 is 16.485, rounded down once")
	n.must(t, alliance.SpendValue{Card: "card", Merchant: "spa", Amount: "50.00"})
	n.must(t, alliance.Reverse{Of: numbered(int64(len(n.records))), Amount: given("20.00")})
	require.Equal(t, "gold 34099", n.standing("card"))
	n.must(t, alliance.Reverse{Of: numbered(purchase)})
	require.Equal(t, "basic 4099", n.standing("card"))
}

func TestGrowthIsThatOfTheLastWindows(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.ladder(alliance.MeasurePoints, 2)
	n.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "taster"})
	n.must(t, alliance.RecordPurchase{Card: "card", Merchant: "spa", Bill: "100.00"})
	october := int64(len(n.records))
	n.must(t, alliance.SpendPoints{Card: "card", Merchant: "spa", Points: 90})
	require.Equal(t, "silver 100", n.standing("card"), "spending points takes no growth")
	n.must(t, alliance.Reverse{Of: numbered(int64(len(n.records)))})

	// Midnight of 1 November at UTC+8.
	n.advance(t, time.Date(2026, 10, 31, 16, 0, 0, 0, time.UTC))
	n.must(t, alliance.RecordPurchase{Card: "card", Merchant: "spa", Bill: "50.00"})
	require.Equal(t, "silver 160", n.standing("card"))
	n.must(t, alliance.Reverse{Of: numbered(october)})
	require.Equal(t, "basic 60", n.standing("card"), "what is reversed counts in its own window")
	n.advance(t, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	require.Equal(t, "basic 0", n.standing("card"), "60 − 100 is below zero")
	n.advance(t, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	require.Equal(t, "basic 0", n.standing("card"))
}

// standing returns the tier of a card and its growth.
func (n *growthModel) standing(code string) string {
	tier, growth := n.state.Standing(n.state.Cards[code], n.now)
	return tier.Code + " " + itoa(growth)
}
