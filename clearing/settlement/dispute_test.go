package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
)

// The lines of [october].
const (
	gymToCafe     = 1 // 90.00
	gymToHotpot   = 2 // 30.00
	salonToHotpot = 3 // 10.00
	closing       = 5
)

func TestADisputeHoldsWhatTheLineContributes(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	r.line("gym", "cafe", 9000)   // 1
	r.line("cafe", "gym", 2500)   // 2: makes the gym's transfer smaller, and the cafe's
	r.line("gym", "cafe", 20000)  // 3
	r.line("cafe", "gym", 18000)  // 4
	r.line("salon", "cafe", 4000) // 5
	r.close("2026-10", at(time.November, 1, 0), terms, false, nil)
	// The cafe gets 125.00, the gym pays 85.00, the salon 40.00.
	for _, c := range []struct {
		party        string
		seq          int64
		effect, held string
	}{
		{"gym", 2, "25.00", "0.00"},    // it pays less for it, so there is nothing to hold
		{"gym", 3, "-200.00", "85.00"}, // never over the transfer
		{"gym", 1, "-90.00", "0.00"},   // nothing of it is left
		{"cafe", 5, "40.00", "40.00"},
		{"cafe", 4, "-180.00", "0.00"},
		{"cafe", 3, "200.00", "85.00"},
		{"salon", 5, "-40.00", "40.00"}, // the other side of the same line
	} {
		a := r.do(settlement.OpenDispute{Period: "2026-10", Party: c.party, Seq: c.seq, Reason: "never happened"})
		require.Equal(t, []string{"dispute.opened " + c.party + " effect=" + c.effect + " held=" + c.held + " state=open reason=never happened"},
			events(a, "effect", "held", "state", "reason"))
		require.Empty(t, a.Entries)
		require.Equal(t, c.seq, a.Corrects)
		require.Equal(t, c.party, a.Merchant)
	}
	require.Equal(t, "payable held=12500", obligation(r.of("2026-10", 1)))
	require.Equal(t, "due held=8500", obligation(r.of("2026-10", 2)))
	require.Equal(t, "due held=4000", obligation(r.of("2026-10", 3)))
	for i, d := range r.Settlements[0].Disputes {
		require.EqualValues(t, i+1, d.Number)
		require.Equal(t, settlement.Open, d.Verdict)
		require.Equal(t, r.now, d.OpenedAt)
	}
	require.Equal(t, []settlement.DisputedAmount{{Number: 2, Amount: cny(8500)}}, r.Settlements[0].Disputes[1].DisputedAmounts)
	require.Empty(t, r.Settlements[0].Disputes[0].DisputedAmounts)
}

func TestADisputeOfDirectTransfersHoldsThemFromTheLast(t *testing.T) {
	t.Parallel()
	r := october(t, terms, true)
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToCafe})
	require.Equal(t, "due held=3000", obligation(r.of("2026-10", 2)))
	require.Equal(t, "due held=6000 outstanding=3000", obligation(r.of("2026-10", 1)))
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "hotpot", Seq: salonToHotpot})
	require.Equal(t, "due held=1000", obligation(r.of("2026-10", 4)))
	require.Equal(t, "payable outstanding=1500", obligation(r.of("2026-10", 5)), "commission is never held")
}

