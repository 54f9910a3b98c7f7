package settlement

import (
	"slices"
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// ReceiptReturned is the type of a payment of a party that was taken back.
const ReceiptReturned = "payment.returned"

// ReturnPayment books that money which a party had paid went back: its bank took it back, or
// it was booked by mistake. What it was for is due again. Amount tells payments of one
// obligation apart; empty: the newest.
type ReturnPayment struct {
	command
	Reference string
	Amount    string
	Reason    string
}

var returnPayment = definition[ReturnPayment]{
	labels: labels{ReceiptReturned: {Chinese: "收款被退回", English: "Payment taken back"}},
	names:  func(c ReturnPayment, n *names) { n.reference(c.Reference) },
	decide: one((*State).returnPayment),
}

func (s *State) returnPayment(c ReturnPayment, at time.Time) (*posting, error) {
	x, o := s.obligation(c.Reference)
	if o == nil || !o.owed() {
		return nil, refuse(CodeUnknownReference, "no party owes anything under the reference %q", c.Reference)
	}
	amount := s.zero()
	if c.Amount != "" {
		var err error
		if amount, err = s.parseAmount(c.Amount); err != nil {
			return nil, err
		}
	}
	for i := len(o.Payments) - 1; i >= 0; i-- {
		paid := &o.Payments[i]
		if paid.State != PaymentMade || (c.Amount != "" && paid.Amount != amount) {
			continue
		}
		if paid.ToParty && o.inDefault() {
			return nil, refuse(CodeNotReceived, "%s went to %q itself before custody paid in the place of %q; what is wrong with it is corrected by an adjustment",
				o.Reference, o.Payee, o.Payer)
		}
		return s.takeBack(x, o, paid, c.Reason, at)
	}
	if c.Amount != "" {
		return nil, refuse(CodeNotReceived, "nothing was received for %s as one payment of %s that could go back", o.Reference, amount)
	}
	return nil, refuse(CodeNotReceived, "nothing was received for %s that could go back", o.Reference)
}

// takenBack returns the payment that a line shows being taken back; or why there is none. Of
// several of one amount it is one that a person has taken back already, or else the newest:
// they are alike.
func (o *Obligation) takenBack(l *ImportedLine) (*Payment, string) {
	found := slices.DeleteFunc(o.candidates(l, func(p *Payment) bool { return notAfter(p.SeenOn, l.BookedOn) }),
		func(p *Payment) bool { return !p.BackOn.IsZero() })
	if len(found) == 0 {
		return nil, NotDue
	}
	found = slices.DeleteFunc(found, func(p *Payment) bool { return p.Amount != l.Amount })
	if len(found) == 0 {
		return nil, AmountDiffers
	}
	for _, p := range found {
		if p.State == PaymentReturned {
			return p, ""
		}
	}
	return found[len(found)-1], ""
}

// takeBack books that a payment of a party was taken back. What was due is due again: by the
// old dates if they are still to come, else anew by the month's terms. After a default
// those who had got something back bear it again.
func (s *State) takeBack(x *Lifecycle, o *Obligation, paid *Payment, reason string, at time.Time) (*posting, error) {
	p := newPosting(ReceiptReturned)
	p.Merchant = merchantOf(o.Payer)
	to := custody()
	if paid.ToParty {
		to = payableOf(o)
	}
	amount := paid.Amount
	p.move(receivable(o.Payer), to, amount)
	paid.State, paid.UndoneOn, paid.UndoneSeq = PaymentReturned, s.today(at), s.Next
	o.Paid, o.changed = o.Paid.Minus(amount), true
	defaulted := o.inDefault()
	by := PartBounces
	switch {
	case defaulted:
		by = BouncesAgain
	case o.Paid.IsZero():
		by = AllBounces
	}
	if err := x.move(o, by); err != nil {
		return nil, err
	}
	if !defaulted && (o.RemindAt.IsZero() || !o.DueAt.After(at)) {
		s.setDue(o, x.Policy, at)
	}
	if err := x.reopen(p); err != nil {
		return nil, err
	}
	p.record(obligationEvent(o, ReceiptReturned, amount, "outstanding", o.Outstanding().String(), "reason", reason))
	switch {
	case defaulted:
		s.bearAgain(p, x, o, amount)
	default:
		p.record(obligationEvent(o, PaymentDue, o.Outstanding(), "due_at", o.DueAt.Format(time.RFC3339), "held", o.Disputed.String()))
	}
	return p, nil
}

// bearAgain takes back from those who bore a loss what they had got back of it; what is
// more than that was paid before the default, and is a loss now.
func (s *State) bearAgain(p *posting, x *Lifecycle, o *Obligation, amount money.Amount) {
	got := make([]Net, len(o.Bearers))
	total := s.zero()
	for i, b := range o.Bearers {
		got[i] = Net{b.Party, b.Recovered}
		total = total.Plus(b.Recovered)
	}
	again := money.Min(amount, total)
	for i, part := range Apportion(again, got) {
		if part.IsZero() {
			continue
		}
		b := &o.Bearers[i]
		b.Recovered = b.Recovered.Minus(part)
		p.move(clearingOf(b.Party), allowance(o.Payer), part)
		p.record(Event{Type: LossShared, Period: o.Period, Party: b.Party, Reference: o.Reference, Data: map[string]string{"amount": part.String()}})
	}
	if rest := amount.Minus(again); rest.Sign() > 0 {
		s.shareLoss(p, x, o, rest)
	}
}

// reopen moves a month on of which something is to be done again.
func (x *Lifecycle) reopen(p *posting) error {
	before := x.Phase
	if x.Phase == Settled {
		if x.Undone == 0 {
			return nil // of a default, which the month didn't wait for
		}
		x.SettledAt = never
	}
	if err := x.advance(BankCouldnt); err != nil {
		return err
	}
	if x.Phase != before {
		p.record(Event{Type: SettlementPaying, Period: x.Period})
	}
	return nil
}
