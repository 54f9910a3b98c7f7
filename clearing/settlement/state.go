package settlement

import (
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// State is what is known of a circle's closed windows: those that are not settled,
// and those that a command names. Amounts are in minor units of the circle's
// currency, and never below zero unless they say otherwise.
type State struct {
	Circle      clearing.Circle
	Settlements []*Lifecycle // the oldest first
	Shops       map[string]*clearing.Shop
	Accounts    map[Payee]Account            // bank accounts, if payouts are to be sent
	Lines       map[int64]ledger.Transaction // transactions that a command names
	KnownLines        map[string]bool              // lines of bank statements that were imported
	Balance     func(ledger.Account) int64   // debit positive

	LastDispute int64
	LastRun     int64

	Runs     []*Run         // made since it was saved
	Imported []ImportedLine // since it was saved
	shopsChanged    bool           // the standing of a shop has changed since it was saved
}

// Settlement is a closed window and what has become of it.
type Lifecycle struct {
	Period      string
	FirstSeq    int64
	ClosedSeq   int64
	Phase       Phase
	Policy      clearing.Settling
	ReviewUntil time.Time
	ApprovedAt  time.Time // zero: not yet
	SettledAt   time.Time // zero: not yet
	Obligations []*Obligation
	Disputes    []*Dispute
	Creditors   []Net // whom the snapshot gives money, in the order of their codes

	changed bool
	digest  [32]byte
}

// Net is what the snapshot gives a party.
type Net struct {
	Party  string
	Amount int64
}

// Kind tells obligations apart.
type Kind string

// The kinds of obligations.
const (
	Collection Kind = "collection" // of a party to custody
	Payout     Kind = "payout"     // of custody to a party
	Direct     Kind = "direct"     // of a party to another one
	Commission Kind = "commission" // of custody to a member
)

// Obligation is one payment that a settlement asks for.
type Obligation struct {
	Period    string
	Number    int // in its period, from 1: the transfers as they are numbered, then the others
	Reference string
	Kind      Kind
	Payer     string
	Payee     string // a member if it is a commission
	Covers    int    // of a payout in the place of a direct transfer that was not paid: its number
	Amount    int64
	Disputed      int64 // disputed
	Carried   int64 // taken back to the open window
	Paid      int64
	Sent      int64   // on its way in a payment run
	Parts     []int64 // that were paid through a bank and have not come back, the newest last
	Drawn     int64   // the part of Paid that came out of a deposit
	Status    Status
	DueAt     time.Time // zero: not approved yet, or nothing that a party owes
	RemindAt  time.Time // zero: no more
	DefaultAt time.Time
	Reminders int
	Returns   int
	Run       int64 // the newest payment run, or 0
	Bearers   []Bearer

	fresh   bool // it came with the closing, and is not on disk
	changed bool
}

// Outstanding returns what is still to be paid, and may be.
func (o *Obligation) Outstanding() int64 { return o.Amount - o.Disputed - o.Carried - o.Paid - o.Sent }

// owed reports whether the obligation is one of a party.
func (o *Obligation) owed() bool { return o.Kind == Collection || o.Kind == Direct }

// PaidTo returns the party to whose bank account a party pays: custody, or of a
// direct transfer the payee until custody has stepped in; empty if custody pays.
func (o *Obligation) PaidTo() string {
	switch {
	case !o.owed():
		return ""
	case o.paidTo(o.Payee):
		return o.Payee
	}
	return clearing.Custody
}

// payee returns whose bank account a payout goes to.
func (o *Obligation) payee() Payee { return Payee{Member: o.Kind == Commission, Code: o.Payee} }

// Bearer is a party that bore a part of a loss.
type Bearer struct {
	Party     string `json:"party"`
	Borne     int64  `json:"borne"`
	Recovered int64  `json:"recovered"`
}

// Verdict is what became of a dispute.
type Verdict string

// The verdicts.
const (
	Open      Verdict = "open"
	Refused   Verdict = "refused"
	Adjusted  Verdict = "adjusted"
	Withdrawn Verdict = "withdrawn"
)

// Dispute is a line of a closed window that a party objects to.
type Dispute struct {
	Number     int64 // in the circle, from 1
	Period     string
	Party      string
	Seq        int64 // the transaction
	Effect     int64 // on the party's position; positive: in its favour
	DisputedAmounts      []DisputedAmount
	Reason     string
	Verdict    Verdict
	OpenedAt   time.Time
	AnsweredAt time.Time // zero: not yet
	Answer     string
	Against    string // of an adjustment: the other side
	Adjusted   int64

	changed bool
}

// Disputed returns how much the dispute holds out of obligations now.
func (d *Dispute) Disputed() int64 {
	held := int64(0)
	if d.Verdict == Open {
		for _, h := range d.DisputedAmounts {
			held += h.Amount
		}
	}
	return held
}

// DisputedAmount is how much of an obligation a dispute holds out of it.
type DisputedAmount struct {
	Number int   `json:"number"` // of the obligation
	Amount int64 `json:"amount"`
}

// Payee is whom custody pays.
type Payee struct {
	Member bool
	Code   string
}

// Account is a bank account, as it is written in a payment file.
type Account = bankfile.Account

// Run is what is given to the bank at one time.
type Run struct {
	Number    int64
	MadeAt    time.Time
	ExecuteOn time.Time // a date
	Debtor    Account
	Orders    []PaymentOrder
}

// Total returns the sum of the run's orders.
func (r *Run) Total() int64 {
	total := int64(0)
	for _, o := range r.Orders {
		total += o.Amount
	}
	return total
}

// PaymentOrder is one payment of a run.
type PaymentOrder struct {
	Period    string
	Number    int
	Reference string
	Amount    int64
	Payee     Account
}

func (s *State) amount(minor int64) money.Amount { return s.Circle.Currency.Minor(minor) }

// settlement returns the one of a period, or nil.
func (s *State) settlement(period string) *Lifecycle {
	for _, x := range s.Settlements {
		if x.Period == period {
			return x
		}
	}
	return nil
}

// obligation returns the one that a reference names, with its settlement, or nil.
func (s *State) obligation(reference string) (*Lifecycle, *Obligation) {
	for _, x := range s.Settlements {
		for _, o := range x.Obligations {
			if o.Reference == reference {
				return x, o
			}
		}
	}
	return nil, nil
}

// dispute returns the one of a number, with its settlement, or nil.
func (s *State) dispute(number int64) (*Lifecycle, *Dispute) {
	for _, x := range s.Settlements {
		for _, d := range x.Disputes {
			if d.Number == number {
				return x, d
			}
		}
	}
	return nil, nil
}

// disputed reports whether a dispute of the settlement waits for an answer.
func (x *Lifecycle) disputed() bool {
	for _, d := range x.Disputes {
		if d.Verdict == Open {
			return true
		}
	}
	return false
}

// payable reports whether money may move for the settlement.
func (x *Lifecycle) payable() bool {
	return x.Phase == Approved || x.Phase == Paying || x.Phase == Settled
}

// party reports whether a code is the organiser's or a merchant's.
func (s *State) party(code string) bool { return code == clearing.Organiser || s.Shops[code] != nil }
