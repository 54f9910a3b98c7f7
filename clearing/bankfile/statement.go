package bankfile

import (
	"fmt"
	"strings"
	"time"

	"github.com/lianka/lianka/clearing/message"
	"github.com/lianka/lianka/clearing/money"
)

const (
	// MaxStatementSize is the largest file that is read, in bytes.
	MaxStatementSize = 16 << 20
	// MaxStatementLines is the most lines that one file may have.
	MaxStatementLines = 10_000
)

// File is what a bank's file says.
type File struct {
	// Format is camt.053, csv or xlsx.
	Format string
	// Profile is the name of the profile that read it; a camt.053 message needs none, and
	// columns that were mapped by hand are the profile "mapping".
	Profile string
	// Statements are one an account and statement, in the order of the file.
	Statements []Statement
}

// The formats of files.
const (
	Camt053 = "camt.053"
	CSV     = "csv"
	XLSX    = "xlsx"
)

// Statement is what a bank says about one account in one period.
type Statement struct {
	// ID is the bank's name for the statement; an export has none.
	ID string
	// Account is the IBAN or number of the account as the bank writes it, without spaces and
	// hyphens; empty if the file doesn't say.
	Account string
	// Currency is that of the account.
	Currency money.Currency
	// From and To are the period as the bank states it, zero if it doesn't. An instant
	// without an offset is taken for UTC. Of an export they are the dates of the earliest and latest line.
	From, To time.Time
	// Opening and Closing are what was on the account before the first line and after the
	// last, nil if the bank doesn't say.
	Opening, Closing *Balance
	// Lines are the booked entries, in the order of the file.
	Lines []Line
	// Pending is how many entries the file has that aren't booked: announced ones, and
	// those that were never carried out.
	Pending int
}

// Balance is what was on an account. The amount is below zero if it was overdrawn.
type Balance struct {
	Amount money.Amount
	On     time.Time // midnight UTC; zero if the bank doesn't say
}

// Line is one movement on the account.
type Line struct {
	// Place is where the line stands in the file, for people: "line 12", "row 7".
	Place string
	// ID is the bank's name for the line as it is. It may be empty, and may repeat.
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
	// Returned says that the bank marks the line as a payment that came back, or a booking
	// that was undone.
	Returned bool
	// ReasonCode is the bank's code of why, such as AC01 (wrong account number).
	ReasonCode string
	// Reason is why in the bank's words.
	Reason string
	// Problem is not nil if the line can't be booked. What could be read of it is above.
	Problem *LineProblem
}

// LineProblem says why a line can't be booked.
type LineProblem struct {
	Code   string // stable, one of the constants
	Reason string // in words
}

// The codes of problems.
const (
	BadAmount        = "bad_amount"
	BadDate          = "bad_date"
	OtherCurrency    = "other_currency"
	TextTooLong      = "text_too_long"
	DirectionUnknown = "direction_unknown"
	BatchDiffers     = "batch_differs"
	BadLine          = "bad_line" // another of its cells or elements can't be understood
)

// FileError says where a file is wrong, and what was expected there.
type FileError struct {
	Line   int    // in the file, from 1; 0 if it is about the whole file
	Path   string // the element, such as Document/BkToCstmrStmt/Stmt/Ntry/Amt, or the column; may be empty
	Reason string
	// Message is Reason, to be said in other languages.
	Message *message.Message
}

// fileError returns the error of a line, 0 for the whole file, and of an element or column in
// it, which may be empty.
func fileError(line int, path, format string, values ...any) *FileError {
	m := message.New(format, values...)
	return &FileError{line, path, m.English(), &m}
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

// place is where in a file something stands.
type place struct {
	line int
	path string
}

func (p place) errorf(format string, values ...any) error {
	return fileError(p.line, p.path, format, values...)
}

// oneLine joins texts with a space, each without white space at its ends or line
// breaks inside, and leaves empty ones out.
func oneLine(texts ...string) string {
	return strings.Join(strings.Fields(strings.Join(texts, " ")), " ")
}

// clip keeps an error message short when the offending text is not.
func clip(text string) string {
	const most = 60
	characters := 0
	for at := range text {
		if characters == most {
			return text[:at] + "…"
		}
		characters++
	}
	return text
}
