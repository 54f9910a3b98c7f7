package settlement

import "time"

// LinkLine says that a line that waits is what a transaction booked by hand: a payment, a
// deposit, tax. It books nothing again.
type LinkLine struct {
	command
	Line        int64 // the transaction that took it in
	Transaction int64 // that booked it
}

var linkLine = definition[LinkLine]{
	names: func(c LinkLine, n *names) {
		n.bankLine(c.Line)
		n.booking(c.Transaction)
	},
	decide: one((*State).linkLine),
}

func (s *State) linkLine(c LinkLine, _ time.Time) (*posting, error) {
	l, err := s.openLine(c.Line)
	if err != nil {
		return nil, err
	}
	b := s.Bookings[c.Transaction]
	switch {
	case b == nil || b.Amount.IsZero():
		return nil, refuse(CodeNotBooked, "%s has booked nothing that custody's bank could show", lineID(c.Transaction))
	case b.Line != 0:
		return nil, refuse(CodeNotBooked, "a bank statement has shown what %s booked: the line of %s", lineID(c.Transaction), lineID(b.Line))
	case b.Amount != l.signed():
		return nil, short(CodeLineDiffers, b.Amount, l.signed(), "custody's account moved by another amount with %s: by %s, and by %s with the line", lineID(c.Transaction))
	}
	for _, x := range s.Settlements {
		for _, o := range x.Obligations {
			o.shown(c.Transaction, l.BookedOn)
		}
	}
	p := newPosting(LineLinked)
	outOfSuspense(p, l)
	l.close(Linked, 0)
	p.line, p.shows = l, []int64{c.Transaction}
	p.events = append(p.events, lineResolved(LineLinked, l, "transaction", lineID(c.Transaction)).events...)
	return p, nil
}

// shown notes that the bank shows what a transaction booked by hand.
func (o *Obligation) shown(seq int64, on time.Time) {
	for i := range o.Payments {
		p := &o.Payments[i]
		if p.BookedSeq == seq && p.SeenOn.IsZero() && !p.ToParty {
			p.SeenOn, o.changed = on, true
		}
		if p.UndoneSeq == seq && p.BackOn.IsZero() && !p.ToParty {
			p.BackOn, o.changed = on, true
		}
	}
}
