package settlement

import (
	"slices"
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/reference"
)

// The types of what a payment run makes: the first is that of its transaction too.
const (
	PayoutSent    = "payout.sent"
	PayoutSkipped = "payout.skipped"
	PaymentSetOff = "payment.set_off"
)

// MaxOrders is how many payments a run takes; what is more goes into the next.
const MaxOrders = 2000

// SendPayouts puts all that custody is to pay, and can, into a payment run.
// ExecuteOn is a date such as 2026-11-06; empty: the day it is made. A run of more than
// custody has is refused, unless AcceptShortage says that the rest will be there in time.
type SendPayouts struct {
	command
	ExecuteOn      string
	AcceptShortage bool
}

var sendPayouts = definition[SendPayouts]{
	labels: labels{PayoutSent: {Chinese: "损失收回", English: "Payouts sent"}}, // positions move only by what is recovered of a loss
	names:  func(_ SendPayouts, n *names) { n.payouts = true },
	decide: one((*State).sendPayouts),
}

// sendPayouts puts what is to be paid into a run, the oldest first, but what goes to
// somebody without a bank account. What a payee owes since it defaulted is set off
// before, whether it has an account or not.
func (s *State) sendPayouts(c SendPayouts, at time.Time) (*posting, error) {
	on, err := s.executionDate(c.ExecuteOn, at)
	if err != nil {
		return nil, err
	}
	debtor, ok := s.Accounts[Payee{Code: clearing.Custody}]
	if !ok {
		return nil, refuse(CodeAccountMissing, "custody has no bank account to pay from; set it first")
	}
	ready, skipped := s.readyPayouts()
	var indebted []*Obligation // of those that are skipped: whose payee owes since it defaulted
	for _, o := range skipped {
		if o.Kind == Payout && o.why == noBankAccount && s.defaultedDebt(o.Payee).Sign() > 0 {
			indebted = append(indebted, o.Obligation)
		}
	}
	if len(ready)+len(indebted) == 0 {
		return nil, nothingToPay(skipped)
	}
	if !c.AcceptShortage {
		if err := s.checkCustody(slices.Concat(indebted, ready), len(indebted)); err != nil {
			return nil, err
		}
	}
	p := newPosting(PayoutSent)
	for _, o := range indebted {
		if err := s.setOff(p, s.settlement(o.Period), o); err != nil {
			return nil, err
		}
	}
	run := &Run{Number: s.LastRun + 1, MadeAt: at, ExecuteOn: on, Debtor: debtor}
	for _, o := range ready {
		x := s.settlement(o.Period)
		if err := s.setOff(p, x, o); err != nil {
			return nil, err
		}
		if err := p.begin(x); err != nil {
			return nil, err
		}
		amount := o.Outstanding()
		if amount.Sign() <= 0 {
			continue
		}
		if err := x.move(o, PutInRun); err != nil {
			return nil, err
		}
		o.Sent, o.Run = amount, run.Number
		paid := s.pay(o, PaymentOrdered, amount, at)
		paid.Run = run.Number
		attempt, err := reference.Attempt(o.Reference, int64(paid.Number))
		if err != nil {
			return nil, err
		}
		run.Orders = append(run.Orders, PaymentOrder{
			Period: o.Period, Number: o.Number, Reference: o.Reference, Attempt: attempt, Amount: amount, Payee: s.Accounts[o.payee()],
		})
		p.record(obligationEvent(o, PayoutSent, amount, "run", itoa(run.Number), "attempt", attempt))
	}
	for _, o := range skipped[:min(len(skipped), MaxOrders)] {
		if o.Outstanding().Sign() > 0 { // or all of it was set off
			p.record(obligationEvent(o.Obligation, PayoutSkipped, o.Outstanding(), "why", o.why))
		}
	}
	if len(run.Orders) > 0 { // or all of it was set off
		s.LastRun = run.Number
		s.Runs = append(s.Runs, run)
	}
	return p, nil
}

// executionDate reads the date of a run: the day it is made, if it is empty.
func (s *State) executionDate(text string, at time.Time) (time.Time, error) {
	today := at.In(s.Alliance.Location)
	if text == "" {
		return today, nil
	}
	on, err := time.ParseInLocation(time.DateOnly, text, s.Alliance.Location)
	if err != nil {
		return on, refuse(CodeInvalidInstant, "execute_on: %q is not a date such as 2026-11-06", text)
	}
	if today := today.Format(time.DateOnly); text < today {
		return on, refuse(CodeInvalidInstant, "execute_on: %s is over; it is %s", text, today)
	}
	return on, nil
}

// skippedPayout is a payout that no run takes, and why.
type skippedPayout struct {
	*Obligation
	why string
}

