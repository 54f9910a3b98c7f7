package settlement

import (
	"slices"
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/reference"
)

func referenceOf(circle int64, o *Obligation) (string, error) {
	return reference.New(circle, o.Period, o.Number)
}

// ReferenceCovered returns the reference of the transfer in whose place custody
// pays; empty: it is in the place of none.
func (o *Obligation) ReferenceCovered(circle int64) (string, error) {
	if o.Covers == 0 {
		return "", nil
	}
	return reference.New(circle, o.Period, o.Covers)
}

// MaxOrders is how many payments a run takes; what is more goes into the next.
const MaxOrders = 2000

// sendPayouts: all that custody is to pay goes into a payment run, the oldest
// first, but what goes to somebody without a bank account. What a payee owes since
// it defaulted is set off before.
func (s *State) sendPayouts(c SendPayouts, at time.Time) (*posting, error) {
	on := at.In(s.Circle.Location)
	if c.ExecuteOn != "" {
		var err error
		if on, err = time.ParseInLocation(time.DateOnly, c.ExecuteOn, s.Circle.Location); err != nil {
			return nil, refuse(CodeInvalidInstant, "execute_on: %q is no date such as 2026-11-06", c.ExecuteOn)
		}
	}
	if today := at.In(s.Circle.Location).Format(time.DateOnly); on.Format(time.DateOnly) < today {
		return nil, refuse(CodeInvalidInstant, "execute_on: %s is over; it is %s", on.Format(time.DateOnly), today)
	}
	debtor, ok := s.Accounts[Payee{Code: clearing.Custody}]
	if !ok {
		return nil, refuse(CodeAccountMissing, "custody has no bank account to pay from; set it first")
	}
	var ready, skipped []*Obligation
	for _, x := range s.Settlements {
		if !x.payable() {
			continue
		}
		for _, o := range x.Obligations {
			if o.Status != Payable || o.Outstanding() <= 0 || len(ready) == MaxOrders {
				continue
			}
			if _, ok := s.Accounts[o.payee()]; ok {
				ready = append(ready, o)
			} else {
				skipped = append(skipped, o)
			}
		}
	}
	if len(ready) == 0 {
		r := refuse(CodeNothingToPay, "nothing is to be paid now")
		if len(skipped) > 0 {
			r.Detail = "nobody who is to be paid now has a bank account"
			r.Data = map[string]string{"without_account": itoa(int64(len(skipped)))}
		}
		return nil, r
	}
	a := newPosting(PayoutSent)
	s.LastRun++
	run := &Run{Number: s.LastRun, MadeAt: at, ExecuteOn: on, Debtor: debtor}
	for _, o := range ready {
		if err := s.setOff(a, o); err != nil {
			return nil, err
		}
		x := s.settlement(o.Period)
		if err := s.begin(a, x); err != nil {
			return nil, err
		}
		amount := o.Outstanding()
		if amount <= 0 {
			continue
		}
		if err := o.advance(PutInRun); err != nil {
			return nil, err
		}
		o.Sent, o.Run = amount, run.Number
		run.Orders = append(run.Orders, PaymentOrder{Period: o.Period, Number: o.Number, Reference: o.Reference, Amount: amount, Payee: s.Accounts[o.payee()]})
		a.record(s.obligationEvent(o, PayoutSent, amount, "run", itoa(run.Number)))
	}
	for _, o := range skipped[:min(len(skipped), MaxOrders)] {
		a.record(s.obligationEvent(o, PayoutSkipped, o.Outstanding(), "why", "no bank account"))
	}
	if len(run.Orders) == 0 {
		s.LastRun-- // all of it was set off
	} else {
		s.Runs = append(s.Runs, run)
	}
	return a, nil
}

// setOff keeps back what a payee owes since it defaulted.
func (s *State) setOff(a *posting, o *Obligation) error {
	if o.Kind != Payout {
		return nil
	}
	var err error
	s.eachDue(o.Payee, func(x *Lifecycle, debt *Obligation) {
		part := min(o.Outstanding(), debt.Outstanding())
		if debt.Status != Defaulted || part <= 0 || err != nil {
			return
		}
		if err = s.begin(a, x); err != nil {
			return
		}
		if err = s.reduce(a, debt, payableOf(o), part, PaymentSetOff, o.Reference); err != nil {
			return
		}
		o.Paid, o.changed = o.Paid+part, true
		by := PartArrives
		if o.Paid+o.Carried == o.Amount {
			by = AllArrives
		}
		err = o.advance(by)
	})
	return err
}

