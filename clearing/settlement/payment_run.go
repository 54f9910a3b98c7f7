package settlement

import (
	"time"

	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/money"
)

// Payee is whom custody pays.
type Payee struct {
	Member bool
	Code   string
}

// Account is a bank account, as it is written in a payment file.
type Account = bankfile.Account

// Run is a payment run: the payments that are given to the bank together.
type Run struct {
	Number    int64
	MadeAt    time.Time
	ExecuteOn time.Time // a date
	Debtor    Account
	Orders    []PaymentOrder
}

// PaymentOrder is one payment of a run.
type PaymentOrder struct {
	Period    string
	Number    int
	Reference string
	Attempt   string // by which the bank knows it: the reference, and which attempt to pay it this is
	Amount    money.Amount
	Payee     Account
}
