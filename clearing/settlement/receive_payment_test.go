package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/settlement"
)

func TestAPaymentIsPartOrAllAndNeverMore(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	gym := r.ref("2026-10", 2)
	a := r.do(settlement.ReceivePayment{Reference: gym, Amount: "20.00", Note: "cash"})
	require.Equal(t, []string{"custody 20.00", "receivables:gym -20.00"}, entries(a))
	require.Equal(t, []string{"settlement.paying", "payment.received gym amount=20.00 outstanding=100.00 note=cash state=part_paid"},
		events(a, "amount", "outstanding", "note", "state"))
	require.Equal(t, "gym", a.Merchant)
	require.Equal(t, "part_paid paid=2000 outstanding=10000", obligation(r.of("2026-10", 2)))
	require.Equal(t, settlement.Paying, r.phase("2026-10"))
	why := r.refused(settlement.CodeOverPayment, settlement.ReceivePayment{Reference: gym, Amount: "100.01"})
	require.Equal(t, map[string]string{"available": "100.00", "required": "100.01"}, why.Data)
	r.do(settlement.ReceivePayment{Reference: gym, Amount: "30.00"})
	a = r.do(settlement.ReceivePayment{Reference: gym, Amount: "70.00"})
	require.Equal(t, []string{"custody 70.00", "receivables:gym -70.00"}, entries(a))
	require.Equal(t, []string{"payment.received gym amount=70.00 outstanding=0.00 state=paid"}, events(a, "amount", "outstanding", "state"))
	require.Equal(t, "paid paid=12000", obligation(r.of("2026-10", 2)))
	require.Zero(t, r.of("2026-10", 2).RemindAt)
	require.Zero(t, r.of("2026-10", 2).DefaultAt)
	r.refused(settlement.CodeNothingDue, settlement.ReceivePayment{Reference: gym, Amount: "0.01"})
	r.refused(settlement.CodeNothingDue, settlement.ReceivePayment{Party: "gym", Amount: "0.01"})
	require.Zero(t, r.books[receivables("gym")])
}

func TestAPaymentIsForWhatIsKnownAndApproved(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	r.refused(settlement.CodeNotApproved, settlement.ReceivePayment{Reference: r.ref("2026-10", 2), Amount: "1.00"})
	r.refused(settlement.CodeNothingDue, settlement.ReceivePayment{Party: "gym", Amount: "1.00"})
	r.pass(at(time.November, 4, 0))
	for _, reference := range []string{r.ref("2026-10", 77), r.ref("2026-09", 1), "RF00", r.ref("2026-10", 1), r.ref("2026-10", 6)} {
		r.refused(settlement.CodeUnknownReference, settlement.ReceivePayment{Reference: reference, Amount: "1.00"})
	}
	for _, party := range []string{"", "custody", "nobody"} {
		r.refused(settlement.CodeUnknownParty, settlement.ReceivePayment{Party: party, Amount: "1.00"})
	}
	r.refused(settlement.CodeInvalidAmount, settlement.ReceivePayment{Party: "gym", Amount: "0"})
	r.refused(settlement.CodeNothingDue, settlement.ReceivePayment{Party: "cafe", Amount: "1.00"})
}

// twoMonths is a fixture where October and November are approved, on 5 December; of
// both the gym owes 120.00 and 50.00, to custody or directly.
func twoMonths(t *testing.T, direct bool) *fixture {
	t.Helper()
	patient := terms
	patient.PaymentDays = 60
	r := october(t, patient, direct)
	r.line("gym", "cafe", 5000)
	r.close("2026-11", at(time.December, 1, 0), patient, direct, nil)
	r.pass(at(time.December, 5, 0))
	return r
}

func TestMoneyIsForTheOldestMonthFirst(t *testing.T) {
	t.Parallel()
	r := twoMonths(t, false)
	october, november := r.ref("2026-10", 2), r.ref("2026-11", 2)
	why := r.refused(settlement.CodeOlderUnpaid, settlement.ReceivePayment{Reference: november, Amount: "50.00"})
	require.Equal(t, map[string]string{"reference": october}, why.Data)
	why = r.refused(settlement.CodeOverPayment, settlement.ReceivePayment{Party: "gym", Amount: "170.01"})
	require.Equal(t, map[string]string{"available": "170.00", "required": "170.01"}, why.Data)

	a := r.do(settlement.ReceivePayment{Party: "gym", Amount: "130.00"})
	require.Equal(t, []string{"custody 130.00", "receivables:gym -130.00"}, entries(a))
	require.Equal(t, []string{
		"settlement.paying", "payment.received gym amount=120.00 outstanding=0.00", "settlement.paying", "payment.received gym amount=10.00 outstanding=40.00",
	}, events(a, "amount", "outstanding"))
	require.Equal(t, "paid paid=12000", obligation(r.of("2026-10", 2)))
	require.Equal(t, "part_paid paid=1000 outstanding=4000", obligation(r.of("2026-11", 2)))
	r.do(settlement.ReceivePayment{Reference: november, Amount: "40.00"})
	require.Equal(t, "paid paid=5000", obligation(r.of("2026-11", 2)))
}

func TestADirectTransferGoesToItsPayee(t *testing.T) {
	t.Parallel()
	r := twoMonths(t, true)
	a := r.do(settlement.ReceivePayment{Reference: r.ref("2026-10", 1), Amount: "80.00", Payee: "cafe"})
	require.Equal(t, []string{"payables:cafe 80.00", "receivables:gym -80.00"}, entries(a))
	require.Equal(t, "gym", a.Merchant)
	a = r.do(settlement.ReceivePayment{Party: "gym", Amount: "45.00"})
	require.Equal(t, []string{"payables:cafe 15.00", "receivables:gym -45.00", "payables:hotpot 30.00"}, entries(a))
	require.Equal(t, "paid paid=9000", obligation(r.of("2026-10", 1)))
	require.Equal(t, "paid paid=3000", obligation(r.of("2026-10", 2)))
	require.Equal(t, "part_paid paid=500 outstanding=4500", obligation(r.of("2026-11", 1)))
	r.refused(settlement.CodeUnknownReference, settlement.ReceivePayment{Reference: r.ref("2026-11", 1), Amount: "1.00", Payee: "hotpot"})
}

func TestWhoReceivedSpeaksOfItsOwnTransfersAlone(t *testing.T) {
	t.Parallel()
	custody := approved(t, terms, false)
	custody.refused(settlement.CodeUnknownReference, settlement.ReceivePayment{Reference: custody.ref("2026-10", 2), Amount: "1.00", Payee: "cafe"})
	r := approved(t, terms, true)
	r.refused(settlement.CodeUnknownReference, settlement.ReceivePayment{Party: "gym", Amount: "1.00", Payee: "cafe"})
	// Once custody has paid in the gym's place, what the gym pays is custody's.
	r.pass(at(time.November, 14, 0))
	require.Equal(t, settlement.Defaulted, r.of("2026-10", 1).Status)
	r.refused(settlement.CodeNothingDue, settlement.ReceivePayment{Reference: r.ref("2026-10", 1), Amount: "1.00", Payee: "cafe"})
	a := r.do(settlement.ReceivePayment{Reference: r.ref("2026-10", 1), Amount: "1.00"})
	require.Contains(t, entries(a), "custody 1.00")
}