func TestAnAdjustmentCarriesWhatIsHeldToTheOpenWindow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name              string
		direct            bool
		party, against    string
		seq               int64
		amount            string
		entries           []string
		obligations       map[int]string
		merchant, adjusts string
	}{
		{
			name: "of who pays, in part", party: "gym", against: "hotpot", seq: gymToHotpot, amount: "12.00", merchant: "gym",
			entries:     []string{"merchants:hotpot 12.00", "merchants:gym 18.00", "receivables:gym -30.00"},
			obligations: map[int]string{2: "due carried=3000 outstanding=9000", 3: "payable outstanding=4000"},
		},
		{
			name: "of who is paid, in full", party: "hotpot", against: "organiser", seq: salonToHotpot, amount: "10.00", merchant: "hotpot",
			entries:     []string{"organiser 10.00", "merchants:hotpot -20.00", "payables:hotpot 10.00"},
			obligations: map[int]string{3: "payable carried=1000 outstanding=3000"},
		},
		{
			name: "of all that is paid", party: "cafe", against: "gym", seq: gymToCafe, amount: "0.01", merchant: "cafe",
			entries:     []string{"merchants:gym 0.01", "merchants:cafe -90.01", "payables:cafe 90.00"},
			obligations: map[int]string{1: "carried carried=9000", 2: "due outstanding=12000"},
		},
		{
			name: "of a direct transfer", direct: true, party: "salon", against: "organiser", seq: 4, amount: "20.00", merchant: "salon",
			// The 20.00 are held out of the last transfers first: 10.00 to the hotpot, 10.00 to the organiser.
			entries: []string{
				"organiser 10.00", "merchants:salon 0.00", "receivables:salon -20.00", "payables:organiser 10.00",
				"payables:hotpot 10.00", "merchants:hotpot -10.00",
			},
			obligations: map[int]string{3: "due carried=1000 outstanding=1000", 4: "carried carried=1000"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := october(t, terms, c.direct)
			r.do(settlement.OpenDispute{Period: "2026-10", Party: c.party, Seq: c.seq})
			a := r.do(settlement.AdjustDispute{Dispute: 1, Against: c.against, Amount: c.amount, Answer: "so it is"})
			require.ElementsMatch(t, c.entries, entries(a))
			require.Equal(t, []string{
				"dispute.adjusted " + c.party + " against=" + c.against + " amount=" + c.amount + " answer=so it is state=adjusted",
				"position.adjusted " + c.against + " amount=" + c.amount,
			},
				events(a, "against", "amount", "answer", "state"))
			require.EqualValues(t, settlement.DisputeAdjusted, a.Type)
			require.Equal(t, c.seq, a.Corrects)
			require.Equal(t, c.merchant, a.Merchant)
			for number, want := range c.obligations {
				require.Equal(t, want, obligation(r.of("2026-10", number)))
			}
			d := r.Settlements[0].Disputes[0]
			require.Equal(t, settlement.Adjusted, d.Verdict)
			require.Equal(t, c.against, d.Against)
			require.Equal(t, r.now, d.AnsweredAt)
		})
	}
}

func TestAnAnswerOfNoReleasesWhatIsHeld(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		command sequencer.SettlementCommand
		event   string
	}{
		{settlement.RefuseDispute{Dispute: 1, Answer: "look again"}, "dispute.refused gym answer=look again state=refused"},
		{settlement.WithdrawDispute{Dispute: 1, Party: "gym"}, "dispute.withdrawn gym state=withdrawn"},
		{settlement.WithdrawDispute{Dispute: 1}, "dispute.withdrawn gym state=withdrawn"},
	} {
		r := october(t, terms, false)
		r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToHotpot})
		require.Equal(t, "due held=3000 outstanding=9000", obligation(r.of("2026-10", 2)))
		a := r.do(c.command)
		require.Equal(t, []string{c.event}, events(a, "answer", "state"))
		require.Empty(t, a.Entries)
		require.Equal(t, "due outstanding=12000", obligation(r.of("2026-10", 2)))
		require.Zero(t, r.of("2026-10", 2).DueAt)
	}
}

func TestAnAnswerAfterTheApprovalMakesADueDateOfItsOwn(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToHotpot})
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "hotpot", Seq: salonToHotpot})
	postings := r.pass(at(time.November, 4, 0))
	require.Len(t, postings, 1)
	require.Equal(t, []string{
		"settlement.approved by=consent", "payout.payable cafe amount=90.00 held=0.00", "payment.due gym amount=90.00 held=30.00",
		"payout.payable hotpot amount=30.00 held=10.00", "payout.payable organiser amount=20.00 held=0.00", "payment.due salon amount=30.00 held=0.00",
	}, events(postings[0], "by", "amount", "held"))
	r.days(2)
	r.do(settlement.ReceivePayment{Party: "gym", Amount: "90.00"})
	a := r.do(settlement.RefuseDispute{Dispute: 1, Answer: "it happened"})
	require.Equal(t, []string{"dispute.refused gym", "payment.due gym amount=30.00 due_at=2026-11-10T16:00:00Z"}, events(a, "amount", "due_at"))
	require.Equal(t, at(time.November, 11, 0), r.of("2026-10", 2).DueAt)
	require.Equal(t, at(time.November, 16, 0), r.of("2026-10", 2).DefaultAt)
	require.Equal(t, at(time.November, 9, 0), r.of("2026-10", 5).DueAt, "of nobody else")
	a = r.do(settlement.RefuseDispute{Dispute: 2})
	require.Equal(t, []string{"dispute.refused hotpot", "payout.payable hotpot amount=40.00"}, events(a, "amount"))
	require.Empty(t, a.Entries)
}

// Else who owes could put the day off, dispute by dispute.
func TestWhatIsUnpaidBesideADisputeStaysDueWhenItWas(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToHotpot})
	r.pass(at(time.November, 4, 0))
	r.days(2)
	a := r.do(settlement.WithdrawDispute{Dispute: 1, Party: "gym"})
	require.Equal(t, []string{"dispute.withdrawn gym", "payment.due gym amount=120.00 due_at=2026-11-08T16:00:00Z"}, events(a, "amount", "due_at"))
	require.Equal(t, at(time.November, 14, 0), r.of("2026-10", 2).DefaultAt)
}

