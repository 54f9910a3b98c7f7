package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
)

func TestTheOrganiserDrawsADepositByHand(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.do(settlement.LodgeDeposit{Merchant: "gym", Amount: "150.00"})
	a := r.do(settlement.DrawDeposit{Merchant: "gym", Amount: "20.00", Note: "it asked for it"})
	require.EqualValues(t, settlement.DepositDrawn, a.Type)
	require.Equal(t, "gym", a.Merchant)
	require.Equal(t, []string{"deposits:gym 20.00", "receivables:gym -20.00"}, entries(a))
	require.Equal(t, []string{"settlement.paying", "deposit.drawn gym amount=20.00 outstanding=100.00 note=it asked for it"}, events(a, "amount", "outstanding", "note"))
	require.Equal(t, "part_paid paid=2000 drawn=2000 outstanding=10000", obligation(r.of("2026-10", 2)))
	r.do(settlement.DrawDeposit{Merchant: "gym", Reference: r.ref("2026-10", 2), Amount: "100.00"})
	require.Equal(t, "paid paid=12000 drawn=12000", obligation(r.of("2026-10", 2)))
	require.EqualValues(t, -3000, r.books[deposits("gym")])
	require.False(t, r.Merchants["gym"].Suspended)
	r.holds()
}

func TestADepositThatIsDrawnAfterADefaultGoesToWhoBoreTheLoss(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	defaulting(r)
	r.do(settlement.LodgeDeposit{Merchant: "gym", Amount: "60.00"})
	a := r.do(settlement.DrawDeposit{Merchant: "gym", Amount: "60.00"})
	require.ElementsMatch(t, []string{
		"deposits:gym 60.00", "receivables:gym -60.00", "allowances:gym 60.00", "merchants:cafe -36.00", "merchants:hotpot -16.00", "organiser -8.00",
	}, entries(a))
	require.Equal(t, "defaulted paid=6000 drawn=6000 outstanding=6000", obligation(r.of("2026-10", 2)))
	r.holds()
}

// Custody has the deposit, so it is custody that pays the other party.
func TestCustodyPaysWhatIsDrawnForADirectTransfer(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, true)
	r.do(settlement.LodgeDeposit{Merchant: "gym", Amount: "100.00"})
	a := r.do(settlement.DrawDeposit{Merchant: "gym", Amount: "100.00"}) // 90.00 to the cafe, 10.00 of 30.00 to the hotpot
	require.Equal(t, []string{
		"payout.payable cafe amount=90.00", "deposit.drawn gym amount=90.00", "payout.payable hotpot amount=10.00", "deposit.drawn gym amount=10.00",
	}, events(a, "amount")[1:])
	require.Equal(t, "paid paid=9000 drawn=9000", obligation(r.of("2026-10", 1)))
	require.Equal(t, "part_paid paid=1000 drawn=1000 outstanding=2000", obligation(r.of("2026-10", 2)))
	require.Equal(t, "hotpot", r.of("2026-10", 2).PaidTo(), "the rest is paid to the hotpot itself")
	r.holds()
	r.do(settlement.ReceivePayment{Reference: r.ref("2026-10", 2), Amount: "20.00", Payee: "hotpot"})
	for _, n := range []int{6, 7} {
		r.do(settlement.ConfirmPayout{Reference: r.ref("2026-10", n)})
	}
	require.Zero(t, r.books[payables("cafe")])
	require.EqualValues(t, -1000, r.books[payables("hotpot")], "of the salon")
	require.Zero(t, r.books[ledger.Account{Kind: ledger.Custody}])
	r.holds()
}

func TestADepositIsDrawnForWhatIsOwedOnly(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	r.do(settlement.LodgeDeposit{Merchant: "gym", Amount: "130.00"})
	r.do(settlement.LodgeDeposit{Merchant: "cafe", Amount: "130.00"})
	r.refused(settlement.CodeNothingDue, settlement.DrawDeposit{Merchant: "gym", Amount: "1.00"}) // not approved
	r.refused(settlement.CodeNotApproved, settlement.DrawDeposit{Merchant: "gym", Reference: r.ref("2026-10", 2), Amount: "1.00"})
	r.pass(at(time.November, 4, 0))
	r.refused(settlement.CodeNothingDue, settlement.DrawDeposit{Merchant: "cafe", Amount: "1.00"})
	why := r.refused(settlement.CodeInsufficientDeposit, settlement.DrawDeposit{Merchant: "gym", Amount: "130.01"})
	require.Equal(t, map[string]string{"available": "130.00", "required": "130.01"}, why.Data)
	for _, c := range []settlement.DrawDeposit{{Merchant: "gym", Amount: "120.01"}, {Merchant: "gym", Reference: r.ref("2026-10", 2), Amount: "120.01"}} {
		require.Equal(t, "120.00", r.refused(settlement.CodeOverPayment, c).Data["available"])
	}
	for _, ref := range []string{r.ref("2026-10", 5), r.ref("2026-10", 1), "nothing"} { // the salon's, a payout
		r.refused(settlement.CodeUnknownReference, settlement.DrawDeposit{Merchant: "gym", Reference: ref, Amount: "1.00"})
	}
	r.refused(settlement.CodeUnknownParty, settlement.DrawDeposit{Merchant: "organiser", Amount: "1.00"})
	r.refused(settlement.CodeInvalidAmount, settlement.DrawDeposit{Merchant: "gym", Amount: "0.00"})
	r.holds()
}
