package settlement

import "time"

// match takes a line for what it says. It returns no posting if the line has to wait; the
// outcome then says why.
//
// The bank's word is taken as it stands. Money that came in for a payout is a return only
// if the bank says so, and money that went out and is marked as a return confirms nothing.
func (s *State) match(l *ImportedLine, at time.Time) (*posting, string, error) {
	x, o := s.obligation(l.References[0])
	if o == nil {
		return nil, UnknownReference, nil
	}
	switch {
	case l.Attempt < 0:
		return nil, WhichAttempt, nil
	case o.owed() && l.Credit && !l.Returned:
		return s.matchReceipt(x, o, l, at)
	case o.owed() && !l.Credit && l.Returned:
		return s.matchTakenBack(x, o, l, at)
	case o.owed():
		return nil, NotDue, nil
	case l.Credit && l.Returned:
		return s.matchReturn(x, o, l, at)
	case l.Credit:
		return nil, ReturnNotMarked, nil
	case l.Returned:
		return nil, DebitMarkedReturn, nil
	}
	return s.matchPayout(x, o, l)
}

// matchReceipt matches a line with what a party owes custody, whose bank account it is.
// A direct transfer that arrives here by mistake is listed: a person has to pass it on. So
// is an amount that somebody has booked by hand, and that no line has shown yet: it may be
// that one.
func (s *State) matchReceipt(x *Lifecycle, o *Obligation, l *ImportedLine, at time.Time) (*posting, string, error) {
	if o.direct() {
		return nil, OwedToParty, nil
	}
	for i := range o.Payments {
		if p := &o.Payments[i]; !p.ToParty && p.SeenOn.IsZero() && p.Amount == l.Amount {
			return nil, MaybeBooked, nil
		}
	}
	if due := s.mayBePaid(x, o, o.Outstanding()) == nil; !due {
		return nil, NotDue, nil
	}
	if l.Amount != o.Outstanding() {
		return nil, AmountDiffers, nil
	}
	p := newPosting(PaymentReceived)
	p.Merchant = merchantOf(o.Payer)
	if err := s.bookReceipt(p, x, o, l.Amount, l.name(), at); err != nil {
		return nil, "", err
	}
	o.newest(PaymentMade).SeenOn = l.BookedOn
	return p, Received, nil
}

// matchTakenBack matches a line with a payment of a party that its bank takes back.
func (s *State) matchTakenBack(x *Lifecycle, o *Obligation, l *ImportedLine, at time.Time) (*posting, string, error) {
	paid, why := o.takenBack(l)
	if paid == nil {
		return nil, why, nil
	}
	paid.BackOn, o.changed = l.BookedOn, true
	if paid.State == PaymentReturned {
		return linked(l, o, paid, paid.UndoneSeq), TakenBackLine, nil
	}
	p, err := s.takeBack(x, o, paid, l.why(), at)
	return p, TakenBackLine, err
}

// matchPayout matches a line with a payment that was to leave. One that was booked by hand
// before books nothing again.
func (s *State) matchPayout(x *Lifecycle, o *Obligation, l *ImportedLine) (*posting, string, error) {
	paid, why := o.leaving(l)
	if paid == nil {
		return nil, why, nil
	}
	paid.SeenOn, o.changed = l.BookedOn, true
	if paid.State != PaymentOrdered {
		return linked(l, o, paid, paid.BookedSeq), string(Confirmed), nil
	}
	p, err := s.bookPaid(x, o, paid, l.name())
	return p, string(Confirmed), err
}

// matchReturn matches a line with a payment that the bank sends back.
func (s *State) matchReturn(x *Lifecycle, o *Obligation, l *ImportedLine, at time.Time) (*posting, string, error) {
	paid, why := o.comingBack(l)
	if paid == nil {
		return nil, why, nil
	}
	paid.BackOn, o.changed = l.BookedOn, true
	if paid.State == PaymentReturned {
		return linked(l, o, paid, paid.UndoneSeq), string(Returned), nil
	}
	p, err := s.bookReturn(x, o, paid, l.why(), at)
	return p, string(Returned), err
}

// linked returns the posting of a line about what a transaction booked by hand.
func linked(l *ImportedLine, o *Obligation, paid *Payment, booked int64) *posting {
	p := newPosting(LineLinked)
	p.linked, p.shows = true, []int64{booked}
	p.Merchant, p.Member = o.merchant(), o.member()
	e := obligationEvent(o, LineLinked, paid.Amount, "line", l.name(), "payment", itoa(int64(paid.Number)), "booked_as", string(paid.State))
	p.record(e)
	return p
}
