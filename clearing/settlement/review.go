package settlement

import (
	"time"

	"github.com/lianka/lianka/clearing"
)

// approveEarly: the organiser need not wait for the end of the review, if no
// dispute waits and all earlier months are approved.
func (s *State) approveEarly(c Approve, at time.Time) (*posting, error) {
	x := s.settlement(c.Period)
	if x == nil {
		return nil, s.noSettlement(c.Period)
	}
	if x.Phase != InReview {
		return nil, refuse(CodeAlreadyApproved, "the settlement of %s is %s already", x.Period, x.Phase)
	}
	if x.disputed() {
		return nil, refuse(CodeDisputeOpen, "a line of %s is disputed; answer it first, or wait for the end of the review at %s", x.Period, x.ReviewUntil.Format(time.RFC3339))
	}
	for _, earlier := range s.Settlements {
		if earlier.Period < x.Period && earlier.Phase == InReview {
			return nil, refuse(CodeEarlierOpen, "windows are settled oldest first: approve %s before %s", earlier.Period, x.Period)
		}
	}
	return s.approve(x, at, "organiser")
}

func (s *State) noSettlement(period string) *clearing.Refusal {
	return refuse(CodeUnknownSettlement, "there is no settlement of %q: that window is not closed, or never was", period)
}

// approve makes the settlement's obligations due. By says by whom: the organiser,
// or by consent, as nobody objected in time.
func (s *State) approve(x *Lifecycle, at time.Time, by string) (*posting, error) {
	a := newPosting(SettlementApproved)
	if err := x.advance(Consent); err != nil {
		return nil, err
	}
	x.ApprovedAt = at
	a.record(Event{Type: SettlementApproved, Period: x.Period, Data: map[string]string{"by": by}})
	for _, o := range x.Obligations {
		if o.Status.done() {
			continue // taken back already
		}
		switch {
		case o.owed():
			s.setDue(o, x, at)
			a.record(s.obligationEvent(o, PaymentDue, o.Outstanding(), "due_at", o.DueAt.Format(time.RFC3339), "held", s.amount(o.Disputed).String()))
		case o.Kind == Payout: // members' are many, and nothing of them has changed
			a.record(s.obligationEvent(o, PayoutPayable, o.Outstanding(), "held", s.amount(o.Disputed).String()))
		}
	}
	return a, nil
}

// setDue sets when an obligation is due, counted from an instant.
func (s *State) setDue(o *Obligation, x *Lifecycle, from time.Time) {
	o.DueAt = days(from, x.Policy.PaymentDays)
	o.RemindAt, o.DefaultAt = o.DueAt, days(o.DueAt, x.Policy.GraceDays)
	o.changed = true
}

// days returns n days of 24 hours after an instant.
func days(at time.Time, n int) time.Time { return at.Add(time.Duration(n) * 24 * time.Hour) }

// openDispute: a party objects to a line that moved its position. What the line
// contributes to its transfer is held out of that meanwhile; a line that went the
// other way made the transfer smaller, and there is nothing to hold.
func (s *State) openDispute(c OpenDispute, at time.Time) (*posting, error) {
	x := s.settlement(c.Period)
	if x == nil {
		return nil, s.noSettlement(c.Period)
	}
	if err := s.knownParty(c.Party); err != nil {
		return nil, err
	}
	if x.Phase != InReview {
		return nil, refuse(CodeReviewOver, "the review of %s ended at %s; an adjustment can still correct it", x.Period, x.reviewEnd().Format(time.RFC3339))
	}
	t, ok := s.Lines[c.Seq]
	effect := int64(0)
	for _, e := range t.Entries {
		if e.Account == clearingOf(c.Party) {
			effect -= e.Amount.Minor()
		}
	}
	if !ok || c.Seq < x.FirstSeq || c.Seq > x.ClosedSeq || effect == 0 || t.Type == clearing.WindowClosed {
		return nil, refuse(CodeUnknownLine, "that transaction is no line on the statement of %q for %s", c.Party, x.Period)
	}
	for _, d := range x.Disputes {
		if d.Party == c.Party && d.Seq == c.Seq {
			return nil, refuse(CodeAlreadyDisputed, "%q disputed that line already, in dispute %d, which is %s", c.Party, d.Number, d.Verdict)
		}
	}
	s.LastDispute++
	d := &Dispute{
		Number: s.LastDispute, Period: x.Period, Party: c.Party, Seq: c.Seq, Effect: effect, Reason: c.Reason,
		Verdict: Open, OpenedAt: at, changed: true,
	}
	held := int64(0)
	for i := len(x.Obligations) - 1; i >= 0; i-- {
		o := x.Obligations[i]
		if o.Kind == Commission || (effect < 0 && o.Payer != c.Party) || (effect > 0 && o.Payee != c.Party) {
			continue
		}
		if part := min(o.Outstanding(), abs(effect)-held); part > 0 {
			o.Disputed, o.changed = o.Disputed+part, true
			d.DisputedAmounts = append(d.DisputedAmounts, DisputedAmount{o.Number, part})
			held += part
		}
	}
	x.Disputes = append(x.Disputes, d)
	a := newPosting(DisputeOpened)
	a.Corrects, a.Merchant = c.Seq, merchantOf(c.Party)
	a.record(s.disputeEvent(d, DisputeOpened, "reason", d.Reason, "effect", s.amount(effect).String(), "held", s.amount(held).String()))
	return a, nil
}

