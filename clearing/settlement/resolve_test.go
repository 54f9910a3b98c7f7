package settlement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
)

func (r *fixture) custody() int64 { return r.books[clearing.PartyAccount(clearing.Custody)] }

func (r *fixture) suspense() int64 { return r.books[ledger.Account{Kind: ledger.Suspense}] }

// The sequence that once paid twice: a return is booked by hand, the payout goes into
// another run, and then the bank's lines come, with the first attempt among them.
func TestALateDebitOfAnEarlierAttemptConfirmsNoLaterOne(t *testing.T) {
	t.Parallel()
	for name, named := range map[string]bool{"the bank names the attempt": true, "the dates tell": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := approved(t, terms, false)
			r.bank("ann")
			cafe := r.ref("2026-10", 1)
			line := func(l settlement.BankLine, attempt int) settlement.BankLine {
				l.BookedOn = r.today()
				if named {
					l.Attempt = attempt
				}
				return l
			}
			r.do(settlement.SendPayouts{})
			first, returned := line(out("1", 9000, cafe), 1), line(back(out("2", 9000, cafe)), 1)
			r.do(settlement.ReturnPayout{Reference: cafe, Reason: "seen at the bank"})
			r.days(1)
			r.do(settlement.SendPayouts{})
			second := line(out("3", 9000, cafe), 2)
			_, outcomes := r.load(first, returned, second)
			require.Equal(t, []string{"confirmed", "returned", "confirmed"}, outcomes)
			require.Equal(t, "confirmed paid=9000", obligation(r.of("2026-10", 1)))
			require.EqualValues(t, -9000, r.custody(), "the bank's lines sum to one payment")
			r.days(1)
			r.refused(settlement.CodeNothingToPay, settlement.SendPayouts{})
		})
	}
}

// On one day, and without a name, nothing says which attempt left. Nothing is guessed, and
// nothing is paid again meanwhile.
func TestWhatNobodyCanTellApartWaits(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.bank("ann")
	cafe := r.ref("2026-10", 1)
	r.do(settlement.SendPayouts{})
	r.do(settlement.ReturnPayout{Reference: cafe})
	r.do(settlement.SendPayouts{})
	_, outcomes := r.load(out("1", 9000, cafe))
	require.Equal(t, []string{settlement.WhichAttempt}, outcomes)
	r.do(settlement.ReturnPayout{Reference: cafe})
	why := r.refused(settlement.CodeNothingToPay, settlement.SendPayouts{})
	require.Equal(t, map[string]string{"line_waits": "1"}, why.Data, "the line may be its payment")
	_, err := r.try(settlement.MatchLine{Line: r.Lines[0].Seq, Parts: []settlement.LinePart{{Reference: r.attempt("2026-10", 1, 2)}}})
	require.NoError(t, err)
	why = r.refused(settlement.CodeNothingToPay, settlement.SendPayouts{})
	require.Equal(t, map[string]string{"return_not_seen": "1"}, why.Data, "it left, and only a person says that it came back")
	_, outcomes = r.load(back(out("2", 9000, cafe)))
	require.Equal(t, []string{"returned"}, outcomes)
	r.do(settlement.SendPayouts{})
	require.EqualValues(t, 3, r.of("2026-10", 1).Run)
}

// A person who was wrong says so: the attempt did not come back.
func TestAReturnThatWasNoneIsTakenBack(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.bank("ann")
	cafe := r.ref("2026-10", 1)
	r.do(settlement.SendPayouts{})
	r.do(settlement.ReturnPayout{Reference: cafe})
	r.load(out("1", 9000, cafe))
	a := r.do(settlement.ConfirmPayout{Reference: r.attempt("2026-10", 1, 1)})
	require.Equal(t, []string{"payables:cafe 90.00", "custody -90.00"}, entries(a))
	require.Equal(t, "confirmed paid=9000", obligation(r.of("2026-10", 1)))
	require.EqualValues(t, -9000, r.custody())
}

func TestALineIsSplit(t *testing.T) {
	t.Parallel()
	r := twoMonths(t, false)
	r.load(in("1", 16000, r.ref("2026-10", 2)))
	line := r.Lines[0].Seq
	require.Equal(t, settlement.AmountDiffers, r.Lines[0].Outcome)
	parts := func(october, november string) settlement.MatchLine {
		return settlement.MatchLine{Line: line, Parts: []settlement.LinePart{{r.ref("2026-10", 2), october}, {r.ref("2026-11", 2), november}}}
	}
	r.refused(settlement.CodeLineDiffers, parts("120.00", "39.99"))
	r.refused(settlement.CodeOlderUnpaid, parts("110.00", "50.00")) // and the first part is not booked either
	postings, err := r.try(parts("120.00", "40.00"))
	require.NoError(t, err)
	require.Equal(t, []string{"custody 120.00", "receivables:gym -120.00"}, entries(postings[0]))
	require.Equal(t, []string{"custody 40.00", "receivables:gym -40.00"}, entries(postings[1]))
	require.EqualValues(t, settlement.LineMatched, postings[2].Type)
	require.Equal(t, "part_paid paid=4000 outstanding=1000", obligation(r.of("2026-11", 2)))
	why := r.refused(settlement.CodeLineResolved, parts("120.00", "40.00"))
	require.Equal(t, map[string]string{"outcome": "matched"}, why.Data)
}

