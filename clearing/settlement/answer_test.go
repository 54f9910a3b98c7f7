package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
)

// answering returns terms with a time for the organiser's answer.
func answering(days int, adjusted bool) window.Settling {
	s := terms
	s.AnswerDays, s.AdjustSilent = days, adjusted
	return s
}

func TestADisputeThatNobodyAnswersIsRefused(t *testing.T) {
	t.Parallel()
	r := october(t, answering(8, false), false)
	a := r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToHotpot})
	require.Contains(t, events(a, "answer_by"), "dispute.opened gym answer_by=2026-11-08T16:00:00Z")
	require.Equal(t, at(time.November, 9, 0), r.Settlements[0].Disputes[0].AnswerBy)
	r.pass(at(time.November, 8, 23))
	require.Equal(t, "due held=3000 outstanding=9000", obligation(r.of("2026-10", 2)))
	postings := r.pass(at(time.November, 9, 0))
	require.EqualValues(t, settlement.DisputeRefused, postings[0].Type, "before the reminders of that instant")
	require.Equal(t, []string{"dispute.refused gym by=silence answer=not answered in time state=refused", "payment.due gym state=due"},
		events(postings[0], "by", "answer", "state"))
	require.Equal(t, "due outstanding=12000", obligation(r.of("2026-10", 2)))
	r.refused(settlement.CodeAlreadyAnswered, settlement.RefuseDispute{Dispute: 1})
	r.holds()
}

func TestADisputeThatNobodyAnswersIsAdjustedIfTheTermsSaySo(t *testing.T) {
	t.Parallel()
	r := october(t, answering(2, true), false)
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToHotpot})
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "hotpot", Seq: salonToHotpot}) // in its favour
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "organiser", Seq: 4})
	postings := r.pass(at(time.November, 3, 0))
	require.Len(t, postings, 3)
	require.EqualValues(t, settlement.DisputeAdjusted, postings[0].Type)
	require.ElementsMatch(t, []string{"organiser 30.00", "merchants:gym 0.00", "receivables:gym -30.00"}, entries(postings[0]))
	require.Equal(t, []string{
		"dispute.adjusted gym by=silence against=organiser amount=30.00", "position.adjusted organiser amount=30.00",
	}, events(postings[0], "by", "against", "amount"))
	require.Equal(t, "due carried=3000 outstanding=9000", obligation(r.of("2026-10", 2)))
	for _, refused := range postings[1:] {
		require.EqualValues(t, settlement.DisputeRefused, refused.Type)
		require.Empty(t, refused.Entries)
	}
	r.holds()
}

func TestADisputeOfASettledMonthIsAnsweredToo(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.line("gym", "cafe", 5000)
	back := r.line("cafe", "gym", 2000)
	r.close("2026-10", at(time.November, 1, 0), answering(14, true), false, nil)
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "cafe", Seq: back}) // 30.00 are to be paid to it, which is not less for the line
	r.pass(at(time.November, 4, 0))
	settleAll(r, "2026-10")
	require.Equal(t, settlement.Settled, r.phase("2026-10"))
	postings := r.pass(at(time.November, 15, 0))
	require.Len(t, postings, 1)
	require.ElementsMatch(t, []string{"organiser 20.00", "merchants:cafe -20.00"}, entries(postings[0]))
	require.Equal(t, settlement.Settled, r.phase("2026-10"))
	r.holds()
}

func TestADisputeOfTermsWithoutATimeToAnswerWaits(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToHotpot})
	require.Zero(t, r.Settlements[0].Disputes[0].AnswerBy)
	r.days(300)
	require.Equal(t, settlement.Open, r.Settlements[0].Disputes[0].Verdict)
}
