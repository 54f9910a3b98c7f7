package settlement_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
)

func TestARunTakesAllThatCustodyCanPay(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.bank("ann")
	delete(r.Accounts, settlement.Payee{Code: "hotpot"})
	a := r.do(settlement.SendPayouts{ExecuteOn: "2026-11-06"})
	require.Equal(t, []string{
		"settlement.paying", "payout.sent cafe amount=90.00 run=1 state=sent", "payout.sent organiser amount=20.00 run=1 state=sent",
		"payout.sent ann amount=15.00 run=1 state=sent", "payout.skipped hotpot amount=40.00 why=no bank account state=payable",
	}, events(a, "amount", "run", "why", "state"))
	require.Empty(t, a.Entries, "money moves when the bank has moved it")
	require.Len(t, r.Runs, 1)
	run := r.Runs[0]
	require.EqualValues(t, 1, run.Number)
	require.Equal(t, r.now, run.MadeAt)
	require.Equal(t, "2026-11-06", run.ExecuteOn.Format(time.DateOnly))
	require.Equal(t, "C", run.Debtor.Number)
	require.Equal(t, []settlement.PaymentOrder{
		{Period: "2026-10", Number: 1, Reference: r.ref("2026-10", 1), Attempt: r.attempt("2026-10", 1, 1), Amount: cny(9000), Payee: settlement.Account{Holder: "cafe", Number: "P-cafe"}},
		{Period: "2026-10", Number: 4, Reference: r.ref("2026-10", 4), Attempt: r.attempt("2026-10", 4, 1), Amount: cny(2000), Payee: settlement.Account{Holder: "organiser", Number: "P-organiser"}},
		{Period: "2026-10", Number: 6, Reference: r.ref("2026-10", 6), Attempt: r.attempt("2026-10", 6, 1), Amount: cny(1500), Payee: settlement.Account{Holder: "ann", Number: "M-ann"}},
	}, run.Orders)
	require.Equal(t, "sent sent=9000", obligation(r.of("2026-10", 1)))

	why := r.refused(settlement.CodeNothingToPay, settlement.SendPayouts{})
	require.Equal(t, map[string]string{"without_account": "1"}, why.Data)
	r.bank("ann")
	a = r.do(settlement.SendPayouts{})
	require.Equal(t, []string{"payout.sent hotpot run=2"}, events(a, "run"))
	require.Equal(t, "2026-11-04", r.Runs[1].ExecuteOn.Format(time.DateOnly), "the day in the circle's time")
	require.Nil(t, r.refused(settlement.CodeNothingToPay, settlement.SendPayouts{}).Data)
}

func TestARunNeedsADateAndAnAccountToPayFrom(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	r.bank("ann")
	r.refused(settlement.CodeNothingToPay, settlement.SendPayouts{})
	r.pass(at(time.November, 4, 0))
	for _, date := range []string{"6.11.2026", "2026-11-31", "tomorrow"} {
		r.refused(settlement.CodeInvalidInstant, settlement.SendPayouts{ExecuteOn: date})
	}
	delete(r.Accounts, settlement.Payee{Code: clearing.Custody})
	r.refused(settlement.CodeAccountMissing, settlement.SendPayouts{})
}

func TestARunHasAMostOfPayments(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	members := make(map[string]int64)
	var codes []string
	for i := range settlement.MaxOrders + 3 {
		code := fmt.Sprintf("m%05d", i)
		members[code], codes = 100, append(codes, code)
	}
	r.close("2026-10", at(time.November, 1, 0), terms, false, members)
	r.pass(at(time.November, 4, 0))
	r.bank(codes...)
	r.do(settlement.SendPayouts{})
	r.do(settlement.SendPayouts{})
	r.refused(settlement.CodeNothingToPay, settlement.SendPayouts{})
	require.Len(t, r.Runs[0].Orders, settlement.MaxOrders)
	require.Len(t, r.Runs[1].Orders, 3)
}

func TestWhatTheBankDidIsBooked(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.bank("ann")
	r.do(settlement.SendPayouts{})
	a := r.do(settlement.ConfirmPayout{Reference: r.ref("2026-10", 1), Note: "seen"})
	require.Equal(t, []string{"payables:cafe 90.00", "custody -90.00"}, entries(a))
	require.Equal(t, []string{"payout.confirmed cafe amount=90.00 note=seen state=confirmed"}, events(a, "amount", "note", "state"))
	require.Equal(t, "cafe", a.Merchant)
	require.Equal(t, "confirmed paid=9000", obligation(r.of("2026-10", 1)))
	r.refused(settlement.CodeAlreadyConfirmed, settlement.ConfirmPayout{Reference: r.ref("2026-10", 1)})

	a = r.do(settlement.ConfirmPayout{Reference: r.ref("2026-10", 6)})
	require.Equal(t, []string{"payouts:ann 15.00", "custody -15.00"}, entries(a))
	require.Equal(t, "ann", a.Member)
	require.Empty(t, a.Merchant)
	a = r.do(settlement.ConfirmPayout{Reference: r.ref("2026-10", 4)})
	require.Equal(t, []string{"payables:organiser 20.00", "custody -20.00"}, entries(a))
	require.Empty(t, a.Merchant)
	require.Equal(t, []string{"payout.confirmed organiser"}, events(a))
}

