package settlement

import "time"

// Approve ends the review of a settlement early. Only the organiser may.
type Approve struct{ Period string }

// OpenDispute objects to a line of a settlement under review: a transaction that
// moved the party's position in that window.
type OpenDispute struct {
	Period string
	Party  string
	Seq    int64
	Reason string
}

// AdjustDispute answers a dispute with an adjustment in the open window, in favour
// of who disputed and against another party.
type AdjustDispute struct {
	Dispute int64
	Against string
	Amount  string
	Answer  string
}

// RefuseDispute answers a dispute with no.
type RefuseDispute struct {
	Dispute int64
	Answer  string
}

// WithdrawDispute takes a dispute back. Party is who asks; empty: the organiser.
type WithdrawDispute struct {
	Dispute int64
	Party   string
}

// Adjust corrects the books between two parties in the open window. Corrects is the
// transaction that it is about, or 0.
type Adjust struct {
	From     string // whose position is lowered
	To       string // whose position is raised
	Amount   string
	Reason   string
	Corrects int64
}

// LodgeDeposit books a deposit that a merchant has paid in to cover what it may
// come to owe.
type LodgeDeposit struct {
	Merchant string
	Amount   string
	Note     string
}

// ReturnDeposit books that a deposit, or a part of it, was paid back.
type ReturnDeposit struct {
	Merchant string
	Amount   string
	Note     string
}

// RemitTax books that tax which was kept back was paid to the tax office.
type RemitTax struct {
	Amount string
	Note   string
}

// ReceivePayment books money that has arrived: for the obligation that Reference
// names, or for a party's oldest ones. Payee is who says so, if it is not the
// organiser: a direct transfer may be booked by who received it.
type ReceivePayment struct {
	Reference string
	Party     string
	Amount    string
	Note      string
	Payee     string
}

// SendPayouts puts all that custody is to pay, and can, into a payment run.
// ExecuteOn is a date such as 2026-11-06; empty: the day it is made.
type SendPayouts struct{ ExecuteOn string }

// ConfirmPayout books that the bank has paid. What was not in a run yet counts as
// paid by hand.
type ConfirmPayout struct {
	Reference string
	Note      string
}

// ReturnPayout books that the bank has sent money back.
type ReturnPayout struct {
	Reference string
	Reason    string
}

// ImportStatement takes the lines of a bank statement for what they say, or lists
// them as not matched.
type ImportStatement struct {
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
	Amount       int64
	References   []string // valid ones that it names, each once
	Text         string
	Counterparty string
}

// GiveNotice says that a merchant leaves at an instant.
type GiveNotice struct {
	Merchant string
	LeavesAt time.Time
}

// Reinstate lets a suspended merchant sell again, once it has paid.
type Reinstate struct{ Merchant string }

// SettlementCommand marks the command as one about closed windows.
func (Approve) SettlementCommand() {}

// SettlementCommand marks the command as one about closed windows.
func (OpenDispute) SettlementCommand() {}

// SettlementCommand marks the command as one about closed windows.
func (AdjustDispute) SettlementCommand() {}

// SettlementCommand marks the command as one about closed windows.
func (RefuseDispute) SettlementCommand() {}

// SettlementCommand marks the command as one about closed windows.
func (WithdrawDispute) SettlementCommand() {}

// SettlementCommand marks the command as one about closed windows.
func (Adjust) SettlementCommand() {}

// SettlementCommand marks the command as one about closed windows.
func (LodgeDeposit) SettlementCommand() {}

// SettlementCommand marks the command as one about closed windows.
func (ReturnDeposit) SettlementCommand() {}

// SettlementCommand marks the command as one about closed windows.
func (RemitTax) SettlementCommand() {}

// SettlementCommand marks the command as one about closed windows.
func (ReceivePayment) SettlementCommand() {}

// SettlementCommand marks the command as one about closed windows.
func (SendPayouts) SettlementCommand() {}

// SettlementCommand marks the command as one about closed windows.
func (ConfirmPayout) SettlementCommand() {}

// SettlementCommand marks the command as one about closed windows.
func (ReturnPayout) SettlementCommand() {}

// SettlementCommand marks the command as one about closed windows.
func (ImportStatement) SettlementCommand() {}

// SettlementCommand marks the command as one about closed windows.
func (GiveNotice) SettlementCommand() {}

// SettlementCommand marks the command as one about closed windows.
func (Reinstate) SettlementCommand() {}