func TestTheOrganiserMayApproveEarly(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	r.days(1)
	a := r.do(settlement.Approve{Period: "2026-10"})
	require.Equal(t, []string{"settlement.approved by=organiser"}, events(a, "by")[:1])
	require.EqualValues(t, settlement.SettlementApproved, a.Type)
	require.Empty(t, a.Entries)
	require.Equal(t, settlement.Approved, r.phase("2026-10"))
	require.Equal(t, r.now, r.Settlements[0].ApprovedAt)
	require.Equal(t, at(time.November, 7, 0), r.of("2026-10", 2).DueAt, "counted from the approval")
	require.Equal(t, at(time.November, 12, 0), r.of("2026-10", 2).DefaultAt)
	require.Empty(t, r.pass(at(time.November, 6, 23)), "the end of the review is none any more")
}

func TestAReviewWaitsForTheMonthBefore(t *testing.T) {
	t.Parallel()
	slow := terms
	slow.ReviewDays = 40
	r := october(t, slow, false)
	r.line("gym", "cafe", 100)
	r.close("2026-11", at(time.December, 1, 0), terms, false, nil)
	require.Equal(t, at(time.December, 11, 0), r.Settlements[1].ReviewUntil, "not before that of October")
	r.refused(settlement.CodeEarlierOpen, settlement.Approve{Period: "2026-11"})
	postings := r.pass(at(time.December, 11, 0))
	require.Len(t, postings, 2)
	require.Equal(t, "2026-10", postings[0].Events[0].Period)
	require.Equal(t, "2026-11", postings[1].Events[0].Period)
}

func TestALineIsDisputedInItsOwnMonth(t *testing.T) {
	t.Parallel()
	slow := terms
	slow.ReviewDays = 40
	r := october(t, slow, false)
	line := r.line("gym", "cafe", 100)
	r.close("2026-11", at(time.December, 1, 0), terms, false, nil)
	r.refused(settlement.CodeUnknownLine, settlement.OpenDispute{Period: "2026-11", Party: "gym", Seq: gymToCafe})
	r.refused(settlement.CodeUnknownLine, settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: line})
	r.do(settlement.OpenDispute{Period: "2026-11", Party: "gym", Seq: line})
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToCafe})
}

func TestALineIsDisputedOnceAndInTime(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToHotpot})
	again := settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToHotpot}
	r.refused(settlement.CodeAlreadyDisputed, again)
	r.refused(settlement.CodeUnknownDispute, settlement.WithdrawDispute{Dispute: 1, Party: "hotpot"})
	r.do(settlement.WithdrawDispute{Dispute: 1, Party: "gym"})
	r.refused(settlement.CodeAlreadyDisputed, again)
	r.refused(settlement.CodeAlreadyAnswered, settlement.RefuseDispute{Dispute: 1})
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "hotpot", Seq: gymToHotpot})

	for name, seq := range map[string]int64{
		"of others": salonToHotpot, "the closing itself": closing, "not there": 99, "no number": 0,
	} {
		require.Contains(t, r.refused(settlement.CodeUnknownLine, settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: seq}).Detail, "gym", name)
	}
	later := r.line("gym", "cafe", 100)
	r.refused(settlement.CodeUnknownLine, settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: later})
	r.pass(at(time.November, 3, 23))
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToCafe})
	r.pass(at(time.November, 4, 0))
	over := r.refused(settlement.CodeReviewOver, settlement.OpenDispute{Period: "2026-10", Party: "salon", Seq: salonToHotpot})
	require.Contains(t, over.Detail, "2026-11-03T16:00:00Z")
}

func TestAnAdjustmentIsWithinTheLineAndAgainstAnother(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToHotpot})
	adjust := settlement.AdjustDispute{Dispute: 1, Against: "hotpot", Amount: "30.01"}
	why := r.refused(settlement.CodeInvalidAmount, adjust)
	require.Equal(t, map[string]string{"available": "30.00", "required": "30.01"}, why.Data)
	for _, against := range []string{"gym", "custody", "nobody", ""} {
		r.refused(settlement.CodeUnknownParty, settlement.AdjustDispute{Dispute: 1, Against: against, Amount: "30.00"})
	}
	for _, amount := range []string{"", "0.00", "-1.00", "1.001", "1,00"} {
		r.refused(settlement.CodeInvalidAmount, settlement.AdjustDispute{Dispute: 1, Against: "hotpot", Amount: amount})
	}
	adjust.Amount = "30.00"
	a := r.do(adjust)
	require.ElementsMatch(t, []string{"merchants:hotpot 30.00", "merchants:gym 0.00", "receivables:gym -30.00"}, entries(a))
}