func TestAPayoutByHandNeedsNoRun(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	reference := r.ref("2026-10", 1)
	r.refused(settlement.CodeNotApproved, settlement.ConfirmPayout{Reference: reference})
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "cafe", Seq: gymToCafe})
	r.pass(at(time.November, 4, 0))
	r.refused(settlement.CodeAlreadyConfirmed, settlement.ConfirmPayout{Reference: reference}) // all of it is held
	r.do(settlement.RefuseDispute{Dispute: 1})
	for _, other := range []string{r.ref("2026-10", 2), r.ref("2026-11", 1), ""} {
		r.refused(settlement.CodeUnknownReference, settlement.ConfirmPayout{Reference: other})
	}
	a := r.do(settlement.ConfirmPayout{Reference: reference, Note: "cash"})
	require.Equal(t, []string{"payables:cafe 90.00", "custody -90.00"}, entries(a))
	require.Equal(t, []string{"settlement.paying", "payout.confirmed cafe"}, events(a))
	require.Zero(t, r.of("2026-10", 1).Run)
}

func TestAPartThatWasHeldFollows(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	r.bank("ann")
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "hotpot", Seq: salonToHotpot})
	r.pass(at(time.November, 4, 0))
	r.do(settlement.SendPayouts{})
	require.Equal(t, "sent held=1000 sent=3000", obligation(r.of("2026-10", 3)))
	a := r.do(settlement.ConfirmPayout{Reference: r.ref("2026-10", 3)})
	require.Equal(t, []string{"payables:hotpot 30.00", "custody -30.00"}, entries(a))
	require.Equal(t, "payable held=1000 paid=3000", obligation(r.of("2026-10", 3)))
	r.refused(settlement.CodeNothingToPay, settlement.SendPayouts{})
	r.do(settlement.RefuseDispute{Dispute: 1})
	r.do(settlement.SendPayouts{})
	a = r.do(settlement.ConfirmPayout{Reference: r.ref("2026-10", 3)})
	require.Equal(t, []string{"payables:hotpot 10.00", "custody -10.00"}, entries(a))
	require.Equal(t, "confirmed paid=4000", obligation(r.of("2026-10", 3)))
}

func TestAPartThatWasHeldIsCarriedWhileTheRestIsOnItsWay(t *testing.T) {
	t.Parallel()
	for _, sent := range []bool{true, false} {
		r := october(t, terms, false)
		r.bank("ann")
		r.do(settlement.OpenDispute{Period: "2026-10", Party: "hotpot", Seq: salonToHotpot})
		r.pass(at(time.November, 4, 0))
		r.do(settlement.SendPayouts{})
		adjust, confirm := settlement.AdjustDispute{Dispute: 1, Against: "salon", Amount: "10.00"}, settlement.ConfirmPayout{Reference: r.ref("2026-10", 3)}
		if sent {
			r.do(adjust)
			require.Equal(t, "sent carried=1000 sent=3000", obligation(r.of("2026-10", 3)))
			r.do(confirm)
		} else {
			r.do(confirm)
			r.do(adjust)
		}
		require.Equal(t, "confirmed carried=1000 paid=3000", obligation(r.of("2026-10", 3)))
		require.Zero(t, r.books[payables("hotpot")])
	}
}

