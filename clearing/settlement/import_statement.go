package settlement

import (
	"fmt"
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// The types of transactions of an import, beside those of its matched lines.
const (
	StatementImported = "statement.imported"
	LineUnmatched     = "statement.line_unmatched"
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

// Received is the outcome of a line that was matched with a payment. The outcome of a
// line that was matched with a payout is the payout's status.
const Received = "received"

// ImportStatement matches the lines of a bank statement, or lists them as not
// matched.
type ImportStatement struct {
	command
	Account   string // whose statement it is
	Statement string // its number
	Lines     []BankLine
}

// BankLine is a booked line of a bank statement.
type BankLine struct {
	ID           string // the bank's own, once in the account
	BookedOn     time.Time
	Credit       bool // money came in
	Returned     bool // a payout came back
	Amount       money.Amount
	References   []string // valid ones that it names, each once
	Text         string
	Counterparty string
}

// ImportedLine is a line with its outcome: received, confirmed or returned; else why
// it was not matched.
type ImportedLine struct {
	BankLine
	Account   string
	Statement string
	Outcome   string

	posting int // the posting of the import that it made
	seq     int64
}

var importStatement = definition[ImportStatement]{
	labels: labels{
		StatementImported: {Chinese: "导入银行流水", English: "Bank statement imported"},
		LineUnmatched:     {Chinese: "银行流水未匹配", English: "Bank line not matched"},
	},
	names: func(c ImportStatement, n *names) {
		n.account = c.Account
		for _, l := range c.Lines {
			n.bankLines = append(n.bankLines, l.ID)
			for _, r := range l.References {
				n.reference(r)
			}
		}
	},
	decide: (*State).importStatement,
}

// importStatement matches each line exactly by its reference and amount, or lists it as
// not matched. Lines that were imported before are skipped, so a statement may be
// imported again, and statements may overlap.
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
		p, outcome, err := s.match(l)
		if err != nil {
			return nil, fmt.Errorf("line %s: %w", l.ID, err)
		}
		counts[outcome]++
		if p == nil {
			p = newPosting(LineUnmatched)
			p.record(Event{Type: LineUnmatched, Data: map[string]string{"line": l.ID, "amount": l.Amount.String(), "why": outcome}})
		}
		s.settleDone(p, at)
		s.Imported = append(s.Imported, ImportedLine{BankLine: *l, Account: c.Account, Statement: c.Statement, Outcome: outcome, posting: len(postings)})
		postings = append(postings, p)
	}
	end := newPosting(StatementImported)
	data := map[string]string{"statement": c.Statement, "lines": itoa(int64(len(c.Lines)))}
	for outcome, n := range counts {
		data[outcome] = itoa(n)
	}
	end.record(Event{Type: StatementImported, Data: data})
	return append(postings, end), nil
}

// match matches a line. It returns no posting if the line was not matched; the outcome
// then says why.
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

// matchPayment matches a line with what a party owes custody, whose bank account it is.
// A direct transfer that arrives here by mistake is listed: a person has to pass it on.
func (s *State) matchPayment(x *Lifecycle, o *Obligation, l *BankLine) (*posting, string, error) {
	if o.direct() {
		return nil, OwedToParty, nil
	}
	if due := s.mayBePaid(x, o, o.Outstanding()) == nil; !due {
		return nil, NotDue, nil
	}
	if l.Amount != o.Outstanding() {
		return nil, AmountDiffers, nil
	}
	p := newPosting(PaymentReceived)
	p.Merchant = merchantOf(o.Payer)
	return p, Received, s.bookReceipt(p, x, o, l.Amount, l.ID)
}

func (s *State) matchPayout(x *Lifecycle, o *Obligation, l *BankLine) (*posting, string, error) {
	if o.Status != Sent {
		return nil, NotOnItsWay, nil
	}
	if l.Amount != o.Sent {
		return nil, AmountDiffers, nil
	}
	p, err := s.bookPaid(x, o, l.ID)
	return p, string(Confirmed), err
}

func (s *State) matchReturn(x *Lifecycle, o *Obligation, l *BankLine) (*posting, string, error) {
	switch {
	case !o.couldReturn():
		return nil, NotOnItsWay, nil
	case !o.couldReturnAmount(l.Amount):
		return nil, AmountDiffers, nil
	}
	p, err := s.bookReturn(x, o, l.Amount, l.Text)
	return p, string(Returned), err
}
