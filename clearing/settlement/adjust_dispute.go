package settlement

import (
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// DisputeAdjusted is the type of what an answer with an adjustment makes.
const DisputeAdjusted = "dispute.adjusted"

// AdjustDispute answers a dispute with an adjustment in the open window, in favour
// of who disputed and against another party.
type AdjustDispute struct {
	command
	Dispute int64
	Against string
	Amount  string
	Answer  string
}

var adjustDispute = definition[AdjustDispute]{
	labels: labels{DisputeAdjusted: {Chinese: "异议调账", English: "Dispute adjusted"}},
	names:  func(c AdjustDispute, n *names) { n.dispute(c.Dispute) },
	decide: one((*State).adjustDispute),
}

// adjustDispute: the organiser agrees, at least in part. The adjustment is booked
// in the open window, where it names both sides and the line; and what was disputed
// goes there with it, so that neither waits for the other.
func (s *State) adjustDispute(c AdjustDispute, at time.Time) (*posting, error) {
	x, d, err := s.openDisputeOf(c.Dispute, "")
	if err != nil {
		return nil, err
	}
	if err := s.knownParty(c.Against); err != nil {
		return nil, err
	}
	if c.Against == d.Party {
		return nil, refuse(CodeUnknownParty, "an adjustment is against a party other than %q, which opened the dispute", d.Party)
	}
	amount, err := s.parseAmount(c.Amount)
	if err != nil {
		return nil, err
	}
	if amount.Cmp(d.Effect.Abs()) > 0 {
		return nil, short(CodeInvalidAmount, d.Effect.Abs(), amount, "the disputed line moved %s, and this is %s")
	}
	return s.adjustInFavour(x, d, c.Against, amount, c.Answer, at)
}

// adjustInFavour ends a dispute with an adjustment against another party.
func (s *State) adjustInFavour(x *Lifecycle, d *Dispute, against string, amount money.Amount, answer string, at time.Time) (*posting, error) {
	p := newPosting(DisputeAdjusted)
	p.Corrects, p.Merchant = d.Seq, merchantOf(d.Party)
	p.move(clearingOf(against), clearingOf(d.Party), amount)
	d.Verdict, d.AnsweredAt, d.Answer, d.Against, d.Adjusted, d.changed = Adjusted, at, answer, against, amount, true
	p.record(disputeEvent(d, DisputeAdjusted, "answer", d.Answer, "against", d.Against, "amount", amount.String()))
	p.record(Event{Type: PositionAdjusted, Party: against, Data: map[string]string{
		"amount": amount.String(), "from": against, "to": d.Party, "reason": answer, "corrects": lineID(d.Seq),
	}})
	for _, part := range d.DisputedAmounts {
		o, err := x.numbered(part.Number)
		if err != nil {
			return nil, err
		}
		if err := p.carry(x, o, part.Amount); err != nil {
			return nil, err
		}
	}
	return p, nil
}
