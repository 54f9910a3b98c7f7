package settlement

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// Event is a change of state, as callers are told of it. Number is its
// [ledger.EventNumber], so events sort in the order of the log. What does not
// apply is empty.
type Event struct {
	Number      int64             `json:"number"`
	At          time.Time         `json:"at"`
	Type        string            `json:"type"`
	Transaction string            `json:"transaction"`
	Period      string            `json:"period,omitempty"`
	Party       string            `json:"party,omitempty"`
	Member      string            `json:"member,omitempty"`
	Reference   string            `json:"reference,omitempty"` // of an obligation
	Data        map[string]string `json:"data,omitempty"`      // amounts in major units
}

// The types of events that tell of a settlement's life; transactions of the same
// types make most of them.
const (
	SettlementClosed   = "settlement.closed"
	SettlementInReview = "settlement.in_review"
	SettlementApproved = "settlement.approved"
	SettlementPaying   = "settlement.paying"
	SettlementSettled  = "settlement.settled"
	DisputeOpened      = "dispute.opened"
	DisputeRefused     = "dispute.refused"
	DisputeAdjusted    = "dispute.adjusted"
	DisputeWithdrawn   = "dispute.withdrawn"
	PositionAdjusted   = "position.adjusted"
	DepositLodged      = "deposit.lodged"
	DepositReturned    = "deposit.returned"
	DepositDrawn       = "deposit.drawn"
	PaymentDue         = "payment.due"
	PaymentReceived    = "payment.received"
	PaymentReminded    = "payment.reminded"
	PaymentDefaulted   = "payment.defaulted"
	PaymentSetOff      = "payment.set_off"
	LossShared         = "loss.shared"
	LossRecovered      = "loss.recovered"
	PayoutPayable      = "payout.payable"
	PayoutSent         = "payout.sent"
	PayoutConfirmed    = "payout.confirmed"
	PayoutReturned     = "payout.returned"
	PayoutSkipped      = "payout.skipped"
	StatementImported  = "statement.imported"
	LineUnmatched      = "statement.line_unmatched"
	TaxRemitted        = "tax.remitted"
	ShopGaveNotice     = "shop.gave_notice"
	ShopLeft           = "shop.left"
	ShopSuspended      = "shop.suspended"
	ShopReinstated     = "shop.reinstated"
)

// Receipt is the answer to a command about closed windows: all that it changed.
type Receipt struct {
	Transaction string      `json:"transaction"`
	Type        ledger.Type `json:"type"`
	BookedAt    time.Time   `json:"booked_at"`
	Events      []Event     `json:"events"`
}

// act is a transaction in the making, with the events that it brings.
type posting struct {
	ledger.Transaction
	events []Event
}

func newPosting(kind string) *posting { return &posting{Transaction: ledger.Transaction{Type: ledger.Type(kind)}} }

// move books an amount from one account to another: debit and credit. Nothing is
// booked of zero.
func (a *posting) move(s *State, debit, credit ledger.Account, minor int64) {
	if minor == 0 {
		return
	}
	a.Entries = append(a.Entries,
		ledger.Entry{Account: debit, Amount: s.amount(minor)},
		ledger.Entry{Account: credit, Amount: s.amount(-minor)})
}

// record adds an event.
func (a *posting) record(e Event) { a.events = append(a.events, e) }

// obligationEvent returns an event about an obligation.
func (s *State) obligationEvent(o *Obligation, kind string, amount int64, data ...string) Event {
	e := Event{Type: kind, Period: o.Period, Reference: o.Reference, Data: map[string]string{"amount": s.amount(amount).String(), "state": string(o.Status)}}
	switch {
	case o.Kind == Commission:
		e.Member = o.Payee
	case o.owed():
		e.Party = o.Payer
	default:
		e.Party = o.Payee
	}
	for i := 0; i+1 < len(data); i += 2 {
		e.Data[data[i]] = data[i+1]
	}
	return e
}