func TestWhatComesBackIsPaidAgain(t *testing.T) {
	t.Parallel()
	for _, confirmed := range []bool{false, true} {
		r := approved(t, terms, false)
		r.bank("ann")
		reference := r.ref("2026-10", 1)
		r.refused(settlement.CodeNotSent, settlement.ReturnPayout{Reference: reference})
		r.do(settlement.SendPayouts{})
		var want []string
		if confirmed {
			r.do(settlement.ConfirmPayout{Reference: reference})
			want = []string{"custody 90.00", "payables:cafe -90.00"}
		}
		a := r.do(settlement.ReturnPayout{Reference: reference, Reason: "account closed"})
		require.ElementsMatch(t, want, entries(a))
		require.Equal(t, []string{"payout.returned cafe amount=90.00 reason=account closed state=returned", "payout.payable cafe amount=90.00 state=payable"},
			events(a, "amount", "reason", "state"))
		require.Equal(t, "cafe", a.Merchant)
		require.Equal(t, "payable outstanding=9000", obligation(r.of("2026-10", 1)))
		require.Equal(t, 1, r.of("2026-10", 1).Returns)
		r.refused(settlement.CodeNotSent, settlement.ReturnPayout{Reference: reference})
		require.EqualValues(t, -9000, r.books[payables("cafe")])

		r.do(settlement.SendPayouts{})
		require.EqualValues(t, 2, r.of("2026-10", 1).Run)
		require.Equal(t, reference, r.Runs[1].Orders[0].Reference)
		r.do(settlement.ConfirmPayout{Reference: reference})
		require.Zero(t, r.books[payables("cafe")])
		require.EqualValues(t, -9000, r.books[ledger.Account{Kind: ledger.Custody}])
	}
	r := approved(t, terms, false)
	r.refused(settlement.CodeUnknownReference, settlement.ReturnPayout{Reference: r.ref("2026-10", 2)})
}

// settleAll has everything of a month paid, both ways.
func settleAll(r *fixture, period string) settlement.Posting {
	r.Helper()
	var last settlement.Posting
	for _, x := range r.Settlements {
		if x.Period != period {
			continue
		}
		for _, o := range x.Obligations {
			switch {
			case o.Outstanding().IsZero():
			case o.Kind == settlement.Collection || o.Kind == settlement.Direct:
				last = r.do(settlement.ReceivePayment{Reference: o.Reference, Amount: o.Outstanding().String()})
			default:
				last = r.do(settlement.ConfirmPayout{Reference: o.Reference})
			}
		}
	}
	return last
}

func TestAReturnReopensASettledMonth(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	last := settleAll(r, "2026-10")
	require.Equal(t, "settlement.settled", events(last)[1])
	require.Equal(t, settlement.Settled, r.phase("2026-10"))
	require.Equal(t, r.now, r.Settlements[0].SettledAt)
	a := r.do(settlement.ReturnPayout{Reference: r.ref("2026-10", 6), Reason: "unknown"})
	require.Equal(t, []string{"custody 15.00", "payouts:ann -15.00"}, entries(a))
	require.Equal(t, "ann", a.Member)
	require.Equal(t, []string{"payout.returned ann", "settlement.paying", "payout.payable ann"}, events(a))
	require.Equal(t, settlement.Paying, r.phase("2026-10"))
	require.Zero(t, r.Settlements[0].SettledAt)
	a = r.do(settlement.ConfirmPayout{Reference: r.ref("2026-10", 6)})
	require.Equal(t, []string{"payout.confirmed ann", "settlement.settled"}, events(a))
}

// The bank may send a part back while another is on its way: each is known by its
// amount.
func TestAPartReturnsWhileTheRestIsOnItsWay(t *testing.T) {
	t.Parallel()
	r := october(t, terms, false)
	r.do(settlement.OpenDispute{Period: "2026-10", Party: "hotpot", Seq: salonToHotpot})
	r.pass(at(time.November, 4, 0))
	r.bank("ann")
	hotpot := r.ref("2026-10", 3)
	r.do(settlement.SendPayouts{})
	r.do(settlement.ConfirmPayout{Reference: hotpot})
	r.do(settlement.RefuseDispute{Dispute: 1})
	r.do(settlement.SendPayouts{})
	require.Equal(t, "sent paid=3000 sent=1000", obligation(r.of("2026-10", 3)))

	postings, outcomes := r.load(back(out("1", 3000, hotpot)))
	require.Equal(t, []string{"returned"}, outcomes)
	require.ElementsMatch(t, []string{"custody 30.00", "payables:hotpot -30.00"}, entries(postings[0]))
	require.Equal(t, "sent sent=1000 outstanding=3000", obligation(r.of("2026-10", 3)))

	r.do(settlement.ReturnPayout{Reference: hotpot}) // what is on its way comes before what was paid
	require.Equal(t, "payable outstanding=4000", obligation(r.of("2026-10", 3)))
	r.refused(settlement.CodeNotSent, settlement.ReturnPayout{Reference: hotpot})
}

func TestARunIsNotForADayThatIsOver(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.bank("ann")
	r.refused(settlement.CodeInvalidInstant, settlement.SendPayouts{ExecuteOn: "2026-11-03"})
	r.do(settlement.SendPayouts{ExecuteOn: "2026-11-04"})
}
