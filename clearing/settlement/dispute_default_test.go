package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
)

// refusals are the ways in which a dispute ends without an adjustment.
var refusals = []sequencer.SettlementCommand{
	settlement.RefuseDispute{Dispute: 1}, settlement.WithdrawDispute{Dispute: 1, Party: "gym"},
}

// The grace of what is unpaid is over, so it is over for what joins it.
func TestWhatIsRefusedAfterADefaultIsDueAndInDefaultWithTheRest(t *testing.T) {
	t.Parallel()
	for _, no := range refusals {
		r := october(t, terms, false)
		r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToHotpot})
		r.pass(at(time.November, 14, 0))
		require.Equal(t, "defaulted held=3000 outstanding=9000", obligation(r.of("2026-10", 2)))
		a := r.do(no)
		require.ElementsMatch(t, []string{"merchants:cafe 18.00", "merchants:hotpot 8.00", "organiser 4.00", "allowances:gym -30.00"}, entries(a))
		require.Equal(t, []string{
			"payment.due gym amount=120.00 due_at=2026-11-08T16:00:00Z", "payment.defaulted gym amount=30.00",
			"loss.shared cafe amount=18.00", "loss.shared hotpot amount=8.00", "loss.shared organiser amount=4.00",
		}, events(a, "amount", "due_at")[1:])
		require.Equal(t, "defaulted outstanding=12000", obligation(r.of("2026-10", 2)), "nothing of it is carried")
		require.EqualValues(t, 12000, r.books[receivables("gym")])
		require.Len(t, r.of("2026-10", 2).Bearers, 3, "who bears more of it is not listed twice")
		r.holds()

		a = r.do(settlement.ReceivePayment{Reference: r.ref("2026-10", 2), Amount: "120.00"})
		require.Equal(t, "paid paid=12000", obligation(r.of("2026-10", 2)))
		require.Contains(t, entries(a), "allowances:gym 120.00")
		r.holds()
	}
}

func TestWhatIsRefusedAfterADefaultWasPaidHasADueDateOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, no := range refusals {
		r := october(t, terms, false)
		r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToHotpot})
		r.pass(at(time.November, 14, 0))
		r.do(settlement.ReceivePayment{Party: "gym", Amount: "90.00"})
		require.Equal(t, "defaulted held=3000 paid=9000", obligation(r.of("2026-10", 2)))
		r.days(2)
		a := r.do(no)
		require.Empty(t, a.Entries)
		require.Contains(t, events(a, "amount", "due_at", "state"), "payment.due gym amount=30.00 due_at=2026-11-20T16:00:00Z state=part_paid")
		require.Equal(t, "part_paid paid=9000 outstanding=3000", obligation(r.of("2026-10", 2)))
		require.Equal(t, at(time.November, 26, 0), r.of("2026-10", 2).DefaultAt)
		r.holds()
		postings := r.pass(at(time.November, 26, 0))
		require.Contains(t, events(postings[len(postings)-1], "amount"), "payment.defaulted gym amount=30.00")
		require.Equal(t, "defaulted paid=9000 outstanding=3000", obligation(r.of("2026-10", 2)))
		r.holds()
	}
}

func TestCustodyPaysWhatIsRefusedOfADirectTransferThatDefaulted(t *testing.T) {
	t.Parallel()
	r := october(t, terms, true)
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToHotpot}) // keeps out all of the transfer to the hotpot
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToCafe})   // and 90.00 of that to the cafe
	r.do(settlement.WithdrawDispute{Dispute: 2, Party: "gym"})
	r.pass(at(time.November, 14, 0))
	require.Equal(t, "due held=3000", obligation(r.of("2026-10", 2)))
	require.Equal(t, "defaulted outstanding=9000", obligation(r.of("2026-10", 1)))
	a := r.do(settlement.RefuseDispute{Dispute: 1})
	require.Contains(t, events(a, "amount", "due_at"), "payment.due gym amount=30.00 due_at=2026-11-18T16:00:00Z")
	require.Equal(t, "hotpot", r.of("2026-10", 2).PaidTo(), "that transfer has not defaulted")
	r.holds()

	r = october(t, terms, true)
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "hotpot", Seq: salonToHotpot})
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "hotpot", Seq: gymToHotpot})
	r.pass(at(time.November, 14, 0))
	r.holds()
	// 10.00 of the salon's 30.00 and all of the gym's 30.00 to the hotpot are disputed.
	a = r.do(settlement.RefuseDispute{Dispute: 1})
	require.Contains(t, events(a, "amount"), "payment.due salon amount=10.00")
	r.holds()
}

func TestAPartOfADirectTransferIsPaidByCustodyAgainOnceItsGraceIsOver(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.line("gym", "cafe", 9000)
	line := r.line("gym", "cafe", 3000)
	r.close("2026-10", at(time.November, 1, 0), terms, true, nil)
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: line})
	r.pass(at(time.November, 14, 0))
	require.Equal(t, "defaulted held=3000 outstanding=9000", obligation(r.of("2026-10", 1)))
	a := r.do(settlement.RefuseDispute{Dispute: 1})
	require.Contains(t, events(a, "amount"), "payout.payable cafe amount=30.00")
	require.Equal(t, "payable outstanding=3000", obligation(r.of("2026-10", 3)))
	require.Equal(t, 1, r.of("2026-10", 3).Covers)
	require.EqualValues(t, -12000, r.books[payables("cafe")])
	r.holds()
	r.do(settlement.ReceivePayment{Reference: r.ref("2026-10", 1), Amount: "120.00"})
	require.EqualValues(t, 12000, r.books[ledger.Account{Kind: ledger.Custody}])
	r.holds()
}

// An open dispute that keeps nothing out of the month is no reason to wait.
func TestADisputeThatHoldsNothingKeepsNoMonthFromSettling(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.line("gym", "cafe", 5000)
	back := r.line("cafe", "gym", 2000) // it made what the gym owes smaller
	r.close("2026-10", at(time.November, 1, 0), terms, false, nil)
	a := r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: back, Reason: "it was more"})
	require.Contains(t, events(a, "held"), "dispute.opened gym held=0.00")
	r.pass(at(time.November, 4, 0))
	r.do(settlement.ReceivePayment{Party: "gym", Amount: "30.00"})
	a = r.do(settlement.ConfirmPayout{Reference: r.ref("2026-10", 1)})
	require.Contains(t, events(a), "settlement.settled")
	require.Equal(t, settlement.Settled, r.phase("2026-10"))
	r.holds()
	a = r.do(settlement.AdjustDispute{Dispute: 1, Against: "cafe", Amount: "5.00", Answer: "so it was"})
	require.ElementsMatch(t, []string{"merchants:cafe 5.00", "merchants:gym -5.00"}, entries(a))
	require.Equal(t, settlement.Settled, r.phase("2026-10"))
	r.holds()
}
