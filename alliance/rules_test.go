package alliance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/ledger"
)

func TestADebitCapMayBeMetExactly(t *testing.T) {
	t.Parallel()
	m := newAlliance(t, alliance.AtIssue)
	m.setup.Merchants["cafe"].DebitCap = yuan(t, "20.00")
	m.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "taster"})
	refuses(t, m, alliance.TopUp{Card: "card", Merchant: given("cafe"), Amount: "20.01"}, "over_debit_cap")
	m.must(t, alliance.TopUp{Card: "card", Merchant: given("cafe"), Amount: "20.00"})
	refuses(t, m, alliance.TopUp{Card: "card", Merchant: given("cafe"), Amount: "0.01"}, "over_debit_cap")
	// What the cafe earns makes room again, carried in or not.
	m.must(t, alliance.SpendValue{Card: "card", Merchant: "cafe", Amount: "10.00"})
	m.must(t, alliance.TopUp{Card: "card", Merchant: given("cafe"), Amount: "9.80"})
}

// Passed by what others did, a cap stops only what would lower the position yet
// more.
func TestADebitCapThatIsPassedStopsOnlyWhatLowers(t *testing.T) {
	t.Parallel()
	m := newAlliance(t, alliance.AtUse)
	m.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "taster", Merchant: given("cafe")})
	m.must(t, alliance.TopUp{Card: "card", Merchant: given("cafe"), Amount: "100.00"}) // at its home it moves nothing
	m.must(t, alliance.SpendValue{Card: "card", Merchant: "spa", Amount: "50.00"})
	require.Equal(t, int64(-50_00), m.position("cafe"))
	m.must(t, alliance.TopUp{Card: "card", Merchant: given("cafe"), Amount: "1.00"})
	m.must(t, alliance.RecordPurchase{Card: "card", Merchant: "cafe", Bill: "0.99"})
	refuses(t, m, alliance.RecordPurchase{Card: "card", Merchant: "cafe", Bill: "1.00"}, "over_debit_cap")
	refuses(t, m, alliance.SellCard{Card: "other", Member: "li", Product: "explorer", Merchant: given("cafe")}, "over_debit_cap")
}

func TestAnOnlineCardIsToppedUpOnlineAtUse(t *testing.T) {
	t.Parallel()
	m := newAlliance(t, alliance.AtUse)
	m.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "taster"})
	refuses(t, m, alliance.TopUp{Card: "card", Merchant: given("spa"), Amount: "1.00"}, "wrong_merchant")
	m.must(t, alliance.TopUp{Card: "card", Amount: "1.00"})
	require.Equal(t, int64(1_00), m.balances[custody])
}

// A first purchase, of a free card too, binds the referrer for good, even when
// it is reversed; at most two levels earn.
func TestAFirstPurchaseBindsTheUpline(t *testing.T) {
	t.Parallel()
	m := newAlliance(t, alliance.AtIssue)
	buy := func(card, member, product string, referrer *string) *act {
		return m.must(t, alliance.SellCard{Card: card, Member: member, Product: product, Referrer: referrer})
	}
	first := buy("1", "mei", "taster", nil)
	m.must(t, undoing(first))
	buy("2", "li", "taster", given("mei"))
	buy("3", "wang", "taster", given("li"))
	buy("4", "zhao", "taster", nil)
	buy("5", "zhao", "explorer", given("wang")) // too late
	require.Zero(t, m.balances.of(ledger.CommissionPending))
	buy("6", "mei", "explorer", given("zhao")) // mei is known, without a referrer
	require.Zero(t, m.balances.of(ledger.CommissionPending))
	buy("7", "sun", "explorer", given("wang")) // wang and li earn, mei does not
	require.Equal(t, []int64{15_92, 3_98, 0}, []int64{-m.balances[pendingOf("wang")], -m.balances[pendingOf("li")], -m.balances[pendingOf("mei")]})
	buy("8", "sun", "explorer", given("mei")) // they earn on every card
	require.Equal(t, []int64{31_84, 7_96, 0}, []int64{-m.balances[pendingOf("wang")], -m.balances[pendingOf("li")], -m.balances[pendingOf("mei")]})
}

