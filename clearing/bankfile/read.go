package bankfile

import (
	"bytes"

	"github.com/lianka/lianka/clearing/money"
)

// Options say what a file of a bank doesn't.
type Options struct {
	// Currency is the circle's.
	Currency money.Currency
	// Account is whose export it is, if that doesn't say so itself; it may be empty.
	Account string
	// Profile names how an export is read; empty: the profile is chosen by the header.
	Profile string
	// Mapping says what the columns are, where no profile fits.
	Mapping *Mapping
}

// Mapping says which columns of an export mean what, by their names in the header. Date is
// required, and either Amount, or Credit and Debit. An amount without a sign needs Direction.
type Mapping struct {
	Date         string   `json:"date"`
	Amount       string   `json:"amount,omitempty"`
	Direction    string   `json:"direction,omitempty"`
	CreditWords  []string `json:"credit_words,omitempty"` // what stands in Direction of money that came in, beside the words that are known
	DebitWords   []string `json:"debit_words,omitempty"`  // and of money that went out
	Credit       string   `json:"credit,omitempty"`
	Debit        string   `json:"debit,omitempty"`
	ID           string   `json:"id,omitempty"`
	Reference    string   `json:"reference,omitempty"`
	Text         []string `json:"text,omitempty"`
	Counterparty string   `json:"counterparty,omitempty"`
	Currency     string   `json:"currency,omitempty"`
	Returned     string   `json:"returned,omitempty"`
	ReasonCode   string   `json:"reason_code,omitempty"`
	Reason       string   `json:"reason,omitempty"`
}

// Read reads a bank's file: camt.053, CSV or XLSX, told apart by content. The error is a
// [*FileError]: the file is refused whole.
func Read(content []byte, o Options) (*File, error) {
	if looksLikeXML(content) {
		statements, err := ReadCamt053(bytes.NewReader(content))
		if err != nil {
			return nil, err
		}
		return &File{Format: Camt053, Statements: statements}, nil
	}
	s, err := ReadStatementCSV(bytes.NewReader(content), o.Currency)
	if err != nil {
		return nil, err
	}
	s.Account = o.Account
	return &File{Format: CSV, Profile: "generic", Statements: []Statement{s}}, nil
}

func looksLikeXML(content []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(content, []byte(byteOrderMark))), []byte("<"))
}