// 50.00 that somebody books by hand and that then stand on a statement are one payment.
func TestALineIsLinkedWithWhatWasBookedByHand(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	gym := r.ref("2026-10", 2)
	r.do(settlement.ReceivePayment{Reference: gym, Amount: "50.00"})
	booked := r.seq
	_, outcomes := r.load(in("1", 5000, gym))
	require.Equal(t, []string{settlement.MaybeBooked}, outcomes)
	r.refused(settlement.CodeNotBooked, settlement.LinkLine{Line: r.Lines[0].Seq, Transaction: 1})
	a := r.do(settlement.LinkLine{Line: r.Lines[0].Seq, Transaction: booked})
	require.Empty(t, a.Entries)
	require.Equal(t, settlement.Linked, r.Lines[0].Outcome)
	require.EqualValues(t, 5000, r.custody())
	require.Equal(t, "part_paid paid=5000 outstanding=7000", obligation(r.of("2026-10", 2)))
	r.load(in("2", 5000, gym))
	r.refused(settlement.CodeNotBooked, settlement.LinkLine{Line: r.Lines[1].Seq, Transaction: booked}) // one line shows it already

	r.do(settlement.LodgeDeposit{Merchant: "gym", Amount: "50.00"}) // of other bookings too
	r.do(settlement.LinkLine{Line: r.Lines[1].Seq, Transaction: r.seq})
	require.EqualValues(t, 10000, r.custody())
}

func TestALineInSuspenseIsExplainedLater(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.load(in("1", 12000), out("2", 9000), in("3", 700))
	for i, want := range [][]string{{"custody 120.00", "suspense -120.00"}, {"suspense 90.00", "custody -90.00"}, {"custody 7.00", "suspense -7.00"}} {
		require.Equal(t, want, entries(r.do(settlement.SuspendLine{Line: r.Lines[i].Seq})))
		require.True(t, r.Lines[i].Open)
	}
	r.refused(settlement.CodeLineResolved, settlement.SuspendLine{Line: r.Lines[0].Seq})
	r.refused(settlement.CodeLineResolved, settlement.TickOffLine{Line: r.Lines[0].Seq})
	require.EqualValues(t, 3700, r.custody())

	postings, err := r.try(settlement.MatchLine{Line: r.Lines[0].Seq, Parts: []settlement.LinePart{{Reference: r.ref("2026-10", 2)}}})
	require.NoError(t, err)
	require.Equal(t, []string{"suspense 120.00", "receivables:gym -120.00"}, entries(postings[0]))
	r.do(settlement.ConfirmPayout{Reference: r.ref("2026-10", 1)}) // by hand, and then the line in suspense is found to be it
	require.EqualValues(t, -5300, r.custody())
	a := r.do(settlement.LinkLine{Line: r.Lines[1].Seq, Transaction: r.seq})
	require.Equal(t, []string{"custody 90.00", "suspense -90.00"}, entries(a))
	a = r.do(settlement.GiveBackLine{Line: r.Lines[2].Seq, Note: "not ours"})
	require.Equal(t, []string{"suspense 7.00", "custody -7.00"}, entries(a))
	require.Zero(t, r.suspense())
	givenBack := r.seq
	_, outcomes := r.load(out("4", 700))
	require.Equal(t, []string{settlement.NoReference}, outcomes)
	r.do(settlement.LinkLine{Line: r.Lines[3].Seq, Transaction: givenBack})
	require.EqualValues(t, 3000, r.custody(), "120 came, 90 left; the 7 came and went")
}

func TestALineIsGivenBackOrTickedOff(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.load(in("1", 700), out("2", 100), in("3", 12000, r.ref("2026-10", 2)), in("4", 12000))
	postings, err := r.try(settlement.GiveBackLine{Line: r.Lines[0].Seq})
	require.NoError(t, err)
	require.Equal(t, []string{"custody 7.00", "suspense -7.00"}, entries(postings[0]))
	require.Equal(t, []string{"suspense 7.00", "custody -7.00"}, entries(postings[1]))
	r.refused(settlement.CodeLineDiffers, settlement.GiveBackLine{Line: r.Lines[1].Seq})
	a := r.do(settlement.TickOffLine{Line: r.Lines[1].Seq, Reason: "a fee, which the organiser bears"})
	require.Empty(t, a.Entries)
	require.Equal(t, []string{"statement.line_ticked_off line=2 reason=a fee, which the organiser bears"}, events(a, "line", "reason"))
	r.refused(settlement.CodeLineDiffers, settlement.TickOffLine{Line: r.Lines[3].Seq, SameAs: r.Lines[0].Seq})
	r.do(settlement.TickOffLine{Line: r.Lines[3].Seq, SameAs: r.Lines[2].Seq, Reason: "twice"})
	require.Equal(t, r.Lines[2].Seq, r.Lines[3].Twin)
}

