package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/settlement"
)

func TestMonthsAreSettledTheOldestFirst(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.line("hotpot", "cafe", 5000)
	r.close("2026-11", at(time.December, 1, 0), terms, false, nil)
	r.pass(at(time.December, 4, 0))
	// The gym and the salon have defaulted, which October's payouts don't wait for.
	require.Equal(t, settlement.Approved, r.phase("2026-10"))
	settleAll(r, "2026-11")
	require.Equal(t, settlement.Paying, r.phase("2026-11"), "October is not settled")
	var last settlement.Posting
	for _, n := range []int{1, 3, 4, 6} {
		last = r.do(settlement.ConfirmPayout{Reference: r.ref("2026-10", n)})
	}
	require.Equal(t, []string{"payout.confirmed ann", "settlement.settled", "settlement.settled"}, events(last))
	require.Equal(t, "2026-10", last.Events[1].Period)
	require.Equal(t, "2026-11", last.Events[2].Period)
}

func TestAMonthThatAsksForNothingIsSettledWhenApproved(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.close("2026-10", at(time.November, 1, 0), terms, false, nil)
	postings := r.pass(at(time.November, 4, 0))
	require.Equal(t, []string{"settlement.approved", "settlement.settled"}, events(postings[0]))
	require.Equal(t, settlement.Settled, r.phase("2026-10"))
}

func TestAnOpenDisputeKeepsAMonthFromBeingSettled(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "cafe", Seq: gymToCafe})
	r.pass(at(time.November, 4, 0))
	settleAll(r, "2026-10")
	require.Equal(t, settlement.Paying, r.phase("2026-10"))
	a := r.do(settlement.AdjustDispute{Dispute: 1, Against: "gym", Amount: "90.00"})
	require.Equal(t, []string{"dispute.adjusted cafe", "position.adjusted gym", "settlement.settled"}, events(a))
}