// confirmPayout: the bank has paid; or it was paid by hand, without a run.
func (s *State) confirmPayout(c ConfirmPayout) (*posting, error) {
	x, o, err := s.payout(c.Reference)
	if err != nil {
		return nil, err
	}
	if !x.payable() {
		return nil, refuse(CodeNotApproved, "the settlement of %s is %s; what it asks for is paid once it is approved", x.Period, x.Phase)
	}
	a := newPosting(PayoutConfirmed)
	if o.Status == Payable && o.Outstanding() > 0 {
		if err := o.advance(PutInRun); err != nil {
			return nil, err
		}
		o.Sent, o.Run = o.Outstanding(), 0
	}
	if o.Status != Sent {
		return nil, refuse(CodeAlreadyConfirmed, "%s is %s; nothing of it is on its way", o.Reference, o.Status)
	}
	a.Merchant = s.concerned(o)
	a.Member = memberOf(o)
	return a, s.bookPaid(a, x, o, c.Note)
}

// bookPaid books a payout that the bank has done.
func (s *State) bookPaid(a *posting, x *Lifecycle, o *Obligation, note string) error {
	if err := s.begin(a, x); err != nil {
		return err
	}
	amount := o.Sent
	a.move(s, payableOf(o), custody(), amount)
	o.Paid, o.Parts, o.Sent = o.Paid+amount, append(o.Parts, amount), 0
	by := BankDid
	if o.Paid+o.Carried < o.Amount {
		by = BankDidPart
	}
	if err := o.advance(by); err != nil {
		return err
	}
	e := s.obligationEvent(o, PayoutConfirmed, amount)
	if note != "" {
		e.Data["note"] = note
	}
	a.record(e)
	return nil
}

// returnPayout: the money came back, what is on its way or else the newest part that
// was paid. It is to be paid again, in a later run.
func (s *State) returnPayout(c ReturnPayout) (*posting, error) {
	x, o, err := s.payout(c.Reference)
	if err != nil {
		return nil, err
	}
	if !o.couldReturn() {
		return nil, refuse(CodeNotSent, "%s is %s; there is nothing that could come back", o.Reference, o.Status)
	}
	a := newPosting(PayoutReturned)
	a.Merchant = s.concerned(o)
	a.Member = memberOf(o)
	amount := o.Sent
	if amount == 0 {
		amount = o.Parts[len(o.Parts)-1]
	}
	return a, s.bookReturn(a, x, o, amount, c.Reason)
}

// couldReturn reports whether something was sent that the bank can send back.
func (o *Obligation) couldReturn() bool { return o.Sent > 0 || len(o.Parts) > 0 }

// couldReturnAmount reports whether the bank can send back exactly an amount: what is
// on its way, or a part that it has paid.
func (o *Obligation) couldReturnAmount(minor int64) bool {
	return minor > 0 && (o.Sent == minor || slices.Contains(o.Parts, minor))
}

// bookReturn books a payout that the bank has sent back: what is on its way, or the
// newest part of that amount.
func (s *State) bookReturn(a *posting, x *Lifecycle, o *Obligation, amount int64, reason string) error {
	by := BankCouldnt
	if o.Sent == amount {
		o.Sent = 0
	} else {
		last := len(o.Parts) - 1
		for o.Parts[last] != amount {
			last--
		}
		o.Parts = slices.Concat(o.Parts[:last], o.Parts[last+1:])
		a.move(s, custody(), payableOf(o), amount)
		o.Paid -= amount
		if o.Status == Sent {
			by = PartReturns // the rest is on its way still
		}
	}
	o.Returns++
	if err := o.advance(by); err != nil {
		return err
	}
	if x.Phase == Settled {
		x.SettledAt = time.Time{}
	}
	before := x.Phase
	if err := x.advance(BankCouldnt); err != nil {
		return err
	}
	a.record(s.obligationEvent(o, PayoutReturned, amount, "reason", reason))
	if x.Phase != before {
		a.record(Event{Type: SettlementPaying, Period: x.Period})
	}
	if by == PartReturns {
		return nil
	}
	if err := o.advance(ReadyAgain); err != nil {
		return err
	}
	a.record(s.obligationEvent(o, PayoutPayable, o.Outstanding()))
	return nil
}

// payout returns what a reference names, if custody is to pay it.
func (s *State) payout(ref string) (*Lifecycle, *Obligation, error) {
	x, o := s.obligation(ref)
	if o == nil || o.owed() {
		return nil, nil, refuse(CodeUnknownReference, "nothing is to be paid under the reference %q", ref)
	}
	return x, o, nil
}

// concerned returns the merchant that a payout goes to, if it is one.
func (s *State) concerned(o *Obligation) string {
	if o.Kind == Commission {
		return ""
	}
	return merchantOf(o.Payee)
}

func memberOf(o *Obligation) string {
	if o.Kind == Commission {
		return o.Payee
	}
	return ""
}
