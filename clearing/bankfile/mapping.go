package bankfile

import (
	"slices"
	"strings"
)

// Mapping says which columns of an export mean what, by their names in the header. Required
// are Date, and either Amount, or Credit and Debit. An Amount has a sign, or there is Direction.
type Mapping struct {
	Date   string `json:"date"`
	Amount string `json:"amount,omitempty"`
	// Signed says that the bank writes a minus before what went out, even if a file has none.
	Signed bool `json:"signed,omitempty"`
	// Direction is the column that says which way Amount went: in words that banks commonly
	// use, in CreditWords for money that came in, or in DebitWords for money that went out.
	Direction   string   `json:"direction,omitempty"`
	CreditWords []string `json:"credit_words,omitempty"`
	DebitWords  []string `json:"debit_words,omitempty"`
	Credit      string   `json:"credit,omitempty"`
	Debit       string   `json:"debit,omitempty"`
	// SignedDebits says that what went out has a minus beside a direction or in a column of
	// its own; without it such a minus is a booking that was undone.
	SignedDebits bool     `json:"signed_debits,omitempty"`
	ID           string   `json:"id,omitempty"`
	Reference    string   `json:"reference,omitempty"`
	Text         []string `json:"text,omitempty"` // joined in this order
	Counterparty string   `json:"counterparty,omitempty"`
	Currency     string   `json:"currency,omitempty"`
	Balance      string   `json:"balance,omitempty"` // after the line
	Account      string   `json:"account,omitempty"` // whose line it is, not the other side's
	Returned     string   `json:"returned,omitempty"`
	ReasonCode   string   `json:"reason_code,omitempty"`
	Reason       string   `json:"reason,omitempty"`
}

// What a column means.
const (
	dateColumn         = "date"
	amountColumn       = "amount"
	directionColumn    = "direction"
	creditColumn       = "credit"
	debitColumn        = "debit"
	idColumn           = "id"
	referenceColumn    = "reference"
	textColumn         = "text"
	counterpartyColumn = "counterparty"
	currencyColumn     = "currency"
	balanceColumn      = "balance"
	accountColumn      = "account"
	returnedColumn     = "returned"
	reasonCodeColumn   = "reason_code"
	reasonColumn       = "reason"
	statusColumn       = "status"
)

// named is a column of a mapping.
type namedColumn struct{ meaning, name string }

// columns returns the columns that a mapping names.
func (m *Mapping) columns() []namedColumn {
	all := []namedColumn{
		{dateColumn, m.Date},
		{amountColumn, m.Amount},
		{directionColumn, m.Direction},
		{creditColumn, m.Credit},
		{debitColumn, m.Debit},
		{idColumn, m.ID},
		{referenceColumn, m.Reference},
		{counterpartyColumn, m.Counterparty},
		{currencyColumn, m.Currency},
		{balanceColumn, m.Balance},
		{accountColumn, m.Account},
		{returnedColumn, m.Returned},
		{reasonCodeColumn, m.ReasonCode},
		{reasonColumn, m.Reason},
	}
	for _, text := range m.Text {
		all = append(all, namedColumn{textColumn, text})
	}
	return slices.DeleteFunc(all, func(c namedColumn) bool { return columnName(c.name) == "" })
}

// Validate returns a [*FieldError] if a mapping can't tell the date or the amount of a line, or
// contradicts itself. Whether the columns are there only a file shows.
func (m *Mapping) Validate() error {
	if e := m.check(); e != nil {
		return e
	}
	return nil
}

func (m *Mapping) check() *FieldError {
	hasAmount, hasCredit, hasDebit := columnName(m.Amount) != "", columnName(m.Credit) != "", columnName(m.Debit) != ""
	switch {
	case columnName(m.Date) == "":
		return fieldError(dateColumn, "is required: the column with the day of booking")
	case hasAmount && (hasCredit || hasDebit):
		return fieldError(amountColumn, "is one way to say what was moved, credit and debit are the other; name one of them")
	case !hasAmount && !hasCredit && !hasDebit:
		return fieldError(amountColumn, "is required, or credit and debit are")
	case !hasAmount && !hasCredit:
		return fieldError(creditColumn, "is required beside debit: the column with what came in")
	case !hasAmount && !hasDebit:
		return fieldError(debitColumn, "is required beside credit: the column with what went out")
	case columnName(m.Direction) != "" && !hasAmount:
		return fieldError(directionColumn, "belongs to amount; credit and debit say the direction themselves")
	case m.Signed && (!hasAmount || columnName(m.Direction) != ""):
		return fieldError("signed", "is said of an amount that has no column for its direction")
	case columnName(m.Direction) == "" && len(m.CreditWords)+len(m.DebitWords) > 0:
		return fieldError(directionColumn, "is required: the column in which the words of credit_words and debit_words stand")
	}
	for _, c := range m.columns() {
		if e := checkText(c.meaning, c.name, true, mostBank); e != nil {
			return e
		}
	}
	if len(m.Text) > mostTexts {
		return fieldError(textColumn, "names %d columns; it may name %d", len(m.Text), mostTexts)
	}
	return m.checkWords()
}

const mostTexts = 20

func (m *Mapping) checkWords() *FieldError {
	credit := map[string]bool{}
	for _, w := range m.CreditWords {
		credit[directionWord(w)] = true
	}
	for _, w := range m.DebitWords {
		if credit[directionWord(w)] {
			return fieldError("debit_words", "%q is one of credit_words too", clip(w))
		}
	}
	for field, words := range map[string][]string{"credit_words": m.CreditWords, "debit_words": m.DebitWords} {
		if slices.ContainsFunc(words, func(w string) bool { return directionWord(w) == "" }) {
			return fieldError(field, "one of the words is empty")
		}
		if len(words) > mostTexts {
			return fieldError(field, "there are %d words; there may be %d", len(words), mostTexts)
		}
	}
	return nil
}

// words returns the words of a mapping, and whether each means credit.
func (m *Mapping) words() map[string]bool {
	words := make(map[string]bool, len(m.CreditWords)+len(m.DebitWords))
	for _, w := range m.CreditWords {
		words[directionWord(w)] = true
	}
	for _, w := range m.DebitWords {
		words[directionWord(w)] = false
	}
	return words
}

// quoted lists names for a message.
func quoted(names []string) string {
	const most = 40
	shown := make([]string, 0, min(len(names), most))
	for _, n := range names {
		if n == "" {
			continue
		}
		if len(shown) == most {
			shown = append(shown, "…")
			break
		}
		shown = append(shown, clip(n))
	}
	return strings.Join(shown, ", ")
}
