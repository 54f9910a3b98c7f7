package settlement

import (
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// Verdict is what became of a dispute.
type Verdict string

// The verdicts.
const (
	Open      Verdict = "open"
	Refused   Verdict = "refused"
	Adjusted  Verdict = "adjusted"
	Withdrawn Verdict = "withdrawn"
)

// Dispute is a line of a closed window that a party objects to.
type Dispute struct {
	Number          int64 // in the circle, from 1
	Period          string
	Party           string
	Seq             int64        // the transaction
	Effect          money.Amount // on the party's position; positive: in its favour
	DisputedAmounts []DisputedAmount
	Reason          string
	Verdict         Verdict
	OpenedAt        time.Time
	AnswerBy        time.Time // when it is answered by itself; zero: never
	AnsweredAt      time.Time // zero: not yet
	Answer          string
	Against         string       // of an adjustment: the other side
	Adjusted        money.Amount // zero without an adjustment

	changed bool
}

// DisputedAmount is how much of an obligation is disputed.
type DisputedAmount struct {
	Number int // of the obligation
	Amount money.Amount
}

// Disputed returns how much the dispute keeps out of obligations now.
func (d *Dispute) Disputed() money.Amount {
	sum := d.Effect.Currency().Zero()
	if d.Verdict == Open {
		for _, part := range d.DisputedAmounts {
			sum = sum.Plus(part.Amount)
		}
	}
	return sum
}

// openDisputeOf returns an open dispute. party is who asks; empty: the organiser.
func (s *State) openDisputeOf(number int64, party string) (*Lifecycle, *Dispute, error) {
	x, d := s.dispute(number)
	if d == nil || (party != "" && d.Party != party) {
		return nil, nil, refuse(CodeUnknownDispute, "there is no dispute %d", number)
	}
	if d.Verdict != Open {
		return nil, nil, refuse(CodeAlreadyAnswered, "dispute %d is %s already", number, d.Verdict)
	}
	return x, d, nil
}

// closeDispute ends a dispute without an adjustment. The disputed amount is due again.
func (s *State) closeDispute(x *Lifecycle, d *Dispute, verdict Verdict, kind, answer string, at time.Time) (*posting, error) {
	p := newPosting(kind)
	p.Corrects, p.Merchant = d.Seq, merchantOf(d.Party)
	d.Verdict, d.AnsweredAt, d.Answer, d.changed = verdict, at, answer, true
	p.record(disputeEvent(d, kind, "answer", answer))
	for _, part := range d.DisputedAmounts {
		o, err := x.numbered(part.Number)
		if err != nil {
			return nil, err
		}
		if err := s.release(p, x, o, part.Amount, at); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// release makes a disputed amount due again, together with the rest of its obligation; if
// there is no rest, its time to pay starts now. If the party has defaulted on the rest, its
// grace is over for the amount too.
func (s *State) release(p *posting, x *Lifecycle, o *Obligation, amount money.Amount, at time.Time) error {
	alone := o.Outstanding().IsZero()
	o.Disputed, o.changed = o.Disputed.Minus(amount), true
	switch {
	case !x.payable():
	case !o.owed():
		p.record(obligationEvent(o, PayoutPayable, o.Outstanding()))
	case o.Status == Defaulted && !alone:
		o.DefaultedAt = at
		p.record(obligationEvent(o, PaymentDue, o.Outstanding(), "due_at", o.DueAt.Format(time.RFC3339)))
		return s.coverDefault(p, x, o, amount)
	default:
		if o.Status == Defaulted {
			if err := x.move(o, DueAgain); err != nil {
				return err
			}
		}
		if alone {
			s.setDue(o, x.Policy, at)
		}
		p.record(obligationEvent(o, PaymentDue, o.Outstanding(), "due_at", o.DueAt.Format(time.RFC3339)))
	}
	return nil
}

// disputeEvent returns an event about a dispute.
func disputeEvent(d *Dispute, kind string, data ...string) Event {
	e := Event{Type: kind, Period: d.Period, Party: d.Party, Data: map[string]string{
		"dispute": itoa(d.Number), "line": lineID(d.Seq), "state": string(d.Verdict),
	}}
	for i := 0; i+1 < len(data); i += 2 {
		if data[i+1] != "" {
			e.Data[data[i]] = data[i+1]
		}
	}
	return e
}
