package settlement

import (
	"slices"
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// PayoutReturned is the type of what a payout makes that came back.
const PayoutReturned = "payout.returned"

// ReturnPayout books that the bank has sent money back: what is on its way, or else
// the newest part that was paid. It is to be paid again, in a later run.
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

func (s *State) returnPayout(c ReturnPayout, _ time.Time) (*posting, error) {
	x, o, err := s.payout(c.Reference)
	if err != nil {
		return nil, err
	}
	if !o.couldReturn() {
		return nil, refuse(CodeNotSent, "%s is %s; nothing of it can come back", o.Reference, o.Status)
	}
	amount := o.Sent
	if amount.IsZero() {
		amount = o.Parts[len(o.Parts)-1]
	}
	return s.bookReturn(x, o, amount, c.Reason)
}

// bookReturn books a payout that the bank has sent back: what is on its way, or the
// newest part of that amount.
func (s *State) bookReturn(x *Lifecycle, o *Obligation, amount money.Amount, reason string) (*posting, error) {
	p := newPosting(PayoutReturned)
	p.Merchant, p.Member = o.merchant(), o.member()
	by := BankCouldnt
	if o.Sent == amount {
		o.Sent = s.zero()
	} else {
		last := len(o.Parts) - 1
		for o.Parts[last] != amount {
			last--
		}
		o.Parts = slices.Concat(o.Parts[:last], o.Parts[last+1:])
		p.move(custody(), payableOf(o), amount)
		o.Paid = o.Paid.Minus(amount)
		if o.Status == Sent {
			by = PartReturns // the rest is on its way still
		}
	}
	o.Returns++
	if err := x.move(o, by); err != nil {
		return nil, err
	}
	if x.Phase == Settled {
		x.SettledAt = never
	}
	before := x.Phase
	if err := x.advance(BankCouldnt); err != nil {
		return nil, err
	}
	p.record(obligationEvent(o, PayoutReturned, amount, "reason", reason))
	if x.Phase != before {
		p.record(Event{Type: SettlementPaying, Period: x.Period})
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
