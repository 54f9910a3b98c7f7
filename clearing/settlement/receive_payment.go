package settlement

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// PaymentReceived is the type of a payment that has arrived.
const PaymentReceived = "payment.received"

// ReceivePayment books money that has arrived: for the obligation that Reference
// names, or for a party's oldest ones. Payee is who says so, if it is not the
// organiser: a direct transfer may be booked by who received it.
type ReceivePayment struct {
	command
	Reference string
	Party     string
	Amount    string
	Note      string
	Payee     string
}

var receivePayment = definition[ReceivePayment]{
	labels: labels{PaymentReceived: {Chinese: "损失收回", English: "Payment received"}}, // positions move only by what is recovered of a loss
	names:  func(c ReceivePayment, n *names) { n.reference(c.Reference) },
	decide: one((*State).receivePayment),
}

// receivePayment refuses more than is outstanding: what a payment is for is never
// guessed. A payee can book only transfers to itself.
func (s *State) receivePayment(c ReceivePayment, at time.Time) (*posting, error) {
	amount, err := s.parseAmount(c.Amount)
	if err != nil {
		return nil, err
	}
	p := newPosting(PaymentReceived)
	if c.Reference != "" || c.Payee != "" {
		x, o := s.obligation(c.Reference)
		if o == nil || !o.owed() || (c.Payee != "" && (o.Kind != Direct || o.Payee != c.Payee)) {
			return nil, refuse(CodeUnknownReference, "no party owes anything under the reference %q", c.Reference)
		}
		if c.Payee != "" && o.Status == Defaulted {
			return nil, refuse(CodeNothingDue, "%s defaulted and custody pays %q in the place of %q; what is still paid belongs to custody, and the organiser books it",
				o.Reference, o.Payee, o.Payer)
		}
		if err := s.mayBePaid(x, o, amount); err != nil {
			return nil, err
		}
		p.Merchant = merchantOf(o.Payer)
		return p, s.bookReceipt(p, x, o, amount, c.Note, at)
	}
	if err := s.knownParty(c.Party); err != nil {
		return nil, err
	}
	p.Merchant = merchantOf(c.Party)
	due := s.zero()
	s.eachDue(c.Party, func(_ *Lifecycle, o *Obligation) { due = due.Plus(o.Outstanding()) })
	if due.IsZero() {
		return nil, refuse(CodeNothingDue, "%q owes nothing that is approved; book a deposit with a deposit, and anything else with an adjustment", c.Party)
	}
	if amount.Cmp(due) > 0 {
		return nil, short(CodeOverPayment, due, amount, "%q owes %s, and this is %s", c.Party)
	}
	s.eachDue(c.Party, func(x *Lifecycle, o *Obligation) {
		part := money.Min(amount, o.Outstanding())
		if part.IsZero() || err != nil {
			return
		}
		err = s.bookReceipt(p, x, o, part, c.Note, at)
		amount = amount.Minus(part)
	})
	return p, err
}

// eachDue calls a function with what a party owes and may pay, the oldest first.
func (s *State) eachDue(party string, each func(*Lifecycle, *Obligation)) {
	s.eachOutstanding(func(x *Lifecycle, o *Obligation) {
		if x.payable() && o.owed() && o.Payer == party {
			each(x, o)
		}
	})
}

// mayBePaid refuses money for an obligation that is not approved, or while the same
// party owes an older one, or more than is outstanding.
func (s *State) mayBePaid(x *Lifecycle, o *Obligation, amount money.Amount) error {
	if !x.payable() {
		return refuse(CodeNotApproved, "the settlement of %s is %s; what it asks for is due once it is approved", x.Period, x.Phase)
	}
	outstanding := o.Outstanding()
	if outstanding.IsZero() {
		return refuse(CodeNothingDue, "%s is %s; nothing is outstanding", o.Reference, o.Status)
	}
	older := ""
	s.eachDue(o.Payer, func(_ *Lifecycle, due *Obligation) {
		if older == "" && due.Period < o.Period {
			older = due.Reference
		}
	})
	if older != "" {
		r := refuse(CodeOlderUnpaid, "windows are settled oldest first, and %q still owes %s", o.Payer, older)
		r.Data = map[string]string{"reference": older}
		return r
	}
	if amount.Cmp(outstanding) > 0 {
		return short(CodeOverPayment, outstanding, amount, "%s asks for %s, and this is %s", o.Reference)
	}
	return nil
}

// bookReceipt books money for an obligation of a party. Of a direct transfer it went
// to the payee, unless custody pays in its place.
func (s *State) bookReceipt(p *posting, x *Lifecycle, o *Obligation, amount money.Amount, note string, at time.Time) error {
	from := custody()
	if o.direct() {
		from = payableOf(o)
	}
	if err := p.begin(x); err != nil {
		return err
	}
	s.pay(o, PaymentMade, amount, at).ToParty = o.direct()
	return s.reduce(p, x, o, from, amount, PaymentReceived, note)
}

// reduce lowers what a party owes and debits an account. If the party had defaulted, the
// money goes to those who bore the loss.
func (s *State) reduce(p *posting, x *Lifecycle, o *Obligation, from ledger.Account, amount money.Amount, kind, note string) error {
	p.move(from, receivable(o.Payer), amount)
	defaulted := o.Status == Defaulted
	o.Paid = o.Paid.Plus(amount)
	by := PartArrives
	if o.complete() {
		by = AllArrives
	}
	if err := x.move(o, by); err != nil {
		return err
	}
	if o.Status == Paid {
		o.RemindAt, o.DefaultAt = never, never
	}
	p.record(withNote(obligationEvent(o, kind, amount, "outstanding", o.Outstanding().String()), note))
	if defaulted {
		s.recover(p, o, amount)
	}
	return nil
}
