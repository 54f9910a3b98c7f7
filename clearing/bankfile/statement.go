package bankfile

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/lianka/lianka/clearing/money"
)

const (
	// MaxStatementSize is the largest file that is read, in bytes.
	MaxStatementSize = 16 << 20
	// MaxStatementLines is the most lines that one file may have.
	MaxStatementLines = 10_000
)

// Statement is what a bank says about one account in one period.
type Statement struct {
	// ID is the bank's name for the statement; a CSV export has none.
	ID string
	// Account is the IBAN or number of the account; a CSV export has none.
	Account string
	// Currency is that of all amounts.
	Currency money.Currency
	// From and To are the period as the bank states it, zero if it doesn't. An instant
	// without an offset is taken for UTC. Of a CSV export they are the dates of the earliest and latest line.
	From, To time.Time
	// Lines are the booked entries, in the order of the file.
	Lines []Line
	// Pending is how many entries the bank announced but hasn't booked. They come
	// again when they are.
	Pending int
}

// Line is one movement on the account.
type Line struct {
	// ID is the bank's name for the line, and unique in the statement. See
	// [ReadCamt053] for those that a bank leaves out.
	ID string
	// BookedOn is the date of booking, as an instant at midnight UTC.
	BookedOn time.Time
	// Credit says that money came in; otherwise it went out.
	Credit bool
	// Amount is never negative.
	Amount money.Amount
	// Reference is the identification that came with the payment, or empty.
	Reference string
	// Text is what the payer wrote, or the bank, in one line.
	Text string
	// Counterparty is the name of the other side, or empty.
	Counterparty string
	// Returned says that a payment came back, or a booking was undone.
	Returned bool
	// ReasonCode is the bank's code of why, such as AC01 (wrong account number).
	ReasonCode string
	// Reason is why in the bank's words.
	Reason string
}

// FileError says where a file is wrong, and what was expected there.
type FileError struct {
	Line   int    // in the file, from 1; 0 if it is about the whole file
	Path   string // the element, such as Document/BkToCstmrStmt/Stmt/Ntry/Amt, or the column; may be empty
	Reason string
}

func (e *FileError) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	if e.Path != "" {
		b.WriteString(e.Path + ": ")
	}
	return b.String() + e.Reason
}

// readFile reads a file whole, up to the size that is allowed.
func readFile(r io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, MaxStatementSize+1))
	if err != nil {
		return nil, fmt.Errorf("read the statement: %w", err)
	}
	if len(content) > MaxStatementSize {
		return nil, &FileError{Reason: fmt.Sprintf("the file is larger than %d MiB; ask the bank for a shorter period", MaxStatementSize>>20)}
	}
	return content, nil
}

// The longest name of a line or an account, in bytes. Standards have 35 characters; what is longer
// is no name.
const maxName = 256

// add appends a line that the file has at a place, unless its name is taken, or it can't be stored.
func (s *Statement) add(l Line, taken map[string]int, at place) error {
	switch {
	case len(l.ID) > maxName:
		return at.errorf("the line is named by %d bytes; a bank names it by at most %d", len(l.ID), maxName)
	case len(s.Account) > maxName:
		return at.errorf("the account is named by %d bytes; a bank names it by at most %d", len(s.Account), maxName)
	case l.BookedOn.Year() < 1:
		return at.errorf("%s is no day: years begin with 0001", l.BookedOn.Format(time.DateOnly))
	}
	if first, twice := taken[l.ID]; twice {
		return at.errorf("%q names the line at %d already; each has its own", clip(l.ID), first)
	}
	taken[l.ID] = at.line
	s.Lines = append(s.Lines, l)
	return nil
}

// place is where in a file something stands.
type place struct {
	line int
	path string
}

func (p place) errorf(format string, values ...any) error {
	return &FileError{Line: p.line, Path: p.path, Reason: fmt.Sprintf(format, values...)}
}

// amount reads an amount without sign.
func (p place) amount(text string, c money.Currency) (money.Amount, error) {
	amount, err := money.Parse(text, c)
	switch {
	case errors.Is(err, money.ErrDecimals):
		return money.Amount{}, p.errorf("%q has more than the %d decimals of %s", clip(text), c.Digits(), c.Code())
	case err != nil:
		return money.Amount{}, p.errorf("%v", err)
	}
	return amount, nil
}

// oneLine joins texts with a space, each without white space at its ends or line
// breaks inside, and leaves empty ones out.
func oneLine(texts ...string) string {
	return strings.Join(strings.Fields(strings.Join(texts, " ")), " ")
}

// clip keeps an error message short when the offending text is not.
func clip(text string) string {
	const most = 60
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}
