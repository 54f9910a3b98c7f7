package alliance_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
)

// A till prints these, so that what a member pays, gets and has left needs no arithmetic
// of its own. What is left out of a receipt there was none of.
func TestAReceiptSaysWhatATillPrints(t *testing.T) {
	t.Parallel()
	m := newAlliance(t, alliance.AtIssue)
	terms := m.setup.Current()
	terms.SpendOrder, terms.PointCost, terms.PointValue = alliance.Proportional, yuan(t, "0.05"), yuan(t, "0.02")
	printed := func(a *act, without ...string) string {
		t.Helper()
		text, err := json.Marshal(m.state.Receipt(&m.records[a.seq-1]))
		require.NoError(t, err)
		var all map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(text, &all))
		for _, name := range append(without, "transaction", "booked_at", "window", "merchant", "position_change") {
			delete(all, name)
		}
		text, err = json.Marshal(all)
		require.NoError(t, err)
		return string(text)
	}
	const card = `{"bonus":"0.00","card":"A","points":0,"status":"active","value":"0.00"}`
	sold := m.must(t, alliance.SellCard{Card: "A", Member: "mei", Product: "explorer", Merchant: given("hotpot")})
	require.JSONEq(t, `{"type":"card.sold","amount":"199.00","card":`+card+`}`, printed(sold))

	topped := m.must(t, alliance.TopUp{Card: "A", Merchant: given("hotpot"), Amount: "200.00", Bonus: given("50.00")})
	require.JSONEq(t, `{"type":"card.topped_up","amount":"200.00","principal":"200.00","bonus":"50.00",
		"card":{"bonus":"50.00","card":"A","points":0,"status":"active","value":"200.00"}}`, printed(topped))

	spent := m.must(t, alliance.SpendValue{Card: "A", Merchant: "cafe", Amount: "25.00"})
	require.JSONEq(t, `{"type":"value.spent","amount":"25.00","principal":"20.00","bonus":"5.00",
		"card":{"bonus":"45.00","card":"A","points":0,"status":"active","value":"180.00"}}`, printed(spent))
	part := m.must(t, alliance.Reverse{Of: alliance.Reference{Seq: spent.seq}, Amount: given("10.00")})
	require.JSONEq(t, `{"type":"reversed","amount":"10.00","principal":"8.00","bonus":"2.00",
		"card":{"bonus":"47.00","card":"A","points":0,"status":"active","value":"188.00"}}`, printed(part, "corrects"))

	pass := m.must(t, alliance.UsePass{Card: "A", Merchant: "cafe", Benefit: "coffee", Count: 2})
	require.JSONEq(t, `{"type":"pass.used","amount":"24.00","uses":2,"uses_left":1}`, printed(pass, "card"))
	back := m.must(t, undoing(pass))
	require.JSONEq(t, `{"type":"reversed","amount":"24.00","uses":-2,"uses_left":3}`, printed(back, "card", "corrects"))

	coupon := m.must(t, alliance.UseCoupon{Card: "A", Merchant: "spa", Benefit: "spa90", Bill: "298.00"})
	require.JSONEq(t, `{"type":"coupon.used","amount":"298.00","discount":"90.00","uses":1,"uses_left":0}`, printed(coupon, "card"))
	back = m.must(t, undoing(coupon))
	require.JSONEq(t, `{"type":"reversed","amount":"298.00","discount":"90.00","uses":-1,"uses_left":1}`, printed(back, "card", "corrects"))

	bought := m.must(t, alliance.RecordPurchase{Card: "A", Merchant: "spa", Bill: "208.50"})
	require.JSONEq(t, `{"type":"purchase.recorded","amount":"208.50","points":208,"points_worth":"4.16",
		"card":{"bonus":"47.00","card":"A","points":208,"points_worth":"4.16","status":"active","value":"188.00"}}`, printed(bought))
	points := m.must(t, alliance.SpendPoints{Card: "A", Merchant: "cafe", Points: 100})
	require.JSONEq(t, `{"type":"points.spent","points":-100,"points_worth":"2.00",
		"card":{"bonus":"47.00","card":"A","points":108,"points_worth":"2.16","status":"active","value":"188.00"}}`, printed(points))

	// Only principal is left to take, and the receipt says so of the bonus too.
	terms.SpendOrder = alliance.PrincipalFirst
	spent = m.must(t, alliance.SpendValue{Card: "A", Merchant: "cafe", Amount: "18.00"})
	require.JSONEq(t, `{"type":"value.spent","amount":"18.00","principal":"18.00","bonus":"0.00"}`, printed(spent, "card"))

	frozen := m.must(t, alliance.FreezeCard{Card: "A"})
	require.JSONEq(t, `{"type":"card.frozen"}`, printed(frozen, "card"))
}

// Points are worth what the terms said when they were earned or spent. What is on the card
// is worth what they say now.
func TestPointsAreWorthWhatTheTermsSay(t *testing.T) {
	t.Parallel()
	m := newAlliance(t, alliance.AtIssue)
	m.must(t, alliance.SellCard{Card: "A", Member: "mei", Product: "explorer", Merchant: given("hotpot")})
	bought := m.must(t, alliance.RecordPurchase{Card: "A", Merchant: "spa", Bill: "100.00"})
	next := *m.setup.Current()
	next.Version, next.PointValue = 2, yuan(t, "0.00")
	m.setup.Terms = append(m.setup.Terms, next)
	receipt := m.state.Receipt(&m.records[bought.seq-1])
	require.Equal(t, yuan(t, "1.00"), receipt.Worth)
	require.True(t, receipt.Card.Worth.IsZero())
}
