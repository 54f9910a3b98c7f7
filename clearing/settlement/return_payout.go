package settlement

import "time"

// PayoutReturned is the type of what a payout makes that came back.
const PayoutReturned = "payout.returned"

// ReturnPayout books that the bank has sent money back: the attempt that Reference names,
// what is on its way, or else the newest part that was paid. It is to be paid again, in a
// later run: but if the bank has shown that it left, not before the bank shows it coming
// back.
type ReturnPayout struct {
	command
	Reference string
	Reason    string
}

var returnPayout = definition[ReturnPayout]{
	labels: labels{PayoutReturned: {Chinese: "付款退回", English: "Payout returned"}},
	names:  func(c ReturnPayout, n *names) { n.reference(c.Reference) },
	decide: one((*State).returnPayout),
}

func (s *State) returnPayout(c ReturnPayout, at time.Time) (*posting, error) {
	x, o, attempt, err := s.payout(c.Reference)
	if err != nil {
		return nil, err
	}
	paid := o.returnable()
	if attempt > 0 {
		paid = o.payment(attempt)
	}
	if paid == nil || paid.State == PaymentReturned {
		return nil, refuse(CodeNotSent, "%s is %s; nothing of it can come back", o.Reference, o.Status)
	}
	return s.bookReturn(x, o, paid, c.Reason, at)
}

// bookReturn books that a payment came back: it is on its way no more, or its money is in
// custody's account again.
func (s *State) bookReturn(x *Lifecycle, o *Obligation, paid *Payment, reason string, at time.Time) (*posting, error) {
	p := newPosting(PayoutReturned)
	p.Merchant, p.Member = o.merchant(), o.member()
	by, amount := BankCouldnt, paid.Amount
	if paid.State == PaymentOrdered {
		o.Sent = s.zero()
	} else {
		p.move(custody(), payableOf(o), amount)
		o.Paid = o.Paid.Minus(amount)
		if o.Status == Sent {
			by = PartReturns // the rest is on its way still
		}
	}
	paid.State, paid.UndoneOn, paid.UndoneSeq = PaymentReturned, s.today(at), s.Next
	o.Returns++
	if err := x.move(o, by); err != nil {
		return nil, err
	}
	p.record(obligationEvent(o, PayoutReturned, amount, "reason", reason))
	if err := x.reopen(p); err != nil {
		return nil, err
	}
	if by == PartReturns {
		return p, nil
	}
	if err := x.move(o, ReadyAgain); err != nil {
		return nil, err
	}
	p.record(obligationEvent(o, PayoutPayable, o.Outstanding()))
	return p, nil
}
