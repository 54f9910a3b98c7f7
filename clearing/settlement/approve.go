package settlement

import "time"

// SettlementApproved is the type of an approval's transaction.
const SettlementApproved = "settlement.approved"

// Approve ends the review of a settlement early. Only the organiser may.
type Approve struct {
	command
	Period string
}

var approve = definition[Approve]{
	labels: labels{SettlementApproved: {Chinese: "结算确认", English: "Settlement approved"}},
	names:  func(c Approve, n *names) { n.period(c.Period) },
	decide: one((*State).approveEarly),
}

// approveEarly: the organiser need not wait for the end of the review, if no
// dispute waits and all earlier months are approved.
func (s *State) approveEarly(c Approve, at time.Time) (*posting, error) {
	x, err := s.knownSettlement(c.Period)
	if err != nil {
		return nil, err
	}
	if x.Phase != InReview {
		return nil, refuse(CodeAlreadyApproved, "the settlement of %s is not in review: it is %s", x.Period, x.Phase)
	}
	if x.hasOpenDispute() {
		return nil, refuse(CodeDisputeOpen, "a line of %s is disputed; answer it first, or wait for the end of the review at %s", x.Period, x.ReviewUntil.Format(time.RFC3339))
	}
	for _, earlier := range s.Settlements {
		if earlier.Period < x.Period && earlier.Phase == InReview {
			return nil, refuse(CodeEarlierOpen, "windows are settled oldest first: approve %s before %s", earlier.Period, x.Period)
		}
	}
	return s.approve(x, at, "organiser")
}

// approve makes the settlement's obligations due. By says by whom: the organiser,
// or by consent, as nobody objected in time.
func (s *State) approve(x *Lifecycle, at time.Time, by string) (*posting, error) {
	p := newPosting(SettlementApproved)
	if err := x.advance(Consent); err != nil {
		return nil, err
	}
	x.ApprovedAt = at
	p.record(Event{Type: SettlementApproved, Period: x.Period, Data: map[string]string{"by": by}})
	for _, o := range x.Obligations {
		if o.Status.Done() {
			continue // taken back already
		}
		switch {
		case o.owed():
			s.setDue(o, x.Policy, at)
			p.record(obligationEvent(o, PaymentDue, o.Outstanding(), "due_at", o.DueAt.Format(time.RFC3339), "held", o.Disputed.String()))
		case o.Kind == Payout: // members' are many, and nothing of them has changed
			p.record(obligationEvent(o, PayoutPayable, o.Outstanding(), "held", o.Disputed.String()))
		}
	}
	return p, nil
}
