package alliance_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/alliance"
)

// TestPartsOfASpendAddUpToTheWhole: a spend that is undone in parts, however it
// is cut and in whatever order principal and bonus were spent, is undone to the
// last minor unit on every account, and never gives back more than was taken.
func TestPartsOfASpendAddUpToTheWhole(t *testing.T) {
	t.Parallel()
	for _, funding := range []alliance.Funding{alliance.AtIssue, alliance.AtUse} {
		for _, order := range []alliance.SpendOrder{alliance.PrincipalFirst, alliance.BonusFirst, alliance.Proportional} {
			t.Run(string(funding)+"/"+string(order), func(t *testing.T) {
				t.Parallel()
				rapid.Check(t, func(t *rapid.T) { undoInParts(t, funding, order) })
			})
		}
	}
}

func undoInParts(t *rapid.T, funding alliance.Funding, order alliance.SpendOrder) {
	m := drawModel(t, funding)
	d := drawer{t, m}
	m.setup.Current().SpendOrder, m.setup.Current().Limited = order, false
	for _, merchant := range m.setup.Merchants {
		merchant.Capped = false
	}
	var home *string
	if !once(t, "online", 2) {
		code := evenly(t, "home", merchantCodes...)
		home = &code
	}
	done, _ := m.do(t, alliance.SellCard{Card: "c", Member: "m", Product: "p1", Merchant: home})
	require.NotNil(t, done)
	amount := func(label string, least, most int64) string {
		return m.setup.Currency.Minor(rapid.Int64Range(least, most).Draw(t, label)).String()
	}
	for range evenly(t, "top-ups", 1, 2) {
		bonus := amount("bonus", 0, 3000)
		done, _ = m.do(t, alliance.TopUp{Card: "c", Merchant: home, Amount: amount("amount", 1, 3000), Bonus: &bonus})
		require.NotNil(t, done)
	}
	spent, _ := m.do(t, alliance.SpendValue{Card: "c", Merchant: evenly(t, "merchant", merchantCodes...), Amount: amount("spend", 1, m.held("c"))})
	require.NotNil(t, spent)

	// What happens between a spend and its undoing has no effect on it, not even new terms.
	if once(t, "spend again", 1) && m.held("c") > 0 {
		m.do(t, alliance.SpendValue{Card: "c", Merchant: evenly(t, "merchant", merchantCodes...), Amount: amount("spend", 1, m.held("c"))})
	}
	if once(t, "new terms", 1) {
		d.amend()
	}
	before, sum := m.balances.clone(), make(deltas)
	for !spent.reversed {
		left := spent.whole - spent.undone
		part := d.undoPart(spent, rapid.Int64Range(1, left).Draw(t, "part"))
		sum.add(part.delta, 1)
		for _, given := range []struct{ back, most int64 }{
			{-sum[valueOf("c")], spent.delta[valueOf("c")]}, {-sum[bonusOf("c")], spent.delta[bonusOf("c")]},
		} {
			require.True(t, given.back >= 0 && given.back <= given.most, "%d given back of %d", given.back, given.most)
		}
		m.holds(t)
	}
	sum.add(spent.delta, 1)
	require.Empty(t, sum, "left behind")
	before.add(spent.delta, -1)
	require.Equal(t, before, m.balances)
	_, code := m.do(t, alliance.Reverse{Of: alliance.Reference{Seq: spent.seq}})
	require.Equal(t, alliance.CodeAlreadyReversed, code)
}