// The commission of a reversed sale goes back out of where it is: of pending, or
// once it was released, of payable, at both levels.
func TestACommissionGoesBackOutOfWhereItIs(t *testing.T) {
	t.Parallel()
	m := newAlliance(t, alliance.AtIssue)
	m.must(t, alliance.SellCard{Card: "1", Member: "mei", Product: "taster"})
	m.must(t, alliance.SellCard{Card: "2", Member: "li", Product: "taster", Referrer: given("mei")})
	early := m.must(t, alliance.SellCard{Card: "3", Member: "wang", Product: "explorer", Referrer: given("li")})
	m.advance(t, m.now.Add(time.Hour))
	late := m.must(t, alliance.SellCard{Card: "4", Member: "wang", Product: "explorer"})
	m.advance(t, early.release())
	commissions := func() []int64 {
		return []int64{-m.balances[pendingOf("li")], -m.balances[pendingOf("mei")], -m.balances[payableOf("li")], -m.balances[payableOf("mei")]}
	}
	require.Equal(t, []int64{15_92, 3_98, 15_92, 3_98}, commissions())
	m.must(t, undoing(early))
	require.Equal(t, []int64{15_92, 3_98, 0, 0}, commissions())
	m.must(t, undoing(late))
	require.Equal(t, []int64{0, 0, 0, 0}, commissions())
	m.advance(t, late.release()) // nothing is released of what was reversed
	require.Equal(t, alliance.Reversed, m.records[len(m.records)-1].Type)
}

// A commission that was paid and then falls through waits for later commission.
func TestAClawbackAfterPayoutTurnsPayableNegative(t *testing.T) {
	t.Parallel()
	m := newAlliance(t, alliance.AtIssue)
	m.setup.Products["explorer"].ValidDays = 0
	m.must(t, alliance.SellCard{Card: "1", Member: "mei", Product: "taster"})
	sale := m.must(t, alliance.SellCard{Card: "2", Member: "li", Product: "explorer", Referrer: given("mei")})
	m.must(t, alliance.SellCard{Card: "3", Member: "li", Product: "explorer"})
	m.advance(t, sale.release().Add(-1))
	require.Equal(t, int64(31_84), -m.balances[pendingOf("mei")])
	m.advance(t, sale.release())
	require.Equal(t, int64(31_84), -m.balances[payableOf("mei")])
	m.advance(t, m.window.CutoffAt)
	require.Equal(t, int64(31_84), m.members["mei"].paid)

	m.must(t, undoing(m.acts[3]))
	require.Equal(t, int64(-15_92), -m.balances[payableOf("mei")])
	m.must(t, alliance.SellCard{Card: "4", Member: "li", Product: "explorer"})
	m.advance(t, m.window.CutoffAt)
	require.Zero(t, m.balances[payableOf("mei")])
	require.Equal(t, int64(31_84), m.members["mei"].paid)
}

// What falls due at the cut-off is done before it: first commission is released,
// then cards expire, then the month closes and pays.
func TestWhatFallsDueAtTheCutoffComesBeforeIt(t *testing.T) {
	t.Parallel()
	m := newAlliance(t, alliance.AtIssue)
	m.setup.Products["explorer"].ValidDays = 7
	m.must(t, alliance.SellCard{Card: "1", Member: "mei", Product: "taster"})
	m.advance(t, m.window.CutoffAt.Add(-7*24*time.Hour))
	m.must(t, alliance.SellCard{Card: "2", Member: "li", Product: "explorer", Referrer: given("mei")})
	m.advance(t, m.window.CutoffAt)
	var types []ledger.Type
	for _, r := range m.records[2:] {
		types = append(types, r.Type)
		require.Equal(t, "2026-10", r.Period)
	}
	require.Equal(t, []ledger.Type{"commission.released", "card.expired", "window.closed", "commission.paid"}, types)
	require.Equal(t, int64(15_92), m.members["mei"].paid)
	require.Zero(t, m.balances[organiser], "what was left in the pool is settled with the organiser")
	require.Equal(t, "2026-11", m.window.Period)
}

// What was decided by old terms is undone by them.
func TestAReversalGoesByTheTermsOfItsOriginal(t *testing.T) {
	t.Parallel()
	m := newAlliance(t, alliance.AtIssue)
	m.must(t, alliance.SellCard{Card: "card", Member: "mei", Product: "taster"})
	m.must(t, alliance.TopUp{Card: "card", Amount: "100.00", Bonus: given("100.00")})
	spend := m.must(t, alliance.SpendValue{Card: "card", Merchant: "spa", Amount: "150.00"})
	renewed := *m.setup.Current()
	renewed.Version, renewed.SpendOrder, renewed.ClearingFee = 2, alliance.BonusFirst, renewed.SellerShare
	m.setup.Terms = append(m.setup.Terms, renewed)
	m.must(t, partly(spend, "60.00"))
	require.Equal(t, []int64{10_00, 100_00}, []int64{-m.balances[valueOf("card")], -m.balances[bonusOf("card")]})
	require.Equal(t, int64(1_80), m.position("organiser")+100_00)
	m.must(t, undoing(spend))
	require.Zero(t, m.position("spa"))
}
