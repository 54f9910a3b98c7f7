package alliance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
)

func TestAHoldReservesWhatIsAvailable(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.sell(t)
	topUp := int64(len(n.records))
	moved := n.moves(t, alliance.PlaceHold{Card: "card", Merchant: "spa", Amount: "60.00"})
	require.Empty(t, moved, "a hold moves no money")
	n.refused(t, "insufficient_value", alliance.PlaceHold{Card: "card", Merchant: "spa", Amount: "50.01"})
	n.refused(t, "insufficient_value", alliance.SpendValue{Card: "card", Merchant: "spa", Amount: "50.01"})
	n.refused(t, "insufficient_value", alliance.Reverse{Of: numbered(topUp)})
	n.must(t, alliance.PlaceHold{Card: "card", Merchant: "cafe", Amount: "50.00"})
	n.refused(t, "insufficient_value", alliance.SpendValue{Card: "card", Merchant: "spa", Amount: "0.01"})
	n.refused(t, "card_in_use", alliance.Reverse{Of: numbered(1)})
	n.refused(t, "card_in_use", alliance.RefundCard{Card: "card", Ground: alliance.GroundMember})
}

func TestACaptureIsASpendAndFreesTheRest(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.sell(t)
	hold := n.must(t, alliance.PlaceHold{Card: "card", Merchant: "spa", Amount: "60.00"})
	n.must(t, alliance.FreezeCard{Card: "card"})
	require.Equal(t, map[string]string{"card_value:card": "55.00", "organiser": "-1.10", "merchants:spa": "-53.90"},
		n.moves(t, alliance.CaptureHold{Of: numbered(hold), Amount: given("55.00")}))
	require.Zero(t, n.state.Cards["card"].Held)
	capture := int64(len(n.records))
	n.refused(t, "hold_closed", alliance.CaptureHold{Of: numbered(hold), Amount: given("nonsense")})
	n.refused(t, "hold_closed", alliance.VoidHold{Of: numbered(hold)})
	n.refused(t, "unknown_event", alliance.Reverse{Of: numbered(hold)})
	require.Equal(t, map[string]string{"card_value:card": "-20.00", "organiser": "0.40", "merchants:spa": "19.60"},
		n.moves(t, alliance.Reverse{Of: numbered(capture), Amount: given("20.00")}))
	require.Equal(t, map[string]string{"card_value:card": "-35.00", "organiser": "0.70", "merchants:spa": "34.30"},
		n.moves(t, alliance.Reverse{Of: numbered(capture)}))
	require.Zero(t, n.state.Cards["card"].Spent)
}

func TestAHoldEndsByItselfAtItsInstant(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.sell(t)
	first := n.must(t, alliance.PlaceHold{Card: "card", Merchant: "spa", Amount: "60.00"})
	second := n.must(t, alliance.PlaceHold{Card: "card", Merchant: "spa", Amount: "50.00"})
	n.later(t, 30*time.Minute-time.Microsecond)
	n.must(t, alliance.CaptureHold{Of: numbered(first)})
	n.later(t, time.Microsecond)
	require.Equal(t, alliance.HoldExpired, n.records[len(n.records)-1].Type)
	n.refused(t, "hold_closed", alliance.CaptureHold{Of: numbered(second)})
	require.Equal(t, alliance.HoldStateExpired, n.state.Log[second].HoldState())
	require.Equal(t, alliance.HoldStateCaptured, n.state.Log[first].HoldState())
	n.must(t, alliance.SpendValue{Card: "card", Merchant: "spa", Amount: "50.00"})
}

func TestWhatEndsAHoldLooksForWhatIsWrongInOrder(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.sell(t)
	hold := n.must(t, alliance.PlaceHold{Card: "card", Merchant: "spa", Amount: "60.00"})
	n.refused(t, "unknown_event", alliance.CaptureHold{Of: numbered(1), Amount: given("x")})
	n.refused(t, "unknown_event", alliance.CaptureHold{Of: numbered(99)})
	n.refused(t, "unknown_event", alliance.VoidHold{Of: numbered(2)})
	n.refused(t, "invalid_amount", alliance.CaptureHold{Of: numbered(hold), Amount: given("0.00")})
	n.refused(t, "invalid_amount", alliance.CaptureHold{Of: numbered(hold), Amount: given("60.01")})
	n.must(t, alliance.VoidHold{Of: numbered(hold)})
	require.Equal(t, alliance.HoldStateVoided, n.state.Log[hold].HoldState())
	n.refused(t, "unknown_card", alliance.PlaceHold{Card: "x", Merchant: "x", Amount: "x"})
	n.refused(t, "unknown_merchant", alliance.PlaceHold{Card: "card", Merchant: "x", Amount: "x"})
	n.refused(t, "invalid_amount", alliance.PlaceHold{Card: "card", Merchant: "spa", Amount: "0"})
}

func TestStoredValueStaysAtHomeWhereTheTermsSaySo(t *testing.T) {
	t.Parallel()
	n := newGrowthAlliance(t, alliance.AtIssue)
	n.setup.Current().HomeOnly = true
	n.sell(t)
	n.must(t, alliance.SellCard{Card: "online", Member: "li", Product: "taster"})
	n.refused(t, "wrong_merchant", alliance.TopUp{Card: "online", Amount: "1.00"})
	n.refused(t, "wrong_merchant", alliance.TopUp{Card: "online", Amount: "1.00", Merchant: given("spa")})
	n.refused(t, "wrong_merchant", alliance.TopUp{Card: "card", Amount: "9999.00", Merchant: given("spa")})
	n.refused(t, "wrong_merchant", alliance.TopUp{Card: "card", Amount: "1.00"})
	n.refused(t, "wrong_merchant", alliance.SpendValue{Card: "card", Amount: "999.00", Merchant: "spa"})
	n.refused(t, "wrong_merchant", alliance.PlaceHold{Card: "card", Amount: "1.00", Merchant: "spa"})
	n.must(t, alliance.SpendValue{Card: "card", Amount: "1.00", Merchant: "hotpot"})
	n.must(t, alliance.UsePass{Card: "card", Merchant: "cafe", Benefit: "coffee", Count: 1})
	n.must(t, alliance.RecordPurchase{Card: "card", Merchant: "spa", Bill: "10.00"})
}