// What a line waits for may come in any way: here by the approval, which comes by silence.
func TestALineIsTriedAgainWhenWhatItWaitsForChanges(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	_, outcomes := r.load(in("1", 12000, r.ref("2026-10", 2)))
	require.Equal(t, []string{settlement.NotDue}, outcomes)
	happened := r.pass(at(time.November, 4, 0))
	require.Len(t, happened, 2)
	require.Equal(t, []string{"custody 120.00", "receivables:gym -120.00"}, entries(happened[1]))
	require.Equal(t, settlement.Received, r.Lines[0].Outcome)
}

func TestAPaymentThatItsBankTakesBackIsDueAgain(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	gym := r.ref("2026-10", 2)
	r.load(in("1", 12000, gym))
	require.Equal(t, "paid paid=12000", obligation(r.of("2026-10", 2)))
	r.days(2)
	bounced := out("2", 12000, gym)
	bounced.Returned, bounced.Reason = true, "AM04"
	postings, outcomes := r.load(bounced)
	require.Equal(t, []string{settlement.TakenBackLine}, outcomes)
	require.Equal(t, []string{"receivables:gym 120.00", "custody -120.00"}, entries(postings[0]))
	require.Equal(t, []string{"payment.returned gym amount=120.00 outstanding=120.00 reason=AM04", "payment.due gym amount=120.00"}, events(postings[0], "amount", "outstanding", "reason"))
	o := r.of("2026-10", 2)
	require.Equal(t, "due outstanding=12000", obligation(o))
	require.Equal(t, r.now.Add(5*24*time.Hour), o.DueAt, "by the terms, from the day on which it was taken back")
	require.Equal(t, o.DueAt, o.RemindAt)
	require.Equal(t, o.DueAt.Add(5*24*time.Hour), o.DefaultAt)
	r.do(settlement.ReceivePayment{Reference: gym, Amount: "120.00"})
	require.Equal(t, "paid paid=12000", obligation(o))
}

func TestAPaymentIsTakenBackByHand(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	gym := r.ref("2026-10", 2)
	r.do(settlement.ReceivePayment{Reference: gym, Amount: "20.00"})
	r.do(settlement.ReceivePayment{Reference: gym, Amount: "30.00"})
	due := r.of("2026-10", 2).DueAt
	r.refused(settlement.CodeNotReceived, settlement.ReturnPayment{Reference: gym, Amount: "25.00"})
	r.do(settlement.ReturnPayment{Reference: gym, Amount: "20.00", Reason: "booked for the wrong shop"})
	require.Equal(t, "part_paid paid=3000 outstanding=9000", obligation(r.of("2026-10", 2)))
	require.Equal(t, due, r.of("2026-10", 2).DueAt, "the date is still to come")
	r.do(settlement.ReturnPayment{Reference: gym})
	require.Equal(t, "due outstanding=12000", obligation(r.of("2026-10", 2)))
	r.refused(settlement.CodeNotReceived, settlement.ReturnPayment{Reference: gym})
	require.Zero(t, r.custody())
	r.holds()
}

// What came after a default was given back to who bore the loss. If it is taken back, they
// bear it again; and a month that was settled because of it is not.
func TestAPaymentAfterADefaultIsTakenBack(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.pass(at(time.November, 14, 0))
	gym := r.ref("2026-10", 2)
	before := map[ledger.Account]int64{}
	for account, minor := range r.books {
		before[account] = minor
	}
	for _, amount := range []string{"120.00", "70.00"} {
		r.do(settlement.ReceivePayment{Reference: gym, Amount: amount})
		r.do(settlement.ReturnPayment{Reference: gym, Reason: "bounced"})
		r.holds()
		for account, minor := range r.books {
			require.Equal(t, before[account], minor, "%s", account)
		}
		require.Equal(t, "defaulted outstanding=12000", obligation(r.of("2026-10", 2)))
	}
}

func TestAPartThatWasPaidBeforeADefaultIsTakenBack(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	gym := r.ref("2026-10", 2)
	r.do(settlement.ReceivePayment{Reference: gym, Amount: "50.00"})
	r.pass(at(time.November, 14, 0))
	require.Equal(t, "defaulted paid=5000 outstanding=7000", obligation(r.of("2026-10", 2)))
	r.do(settlement.ReturnPayment{Reference: gym, Reason: "bounced"})
	require.Equal(t, "defaulted outstanding=12000", obligation(r.of("2026-10", 2)))
	r.holds()
}

