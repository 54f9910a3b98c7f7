package settlement

import (
	"fmt"
	"time"
)

// Why a line of a bank statement was not matched.
const (
	NoReference      = "no_reference"
	ManyReferences   = "many_references"
	UnknownReference = "unknown_reference"
	AmountDiffers    = "amount_differs"
	NotDue           = "not_due" // not approved yet, paid already, or an older one is unpaid
	NotOnItsWay      = "not_on_its_way"
	OwedToParty      = "owed_to_party" // a direct transfer, which is paid to the other party and not to custody
)

// What a line was taken for.
const (
	Received = "received"
)

// importStatement takes each line for what its reference and amount say, exactly,
// or lists it as not matched. A line that was imported before is passed over, so a
// statement may be imported again, and statements may overlap.
func (s *State) importStatement(c ImportStatement, at time.Time) ([]*posting, error) {
	var postings []*posting
	counts := make(map[string]int64)
	for i := range c.Lines {
		l := &c.Lines[i]
		if s.KnownLines[l.ID] {
			counts["known"]++
			continue
		}
		s.KnownLines[l.ID] = true
		a, outcome, err := s.match(l)
		if err != nil {
			return nil, fmt.Errorf("line %s: %w", l.ID, err)
		}
		counts[outcome]++
		if a == nil {
			a = newPosting(LineUnmatched)
			a.record(Event{Type: LineUnmatched, Data: map[string]string{"line": l.ID, "amount": s.amount(l.Amount).String(), "why": outcome}})
		}
		s.finish(a, at)
		s.Imported = append(s.Imported, ImportedLine{BankLine: *l, Account: c.Account, Statement: c.Statement, Outcome: outcome, act: len(postings)})
		postings = append(postings, a)
	}
	end := newPosting(StatementImported)
	data := map[string]string{"statement": c.Statement, "lines": itoa(int64(len(c.Lines)))}
	for outcome, n := range counts {
		data[outcome] = itoa(n)
	}
	end.record(Event{Type: StatementImported, Data: data})
	return append(postings, end), nil
}

// ImportedLine is a line with what it was taken for: received, confirmed or
// returned; else why it was not matched.
type ImportedLine struct {
	BankLine
	Account   string
	Statement string
	Outcome   string

	act int // the act of the import that it made
	seq int64
}

// match takes a line for what it says. Without an act it was not matched, and the
// outcome says why.
func (s *State) match(l *BankLine) (*posting, string, error) {
	switch len(l.References) {
	case 0:
		return nil, NoReference, nil
	case 1:
	default:
		return nil, ManyReferences, nil
	}
	x, o := s.obligation(l.References[0])
	if o == nil {
		return nil, UnknownReference, nil
	}
	switch {
	case o.owed() && l.Credit && !l.Returned:
		return s.matchPayment(x, o, l)
	case !o.owed() && !l.Credit:
		return s.matchPayout(x, o, l)
	case !o.owed():
		return s.matchReturn(x, o, l)
	}
	return nil, NotDue, nil
}

// matchPayment takes a line for what a party pays custody, whose bank it is. What
// should have gone to a party directly, and came here, a person has to pass on.
func (s *State) matchPayment(x *Lifecycle, o *Obligation, l *BankLine) (*posting, string, error) {
	if o.paidTo(o.Payee) {
		return nil, OwedToParty, nil
	}
	if due := s.mayBePaid(x, o, o.Outstanding()) == nil; !due {
		return nil, NotDue, nil
	}
	if l.Amount != o.Outstanding() {
		return nil, AmountDiffers, nil
	}
	a := newPosting(PaymentReceived)
	a.Merchant = merchantOf(o.Payer)
	return a, Received, s.bookReceipt(a, x, o, l.Amount, l.ID)
}

func (s *State) matchPayout(x *Lifecycle, o *Obligation, l *BankLine) (*posting, string, error) {
	if o.Status != Sent {
		return nil, NotOnItsWay, nil
	}
	if l.Amount != o.Sent {
		return nil, AmountDiffers, nil
	}
	a := newPosting(PayoutConfirmed)
	a.Merchant, a.Member = s.concerned(o), memberOf(o)
	return a, string(Confirmed), s.bookPaid(a, x, o, l.ID)
}

func (s *State) matchReturn(x *Lifecycle, o *Obligation, l *BankLine) (*posting, string, error) {
	switch {
	case !o.couldReturn():
		return nil, NotOnItsWay, nil
	case !o.couldReturnAmount(l.Amount):
		return nil, AmountDiffers, nil
	}
	a := newPosting(PayoutReturned)
	a.Merchant, a.Member = s.concerned(o), memberOf(o)
	return a, string(Returned), s.bookReturn(a, x, o, l.Amount, l.Text)
}
