package settlement

import (
	"strconv"
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Event is a change of state. Number is its [ledger.EventNumber], so events sort in the
// order of the log. What doesn't apply is empty.
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

// The types of events that several commands or deadlines make. Others are declared in
// the file of the command that makes them.
const (
	SettlementClosed   = "settlement.closed"
	SettlementInReview = "settlement.in_review"
	SettlementPaying   = "settlement.paying"
	SettlementSettled  = "settlement.settled"
	PaymentDue         = "payment.due"
	PayoutPayable      = "payout.payable"
)

// Receipt is the answer to a command about closed windows: all that it changed.
type Receipt struct {
	Transaction string      `json:"transaction"`
	Type        ledger.Type `json:"type"`
	BookedAt    time.Time   `json:"booked_at"`
	Events      []Event     `json:"events"`
}

// obligationEvent returns an event about an obligation.
func obligationEvent(o *Obligation, kind string, amount money.Amount, data ...string) Event {
	e := Event{Type: kind, Period: o.Period, Reference: o.Reference, Data: map[string]string{"amount": amount.String(), "state": string(o.Status)}}
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

// withNote adds a note to an event, if there is one.
func withNote(e Event, note string) Event {
	if note != "" {
		e.Data["note"] = note
	}
	return e
}

func itoa(n int64) string     { return strconv.FormatInt(n, 10) }
func lineID(seq int64) string { return ledger.ID(seq) }