func TestATakenBackPaymentReopensASettledMonth(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	settleAll(r, "2026-10")
	require.Equal(t, settlement.Settled, r.phase("2026-10"))
	a := r.do(settlement.ReturnPayment{Reference: r.ref("2026-10", 2), Reason: "bounced"})
	require.Contains(t, events(a), "settlement.paying")
	require.Equal(t, settlement.Paying, r.phase("2026-10"))
	r.holds()
}

// A file may have a line twice, and banks begin their numbers again every day: only what is
// equal in all is known.
func TestOnlyALineThatIsEqualInAllIsKnown(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	gym, salon := r.ref("2026-10", 2), r.ref("2026-10", 5)
	_, outcomes := r.load(out("1", 150), out("1", 150), in("1", 12000, gym))
	require.Equal(t, []string{"no_reference", "no_reference", "received"}, outcomes, "two fees are two lines")
	_, outcomes = r.load(out("1", 150), out("1", 150), out("1", 150), in("1", 12000, gym))
	require.Equal(t, []string{"no_reference"}, outcomes, "a third one is new")
	_, outcomes = r.load(out("1", 150))
	require.Empty(t, outcomes, "a part of the statement")
	_, outcomes = r.load(in("1", 3000, salon))
	require.Equal(t, []string{"received"}, outcomes, "the number is used again")
	r.days(1)
	_, outcomes = r.load(out("1", 150))
	require.Equal(t, []string{"no_reference"}, outcomes, "the same fee of another day")
	zero := in("9", 0)
	_, outcomes = r.load(zero)
	require.Empty(t, outcomes)
}

// The same days as CSV and then as camt.053.
func TestALineInOtherWordsIsKnownOrWaits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		csv, camt settlement.BankLine
		outcomes  []string
	}{
		"one number, a text on one side":    {in("N1", 500), settlement.BankLine{ID: "N1", Credit: true, Amount: cny(500)}, nil},
		"one number, a text within another": {settlement.BankLine{ID: "N1", Amount: cny(500), Text: "手续费 11月"}, settlement.BankLine{ID: "N1", Amount: cny(500), Text: "转账手续费11月份"}, nil},
		"one number, other texts":           {in("N1", 500), settlement.BankLine{ID: "N1", Credit: true, Amount: cny(500), Text: "else"}, []string{"maybe_known"}},
		"no number":                         {settlement.BankLine{Amount: cny(500)}, settlement.BankLine{ID: "N1", Amount: cny(500)}, []string{"maybe_known"}},
		"another amount":                    {in("N1", 500), in("N1", 501), []string{"no_reference"}},
		"the other way":                     {in("N1", 500), out("N1", 500), []string{"no_reference"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := approved(t, terms, false)
			load := func(format string, line settlement.BankLine) []string {
				line.BookedOn = r.today()
				known := len(r.Lines)
				r.Remember()
				_, err := r.try(settlement.ImportStatement{Account: "c ", Format: format, Lines: []settlement.BankLine{line}})
				require.NoError(t, err)
				var outcomes []string
				for _, l := range r.Lines[known:] {
					outcomes = append(outcomes, l.Outcome)
				}
				return outcomes
			}
			load("csv", c.csv)
			require.Equal(t, c.outcomes, load("camt.053", c.camt))
			require.Empty(t, load("camt.053", c.camt), "it is known from now on")
			require.Empty(t, load("csv", c.csv))
			if len(r.Lines) == 2 && r.Lines[1].Outcome == settlement.MaybeKnown {
				require.Equal(t, r.Lines[0].Seq, r.Lines[1].Twin)
				r.do(settlement.TickOffLine{Line: r.Lines[1].Seq, SameAs: r.Lines[1].Twin, Reason: "it is"})
			}
		})
	}
}

// The newest line of a file may come first.
func TestTheNewestFirstEndsAsTheOldestFirst(t *testing.T) {
	t.Parallel()
	ends := func(reversed bool) string {
		r := approved(t, terms, false)
		r.bank("ann")
		r.do(settlement.SendPayouts{})
		cafe := r.ref("2026-10", 1)
		left, cameBack := out("1", 9000, cafe), back(out("2", 9000, cafe))
		left.BookedOn = r.today()
		r.days(1)
		cameBack.BookedOn = r.today()
		if reversed {
			r.load(cameBack)
			r.load(left)
		} else {
			r.load(left, cameBack)
		}
		require.Zero(t, r.custody())
		return obligation(r.of("2026-10", 1))
	}
	require.Equal(t, ends(false), ends(true))
	require.Equal(t, "payable outstanding=9000", ends(true))
}
