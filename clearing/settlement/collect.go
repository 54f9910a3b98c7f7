package settlement

import (
	"strconv"

	"github.com/lianka/lianka/clearing/ledger"
)

func itoa(n int64) string     { return strconv.FormatInt(n, 10) }
func lineID(seq int64) string { return ledger.ID(seq) }

// receivePayment: money has arrived for an obligation of a party, or for its
// oldest ones. More than is outstanding is refused: what it is for must be said,
// never guessed. A payee speaks of transfers to itself alone.
func (s *State) receivePayment(c ReceivePayment) (*posting, error) {
	minor, err := s.minor(c.Amount)
	if err != nil {
		return nil, err
	}
	a := newPosting(PaymentReceived)
	if c.Reference != "" || c.Payee != "" {
		x, o := s.obligation(c.Reference)
		if o == nil || !o.owed() || (c.Payee != "" && (o.Kind != Direct || o.Payee != c.Payee)) {
			return nil, refuse(CodeUnknownReference, "no party owes anything under the reference %q", c.Reference)
		}
		if c.Payee != "" && o.Status == Defaulted {
			return nil, refuse(CodeNothingDue, "%s defaulted and custody pays %q in the place of %q; what still comes is custody's, and the organiser books it",
				o.Reference, o.Payee, o.Payer)
		}
		if err := s.mayBePaid(x, o, minor); err != nil {
			return nil, err
		}
		a.Merchant = merchantOf(o.Payer)
		return a, s.bookReceipt(a, x, o, minor, c.Note)
	}
	if err := s.knownParty(c.Party); err != nil {
		return nil, err
	}
	a.Merchant = merchantOf(c.Party)
	due := int64(0)
	s.eachDue(c.Party, func(_ *Lifecycle, o *Obligation) { due += o.Outstanding() })
	if due == 0 {
		return nil, refuse(CodeNothingDue, "%q owes nothing that is approved; book a deposit with a deposit, and anything else with an adjustment", c.Party)
	}
	if minor > due {
		return nil, short(CodeOverPayment, strconv.Quote(c.Party)+" owes", s.amount(due), s.amount(minor))
	}
	s.eachDue(c.Party, func(x *Lifecycle, o *Obligation) {
		part := min(minor, o.Outstanding())
		if part == 0 || err != nil {
			return
		}
		err = s.bookReceipt(a, x, o, part, c.Note)
		minor -= part
	})
	return a, err
}

// eachDue calls a function with what a party owes and may pay, the oldest first.
func (s *State) eachDue(party string, each func(*Lifecycle, *Obligation)) {
	for _, x := range s.Settlements {
		if !x.payable() {
			continue
		}
		for _, o := range x.Obligations {
			if o.owed() && o.Payer == party && o.Outstanding() > 0 {
				each(x, o)
			}
		}
	}
}

// mayBePaid refuses money for an obligation that is not approved, or while the same
// party owes an older one, or more than is outstanding.
func (s *State) mayBePaid(x *Lifecycle, o *Obligation, minor int64) error {
	if !x.payable() {
		return refuse(CodeNotApproved, "the settlement of %s is %s; what it asks for is due once it is approved", x.Period, x.Phase)
	}
	outstanding := s.amount(o.Outstanding())
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
	if minor > o.Outstanding() {
		return short(CodeOverPayment, o.Reference+" asks for", outstanding, s.amount(minor))
	}
	return nil
}

// paidTo reports whether what is paid goes to a party itself: a direct transfer in
// whose place custody has not stepped.
func (o *Obligation) paidTo(party string) bool {
	return o.Kind == Direct && o.Status != Defaulted && o.Payee == party
}

// bookReceipt books money for an obligation of a party. Of a direct transfer it went to
// the payee, unless custody has stepped in.
func (s *State) bookReceipt(a *posting, x *Lifecycle, o *Obligation, minor int64, note string) error {
	from := custody()
	if o.paidTo(o.Payee) {
		from = payableOf(o)
	}
	if err := s.begin(a, x); err != nil {
		return err
	}
	return s.reduce(a, o, from, minor, PaymentReceived, note)
}

// reduce lowers what a party owes, by money that is debited to an account. If it had
// defaulted, those who bore the loss get it.
func (s *State) reduce(a *posting, o *Obligation, from ledger.Account, minor int64, kind, note string) error {
	a.move(s, from, receivable(o.Payer), minor)
	defaulted := o.Status == Defaulted
	o.Paid += minor
	by := PartArrives
	if o.Paid+o.Carried == o.Amount {
		by = AllArrives
	}
	if err := o.advance(by); err != nil {
		return err
	}
	if o.Status == Paid {
		o.RemindAt, o.DefaultAt = never, never
	}
	e := s.obligationEvent(o, kind, minor, "outstanding", s.amount(o.Outstanding()).String())
	if note != "" {
		e.Data["note"] = note
	}
	a.record(e)
	if defaulted {
		s.recover(a, o, minor)
	}
	return nil
}
