package settlement

import (
	"slices"
	"time"

	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/window"
)

// DisputeOpened is the type of a dispute's opening.
const DisputeOpened = "dispute.opened"

// OpenDispute objects to a line of a settlement under review: a transaction that
// moved the party's position in that window.
type OpenDispute struct {
	command
	Period string
	Party  string
	Seq    int64
	Reason string
}

var openDispute = definition[OpenDispute]{
	labels: labels{DisputeOpened: {Chinese: "提出异议", English: "Dispute opened"}},
	names: func(c OpenDispute, n *names) {
		n.period(c.Period)
		n.transaction(c.Seq)
		n.line(c.Party, c.Seq)
	},
	decide: one((*State).openDispute),
}

// openDispute records a party's objection to a line that moved its position. Until it is
// answered, what the line contributes to the party's transfer is kept out of it. A line
// in the other direction made the transfer smaller, so nothing is kept out.
func (s *State) openDispute(c OpenDispute, at time.Time) (*posting, error) {
	x, err := s.knownSettlement(c.Period)
	if err != nil {
		return nil, err
	}
	if err := s.knownParty(c.Party); err != nil {
		return nil, err
	}
	if x.Phase != InReview {
		return nil, refuse(CodeReviewOver, "the review of %s ended at %s; an adjustment can still correct it", x.Period, x.reviewEnd().Format(time.RFC3339))
	}
	t, ok := s.Transactions[c.Seq]
	effect := s.zero()
	for _, e := range t.Entries {
		if e.Account == clearingOf(c.Party) {
			effect = effect.Minus(e.Amount)
		}
	}
	if !ok || c.Seq < x.FirstSeq || c.Seq > x.ClosedSeq || effect.IsZero() || t.Type == window.Closed {
		return nil, refuse(CodeUnknownLine, "that transaction is not a line on the statement of %q for %s", c.Party, x.Period)
	}
	for _, d := range x.Disputes {
		if d.Party == c.Party && d.Seq == c.Seq {
			return nil, refuse(CodeAlreadyDisputed, "%q disputed that line already, in dispute %d, which is %s", c.Party, d.Number, d.Verdict)
		}
	}
	s.LastDispute++
	d := &Dispute{
		Number: s.LastDispute, Period: x.Period, Party: c.Party, Seq: c.Seq, Effect: effect, Reason: c.Reason,
		Verdict: Open, OpenedAt: at, Adjusted: s.zero(), changed: true,
	}
	if x.Policy.AnswerDays > 0 {
		d.AnswerBy = s.days(at, x.Policy.AnswerDays)
	}
	left := effect.Abs()
	for _, o := range slices.Backward(x.Obligations) {
		if o.Kind == Commission || (effect.Sign() < 0 && o.Payer != c.Party) || (effect.Sign() > 0 && o.Payee != c.Party) {
			continue
		}
		if part := money.Min(o.Outstanding(), left); part.Sign() > 0 {
			o.Disputed, o.changed = o.Disputed.Plus(part), true
			d.DisputedAmounts = append(d.DisputedAmounts, DisputedAmount{o.Number, part})
			left = left.Minus(part)
		}
	}
	x.Disputes = append(x.Disputes, d)
	p := newPosting(DisputeOpened)
	p.Corrects, p.Merchant = c.Seq, merchantOf(c.Party)
	answerBy := ""
	if !d.AnswerBy.IsZero() {
		answerBy = d.AnswerBy.Format(time.RFC3339)
	}
	p.record(disputeEvent(d, DisputeOpened, "reason", d.Reason, "effect", effect.String(), "held", d.Disputed().String(), "answer_by", answerBy))
	return p, nil
}

// reviewEnd returns when the review was or will be over.
func (x *Lifecycle) reviewEnd() time.Time {
	if !x.ApprovedAt.IsZero() {
		return x.ApprovedAt
	}
	return x.ReviewUntil
}
