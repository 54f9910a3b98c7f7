package settlement

import "time"

// PayoutConfirmed is the type of the transaction of a payout that the bank has paid.
const PayoutConfirmed = "payout.confirmed"

// ConfirmPayout books that the bank has paid. What was not in a run yet counts as
// paid by hand.
type ConfirmPayout struct {
	command
	Reference string
	Note      string
}

var confirmPayout = definition[ConfirmPayout]{
	labels: labels{
		PayoutConfirmed: {Chinese: "付款到账", English: "Payout confirmed"},
		PaymentSetOff:   {Chinese: "损失收回", English: "Payment set off"}, // positions move only by what is recovered of a loss
	},
	names:  func(c ConfirmPayout, n *names) { n.reference(c.Reference) },
	decide: (*State).confirmPayout,
}

// confirmPayout sets off what the payee owes since it defaulted before anything counts as
// paid by hand, as a run does. If that is all of it, nothing was to be paid.
func (s *State) confirmPayout(c ConfirmPayout, at time.Time) ([]*posting, error) {
	x, o, err := s.payout(c.Reference)
	if err != nil {
		return nil, err
	}
	if !x.payable() {
		return nil, refuse(CodeNotApproved, "the settlement of %s is %s; what it asks for is paid once it is approved", x.Period, x.Phase)
	}
	if o.Status != Sent && (o.Status != Payable || o.Outstanding().IsZero()) {
		return nil, refuse(CodeAlreadyConfirmed, "%s is %s; nothing of it is on its way", o.Reference, o.Status)
	}
	var postings []*posting
	if o.Status == Payable {
		off := newPosting(PaymentSetOff)
		off.Merchant = o.merchant()
		if err := s.setOff(off, x, o); err != nil {
			return nil, err
		}
		if len(off.Entries) > 0 {
			s.settleDone(off, at)
			postings = append(postings, off)
		}
		if o.Outstanding().IsZero() {
			return postings, nil
		}
		if err := x.move(o, PutInRun); err != nil {
			return nil, err
		}
		o.Sent, o.Run = o.Outstanding(), 0
	}
	p, err := s.bookPaid(x, o, c.Note)
	if err != nil {
		return nil, err
	}
	s.settleDone(p, at)
	return append(postings, p), nil
}

// bookPaid books a payout that the bank has paid.
func (s *State) bookPaid(x *Lifecycle, o *Obligation, note string) (*posting, error) {
	p := newPosting(PayoutConfirmed)
	p.Merchant, p.Member = o.merchant(), o.member()
	if err := p.begin(x); err != nil {
		return nil, err
	}
	amount := o.Sent
	p.move(payableOf(o), custody(), amount)
	o.Paid, o.Parts, o.Sent = o.Paid.Plus(amount), append(o.Parts, amount), s.zero()
	by := BankDidPart
	if o.complete() {
		by = BankDid
	}
	if err := x.move(o, by); err != nil {
		return nil, err
	}
	p.record(withNote(obligationEvent(o, PayoutConfirmed, amount), note))
	return p, nil
}

// payout returns what a reference names, if custody is to pay it.
func (s *State) payout(ref string) (*Lifecycle, *Obligation, error) {
	x, o := s.obligation(ref)
	if o == nil || o.owed() {
		return nil, nil, refuse(CodeUnknownReference, "nothing is to be paid under the reference %q", ref)
	}
	return x, o, nil
}
