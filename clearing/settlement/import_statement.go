package settlement

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/reference"
)

// The types of transactions of an import, beside those of its matched lines.
const (
	StatementImported = "statement.imported"
	LineUnmatched     = "statement.line_unmatched"
	LineLinked        = "statement.line_linked"
)

// ImportStatement takes the lines of a bank's file for what they say, or lists them for a
// person.
type ImportStatement struct {
	command
	Account    string // whose statements they are: custody's
	Statement  string // the bank's names for them
	Format     string // of the file
	Lines      []BankLine
	Statements []Balances
	Others     []string // accounts that the file has statements of too, and that aren't custody's
	Reading    Reading  // how the file was read, to be remembered for the account
}

var importStatement = definition[ImportStatement]{
	labels: labels{
		StatementImported: {Chinese: "导入银行流水", English: "Bank statement imported"},
		LineUnmatched:     {Chinese: "银行流水未匹配", English: "Bank line not matched"},
		LineLinked:        {Chinese: "银行流水对应已记账款项", English: "Bank line of what is booked"},
	},
	names: func(c ImportStatement, n *names) {
		n.account = accountKey(c.Account)
		for i := range c.Lines {
			l := &c.Lines[i]
			n.days = append(n.days, l.BookedOn)
			for _, r := range l.References {
				n.reference(r)
			}
		}
	},
	decide: (*State).importStatement,
}

// importStatement imports lines. Those that are known are passed over, so a statement may be
// imported again, and statements may overlap. The order of the lines and of the files does
// not matter: all lines that wait are tried, as long as one is taken for something.
func (s *State) importStatement(c ImportStatement, at time.Time) ([]*posting, error) {
	if err := s.custodysAccount(c.Account); err != nil {
		return nil, err
	}
	fresh, fates := s.unknownLines(&c)
	s.Fates = fates
	slices.SortStableFunc(fresh, func(a, b *ImportedLine) int { return a.BookedOn.Compare(b.BookedOn) })
	s.Lines = append(s.Lines, fresh...)
	waiting, err := s.matchLines(at)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int64)
	for _, f := range fates {
		counts[f.Outcome()]++
	}
	var postings []*posting
	for _, l := range fresh {
		if l.posting == nil {
			l.posting = newPosting(LineUnmatched)
			l.posting.line = l
			l.posting.record(Event{Type: LineUnmatched, Data: map[string]string{"line": l.name(), "amount": l.Amount.String(), "why": l.Outcome}})
		}
		postings = append(postings, l.posting)
	}
	for _, p := range waiting {
		if p.line.Seq == 0 {
			continue // it is among the fresh ones
		}
		postings = append(postings, p)
		counts["tried_again"]++
	}
	end := newPosting(StatementImported)
	data := map[string]string{"statement": c.Statement, "lines": itoa(int64(len(c.Lines)))}
	for outcome, n := range counts {
		data[outcome] = itoa(n)
	}
	if len(c.Others) > 0 {
		data["other_accounts"] = strings.Join(c.Others, " ")
	}
	end.record(Event{Type: StatementImported, Data: data})
	end.account, end.statements = accountKey(c.Account), c.Statements
	s.Reading = c.Reading
	return append(postings, end), nil
}

// custodysAccount refuses an account that the circle has not named as custody's.
func (s *State) custodysAccount(number string) error {
	account, ok := s.Accounts[Payee{Code: clearing.Custody}]
	if !ok {
		return refuse(CodeAccountMissing, "the circle has named no bank account as custody's; set it first")
	}
	if number != clearing.Custody && !sameAccount(number, account.Number) {
		r := refuse(CodeNotCustodys, "the statement is of the account %s, and custody's is %s", number, account.Number)
		r.Data = map[string]string{"account": number, "custody": account.Number}
		return r
	}
	return nil
}

// matchLines takes lines that wait for what they say, those for the oldest month first and of
// one obligation the oldest first, until none is taken any more. It returns the postings of those that were.
func (s *State) matchLines(at time.Time) ([]*posting, error) {
	var waiting []*ImportedLine
	for _, l := range s.Lines {
		switch {
		case l.retried():
			waiting = append(waiting, l)
		case l.Seq == 0 && l.Open && l.Outcome == "":
			l.Outcome = l.unmatchable()
		}
	}
	slices.SortStableFunc(waiting, func(a, b *ImportedLine) int {
		return cmp.Or(cmp.Compare(periodOf(a.References[0]), periodOf(b.References[0])), cmp.Compare(a.References[0], b.References[0]),
			a.BookedOn.Compare(b.BookedOn), cmp.Compare(a.orderOfDay(), b.orderOfDay()))
	})
	var postings []*posting
	for again := true; again; {
		again = false
		for _, l := range waiting {
			if !l.Open {
				continue
			}
			p, outcome, err := s.match(l, at)
			if err != nil {
				return nil, fmt.Errorf("line %s: %w", l.name(), err)
			}
			if outcome != l.Outcome {
				l.Outcome, l.changed = outcome, true
			}
			if p == nil {
				continue
			}
			l.Open, l.changed, l.posting, p.line, again = false, true, p, l, true
			s.settleDone(p, at)
			postings = append(postings, p)
		}
	}
	return postings, nil
}

// orderOfDay sorts the lines of a day: what comes back left or arrived before.
func (l *BankLine) orderOfDay() int {
	if l.Returned {
		return 1
	}
	return 0
}

// periodOf returns the month of a reference.
func periodOf(text string) string {
	r, err := reference.Parse(text)
	if err != nil {
		return ""
	}
	return r.Period
}

// unmatchable returns why a line is never taken for anything by itself.
func (l *ImportedLine) unmatchable() string {
	switch {
	case l.Problem != "":
		return l.Problem
	case l.Twin != 0:
		return MaybeKnown
	case len(l.References) == 0:
		return NoReference
	}
	return ManyReferences
}
