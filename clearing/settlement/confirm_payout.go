package settlement

import (
	"time"

	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/reference"
)

// PayoutConfirmed is the type of the transaction of a payout that the bank has paid.
const PayoutConfirmed = "payout.confirmed"

// ConfirmPayout books that the bank has paid. What was not in a run yet counts as
// paid by hand. Reference may name an attempt: then it is that one which was paid, also if
// it was said to have come back.
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
	x, o, attempt, err := s.payout(c.Reference)
	if err != nil {
		return nil, err
	}
	var postings []*posting
	if x.payable() && attempt == 0 && o.Status == Payable && o.Outstanding().Sign() > 0 { // paid by hand
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
	}
	p, err := s.confirm(x, o, attempt, o.Outstanding(), c.Note, at)
	if err != nil {
		return nil, err
	}
	s.settleDone(p, at)
	return append(postings, p), nil
}

// confirm books that a payout was paid: the attempt that is named, what is on its way, or
// an amount by hand.
func (s *State) confirm(x *Lifecycle, o *Obligation, attempt int, byHand money.Amount, note string, at time.Time) (*posting, error) {
	if !x.payable() {
		return nil, refuse(CodeNotApproved, "the settlement of %s is %s; what it asks for is paid once it is approved", x.Period, x.Phase)
	}
	paid := o.newest(PaymentOrdered)
	if attempt > 0 {
		if paid = o.payment(attempt); paid == nil {
			return nil, refuse(CodeNotSent, "%s was not paid as often as %d times", o.Reference, attempt)
		}
	}
	switch {
	case paid == nil && o.Status == Payable && byHand.Sign() > 0:
		if err := x.move(o, PutInRun); err != nil {
			return nil, err
		}
		o.Sent, o.Run = byHand, 0
		paid = s.pay(o, PaymentOrdered, byHand, at)
	case paid != nil && paid.State == PaymentReturned && o.Status == Sent:
		return nil, refuse(CodeAlreadySent, "payment %d of %s was booked as returned, and payment %d is on its way; if the bank can still stop that one, book its return first",
			paid.Number, o.Reference, o.newest(PaymentOrdered).Number)
	case paid != nil && paid.State == PaymentReturned && paid.BackOn.IsZero() && o.Status == Payable && paid.Amount.Cmp(o.Outstanding()) <= 0:
		if err := x.move(o, PutInRun); err != nil { // it did not come back after all
			return nil, err
		}
		o.Sent = paid.Amount
		paid.State, paid.UndoneOn, paid.UndoneSeq = PaymentOrdered, never, 0
	case paid == nil || paid.State != PaymentOrdered:
		return nil, refuse(CodeAlreadyConfirmed, "%s is %s; nothing of it is on its way", o.Reference, o.Status)
	}
	return s.bookPaid(x, o, paid, note)
}

// bookPaid books a payment that was on its way and has left custody's account.
func (s *State) bookPaid(x *Lifecycle, o *Obligation, paid *Payment, note string) (*posting, error) {
	p := newPosting(PayoutConfirmed)
	p.Merchant, p.Member = o.merchant(), o.member()
	if err := p.begin(x); err != nil {
		return nil, err
	}
	p.move(payableOf(o), custody(), paid.Amount)
	o.Paid, o.Sent, paid.State, paid.BookedSeq = o.Paid.Plus(paid.Amount), s.zero(), PaymentMade, s.Next
	by := BankDidPart
	if o.complete() {
		by = BankDid
	}
	if err := x.move(o, by); err != nil {
		return nil, err
	}
	p.record(withNote(obligationEvent(o, PayoutConfirmed, paid.Amount), note))
	return p, nil
}

// payout returns what a reference names, if custody is to pay it, and the attempt that
// it names; 0: none.
func (s *State) payout(text string) (*Lifecycle, *Obligation, int, error) {
	ref, attempt := splitAttempt(text)
	x, o := s.obligation(ref)
	if o == nil || o.owed() {
		return nil, nil, 0, refuse(CodeUnknownReference, "nothing is to be paid under the reference %q", text)
	}
	return x, o, attempt, nil
}

// splitAttempt returns the reference in what names an attempt to pay it, and the attempt's
// number; a bare reference names none.
func splitAttempt(text string) (string, int) {
	found := reference.FindAttempts(text)
	if len(found) != 1 || found[0].Attempt == 0 {
		return text, 0
	}
	if whole, err := reference.Attempt(found[0].Reference, found[0].Attempt); err != nil || whole != text {
		return text, 0
	}
	return found[0].Reference, int(found[0].Attempt)
}
