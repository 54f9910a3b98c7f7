package settlement

import (
	"slices"
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// Payment is one time that money was to move for an obligation. Of a payout it is an
// attempt: what comes back is paid again by the next one. Two sources tell of it, what
// was booked and the bank's statement, in any order; a line of a statement about what was
// booked by hand is noted here and books nothing again.
type Payment struct {
	Number    int   // in the obligation, from 1
	Run       int64 // the payment run that ordered it; 0: none
	Amount    money.Amount
	State     PaymentState // by the books
	MadeOn    time.Time    // the day on which it was ordered or booked
	MadeSeq   int64        // the transaction that ordered or booked it
	BookedSeq int64        // the transaction that booked it as made
	UndoneOn  time.Time    // the day on which its return was booked
	UndoneSeq int64        // the transaction that did
	SeenOn    time.Time    // the date of the bank's line that shows it; zero: none has
	BackOn    time.Time    // the date of the bank's line that shows it coming back
	ToParty   bool         // of a direct transfer: it went past custody, whose bank never shows it
	Unnamed   bool         // the bank was told the bare reference, and no attempt
}

// PaymentState is where a payment is in its life, by the books.
type PaymentState string

// The states of a payment.
const (
	PaymentOrdered  PaymentState = "ordered"  // in a run; what became of it is not known
	PaymentMade     PaymentState = "made"     // it left, or arrived
	PaymentReturned PaymentState = "returned" // it came back, or was taken back
)

// today returns an instant's date in the circle's time, as midnight UTC: so bank lines
// have theirs.
func (s *State) today(at time.Time) time.Time {
	y, m, d := at.In(s.Alliance.Location).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// pay adds a payment to an obligation.
func (s *State) pay(o *Obligation, state PaymentState, amount money.Amount, at time.Time) *Payment {
	o.Payments = append(o.Payments, Payment{Number: len(o.Payments) + 1, Amount: amount, State: state, MadeOn: s.today(at), MadeSeq: s.Next, BookedSeq: s.Next})
	o.changed = true
	return &o.Payments[len(o.Payments)-1]
}

// payment returns the one of a number, or nil.
func (o *Obligation) payment(number int) *Payment {
	if number < 1 || number > len(o.Payments) {
		return nil
	}
	return &o.Payments[number-1]
}

// newest returns the newest payment that is in a state, or nil.
func (o *Obligation) newest(state PaymentState) *Payment {
	for i := len(o.Payments) - 1; i >= 0; i-- {
		if o.Payments[i].State == state {
			return &o.Payments[i]
		}
	}
	return nil
}

// returnable returns what a person means who says that a payout came back: what is on
// its way, or else the newest that was paid; or nil.
func (o *Obligation) returnable() *Payment {
	if p := o.newest(PaymentOrdered); p != nil {
		return p
	}
	return o.newest(PaymentMade)
}

// awaitsReturn returns a payment that left custody's account, and of which a person alone
// says that it came back; or nil. Until the bank shows the money, nothing is paid again.
func (o *Obligation) awaitsReturn() *Payment {
	for i := range o.Payments {
		if p := &o.Payments[i]; p.State == PaymentReturned && !p.SeenOn.IsZero() && p.BackOn.IsZero() {
			return p
		}
	}
	return nil
}

// after reports whether a run ordered the payment after a line was there, which then
// can't be about it.
func (p *Payment) after(l *ImportedLine) bool {
	return p.Run > 0 && (p.MadeOn.After(l.BookedOn) || p.SeenOn.IsZero() && l.Seq > 0 && p.MadeSeq > l.Seq)
}

// candidates returns the payments that a line of the bank's may be about: those of the
// attempt that it names, or else those that its date allows.
func (o *Obligation) candidates(l *ImportedLine, dated func(*Payment) bool) []*Payment {
	var found []*Payment
	for i := range o.Payments {
		p := &o.Payments[i]
		switch {
		case p.ToParty:
			continue
		case l.Attempt > 0:
			if p.Number != l.Attempt || p.Unnamed {
				continue
			}
		case !dated(p) || p.after(l):
			continue
		}
		found = append(found, p)
	}
	return found
}

// leaving returns the payment that a line shows leaving custody's account; or why there
// is none.
func (o *Obligation) leaving(l *ImportedLine) (*Payment, string) {
	found := o.candidates(l, func(p *Payment) bool {
		return notAfter(l.BookedOn, p.UndoneOn) && notAfter(l.BookedOn, p.BackOn)
	})
	found = slices.DeleteFunc(found, func(p *Payment) bool { return !p.SeenOn.IsZero() })
	return only(found, l)
}

// comingBack returns the payment that a line shows coming back; or why there is none.
// One that was seen to leave comes before those that were not.
func (o *Obligation) comingBack(l *ImportedLine) (*Payment, string) {
	found := o.candidates(l, func(p *Payment) bool { return notAfter(p.SeenOn, l.BookedOn) })
	found = slices.DeleteFunc(found, func(p *Payment) bool { return !p.BackOn.IsZero() })
	seen := slices.DeleteFunc(slices.Clone(found), func(p *Payment) bool { return p.SeenOn.IsZero() || p.Amount != l.Amount })
	if len(seen) > 0 {
		return only(seen, l)
	}
	return only(found, l)
}

// notAfter reports whether a day is not after another one, or one of them isn't known.
func notAfter(day, other time.Time) bool { return day.IsZero() || other.IsZero() || !day.After(other) }

// only returns the one payment of a line's amount.
func only(found []*Payment, l *ImportedLine) (*Payment, string) {
	if len(found) == 0 {
		return nil, NotOnItsWay
	}
	found = slices.DeleteFunc(found, func(p *Payment) bool { return p.Amount != l.Amount })
	switch len(found) {
	case 0:
		return nil, AmountDiffers
	case 1:
		return found[0], ""
	}
	return nil, WhichAttempt
}