// Why a payout is in no run.
const (
	noBankAccount = "no bank account"
	returnNotSeen = "it left custody's account and was booked as returned, and no bank statement shows it coming back"
	lineWaits     = "a line of a bank statement that may be its payment waits for a person"
)

// readyPayouts returns what custody is to pay, the oldest first: what a run takes, and
// what it must not take. Nothing is paid again as long as its money may have left.
func (s *State) readyPayouts() (ready []*Obligation, skipped []skippedPayout) {
	s.eachOutstanding(func(x *Lifecycle, o *Obligation) {
		if !x.payable() || o.Status != Payable || len(ready) == MaxOrders {
			return
		}
		_, known := s.Accounts[o.payee()]
		switch {
		case o.awaitsReturn() != nil:
			skipped = append(skipped, skippedPayout{o, returnNotSeen})
		case s.leftCustody(o.Reference) != nil:
			skipped = append(skipped, skippedPayout{o, lineWaits})
		case !known:
			skipped = append(skipped, skippedPayout{o, noBankAccount})
		default:
			ready = append(ready, o)
		}
	})
	return ready, skipped
}

// nothingToPay refuses an empty run, with the number of payouts that it can't take, by why.
func nothingToPay(skipped []skippedPayout) *clearing.Refusal {
	r := refuse(CodeNothingToPay, "nothing is to be paid now")
	data := map[string]string{}
	for _, group := range []struct {
		why, name string
		refusal   *clearing.Refusal
	}{
		{noBankAccount, "without_account", refuse(CodeNothingToPay, "nobody who is to be paid now has a bank account")},
		{returnNotSeen, "return_not_seen", refuse(CodeNothingToPay, "what is to be paid now has left custody's account before; import the bank statement that shows it coming back")},
		{lineWaits, "line_waits", refuse(CodeNothingToPay, "lines of bank statements may be payments of what is to be paid now; say what they are first")},
	} {
		n := int64(0)
		for _, o := range skipped {
			if o.why == group.why {
				n++
			}
		}
		if n > 0 {
			r, data[group.name] = group.refusal, itoa(n)
			r.Data = data
		}
	}
	return r
}

// checkCustody refuses a run of more than custody has and is not on its way already. The
// first payouts, as many as skipped says, are set off only and not paid.
func (s *State) checkCustody(payouts []*Obligation, skipped int) error {
	debts := make(map[string]money.Amount)
	required := s.zero()
	for i, o := range payouts {
		amount := o.Outstanding()
		if o.Kind == Payout {
			debt, known := debts[o.Payee]
			if !known {
				debt = s.defaultedDebt(o.Payee)
			}
			off := money.Min(amount, debt)
			debts[o.Payee], amount = debt.Minus(off), amount.Minus(off)
		}
		if i >= skipped {
			required = required.Plus(amount)
		}
	}
	available := s.Balance(custody()).Minus(s.onItsWay())
	if required.Cmp(available) <= 0 {
		return nil
	}
	missing := required.Minus(available)
	r := refuse(CodeCustodyShort, "this run would pay %s, and custody has %s beside what is on its way: %s are missing; give accept_shortage to send it all the same",
		required, available, missing)
	r.Data = map[string]string{"available": available.String(), "required": required.String(), "shortage": missing.String()}
	return r
}

// onItsWay returns what is in payment runs and is not confirmed.
func (s *State) onItsWay() money.Amount {
	sum := s.SentUnread
	if sum.Currency() != s.Alliance.Currency { // nothing was read
		sum = s.zero()
	}
	for _, x := range s.Settlements {
		for _, o := range x.Obligations {
			sum = sum.Plus(o.Sent)
		}
	}
	return sum
}

// defaultedDebt returns what a party owes since it defaulted.
func (s *State) defaultedDebt(party string) money.Amount {
	sum := s.zero()
	s.eachDue(party, func(_ *Lifecycle, o *Obligation) {
		if o.Status == Defaulted {
			sum = sum.Plus(o.Outstanding())
		}
	})
	return sum
}

// setOff keeps back what a payee owes since it defaulted.
func (s *State) setOff(p *posting, x *Lifecycle, o *Obligation) error {
	if o.Kind != Payout {
		return nil
	}
	var err error
	s.eachDue(o.Payee, func(owing *Lifecycle, debt *Obligation) {
		part := money.Min(o.Outstanding(), debt.Outstanding())
		if debt.Status != Defaulted || part.Sign() <= 0 || err != nil {
			return
		}
		if err = p.begin(owing); err != nil {
			return
		}
		if err = s.reduce(p, owing, debt, payableOf(o), part, PaymentSetOff, o.Reference); err != nil {
			return
		}
		o.Paid, o.changed = o.Paid.Plus(part), true
		by := PartArrives
		if o.complete() {
			by = AllArrives
		}
		if err = x.move(o, by); err == nil {
			err = p.begin(x)
		}
	})
	return err
}