func abs(n int64) int64 { return max(n, -n) }

// merchantOf returns the code of a party if it is a merchant's.
func merchantOf(party string) string {
	if party == clearing.Organiser {
		return ""
	}
	return party
}

func (x *Lifecycle) reviewEnd() time.Time {
	if !x.ApprovedAt.IsZero() {
		return x.ApprovedAt
	}
	return x.ReviewUntil
}

// adjustDispute: the organiser agrees, at least in part. The adjustment is booked
// in the open window, where it names both sides and the line; and what was held
// goes there with it, so that neither waits for the other.
func (s *State) adjustDispute(c AdjustDispute, at time.Time) (*posting, error) {
	x, d, err := s.waiting(c.Dispute, "")
	if err != nil {
		return nil, err
	}
	if err := s.knownParty(c.Against); err != nil {
		return nil, err
	}
	if c.Against == d.Party {
		return nil, refuse(CodeUnknownParty, "an adjustment is against another party than %q, which disputed", d.Party)
	}
	minor, err := s.minor(c.Amount)
	if err != nil {
		return nil, err
	}
	if minor > abs(d.Effect) {
		return nil, short(CodeInvalidAmount, "the line that is disputed moved", s.amount(abs(d.Effect)), s.amount(minor))
	}
	a := newPosting(DisputeAdjusted)
	a.Corrects, a.Merchant = d.Seq, merchantOf(d.Party)
	a.move(s, clearingOf(c.Against), clearingOf(d.Party), minor)
	d.Verdict, d.AnsweredAt, d.Answer, d.Against, d.Adjusted, d.changed = Adjusted, at, c.Answer, c.Against, minor, true
	a.record(s.disputeEvent(d, DisputeAdjusted, "answer", d.Answer, "against", d.Against, "amount", s.amount(minor).String()))
	a.record(Event{Type: PositionAdjusted, Party: c.Against, Data: map[string]string{
		"amount": s.amount(minor).String(), "from": c.Against, "to": d.Party, "reason": c.Answer, "corrects": lineID(d.Seq),
	}})
	for _, h := range d.DisputedAmounts {
		if err := s.carry(a, x.Obligations[h.Number-1], h.Amount); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// carry takes a held part of an obligation back to the open window.
func (s *State) carry(a *posting, o *Obligation, minor int64) error {
	o.Disputed, o.Carried, o.changed = o.Disputed-minor, o.Carried+minor, true
	if o.owed() {
		a.move(s, clearingOf(o.Payer), receivable(o.Payer), minor)
	}
	if o.Kind == Payout || o.Kind == Direct {
		a.move(s, payableOf(o), clearingOf(o.Payee), minor)
	}
	switch {
	case o.Paid+o.Carried < o.Amount:
		return nil
	case o.Paid > 0:
		return o.advance(AllArrives)
	}
	return o.advance(TakenBack)
}

// closeDispute: the organiser refuses, or the party takes it back; what was held is
// due again: with what else is due, or if that is all, counted from now on. Of a party that
// has defaulted meanwhile it goes to the open window: its loss is shared out.
func (s *State) closeDispute(number int64, by string, verdict Verdict, answer string, at time.Time) (*posting, error) {
	x, d, err := s.waiting(number, by)
	if err != nil {
		return nil, err
	}
	kind := DisputeRefused
	if verdict == Withdrawn {
		kind = DisputeWithdrawn
	}
	a := newPosting(kind)
	a.Corrects, a.Merchant = d.Seq, merchantOf(d.Party)
	d.Verdict, d.AnsweredAt, d.Answer, d.changed = verdict, at, answer, true
	a.record(s.disputeEvent(d, kind, "answer", answer))
	for _, h := range d.DisputedAmounts {
		o := x.Obligations[h.Number-1]
		if o.Status == Defaulted {
			if err := s.carry(a, o, h.Amount); err != nil {
				return nil, err
			}
			continue
		}
		renewed := o.Outstanding() == 0 // what else is due stays due when it was
		o.Disputed, o.changed = o.Disputed-h.Amount, true
		switch {
		case !x.payable():
		case o.owed():
			if renewed {
				s.setDue(o, x, at)
			}
			a.record(s.obligationEvent(o, PaymentDue, o.Outstanding(), "due_at", o.DueAt.Format(time.RFC3339)))
		default:
			a.record(s.obligationEvent(o, PayoutPayable, o.Outstanding()))
		}
	}
	return a, nil
}

// waiting returns a dispute that waits for an answer. by is the party that asks;
// empty: the organiser.
func (s *State) waiting(number int64, by string) (*Lifecycle, *Dispute, error) {
	x, d := s.dispute(number)
	if d == nil || (by != "" && d.Party != by) {
		return nil, nil, refuse(CodeUnknownDispute, "there is no dispute %d", number)
	}
	if d.Verdict != Open {
		return nil, nil, refuse(CodeAlreadyAnswered, "dispute %d is %s already", number, d.Verdict)
	}
	return x, d, nil
}

// disputeEvent returns an event about a dispute.
func (s *State) disputeEvent(d *Dispute, kind string, data ...string) Event {
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
