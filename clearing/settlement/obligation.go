package settlement

import (
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/reference"
	"github.com/lianka/lianka/clearing/window"
)

// Kind tells obligations apart.
type Kind string

// The kinds of obligations.
const (
	Collection Kind = "collection" // of a party to custody
	Payout     Kind = "payout"     // of custody to a party
	Direct     Kind = "direct"     // of a party to another one
	Commission Kind = "commission" // of custody to a member
)

// Obligation is one payment that a settlement asks for. Its amounts are never below
// zero.
type Obligation struct {
	Period    string
	Number    int // in its period, from 1: the transfers as they are numbered, then the others
	Reference string
	Kind      Kind
	Payer     string
	Payee     string // a member if it is a commission
	Covers    int    // of a payout that replaces an unpaid direct transfer: the number of that transfer
	Amount    money.Amount
	Disputed  money.Amount
	Carried   money.Amount // taken back to the open window
	Paid      money.Amount
	Sent      money.Amount // in a payment run, not confirmed yet
	Payments  []Payment    // that moved, or were to move, the newest last; not what was set off or drawn
	Drawn     money.Amount // the part of Paid that came out of a deposit
	Status    Status
	DueAt     time.Time // zero: not approved yet, or nothing that a party owes
	RemindAt  time.Time // zero: no more
	DefaultAt time.Time
	// DefaultedAt is when its party defaulted on it last; zero: it has not.
	DefaultedAt time.Time
	Reminders   int
	Returns     int
	Run         int64 // the newest payment run, or 0
	Bearers     []Bearer

	unsaved bool // it came with the closing, and is not on disk
	changed bool
}

// Bearer is a party that bore a part of a loss.
type Bearer struct {
	Party     string
	Borne     money.Amount
	Recovered money.Amount
}

// left returns what the bearer has not got back.
func (b Bearer) left() money.Amount { return b.Borne.Minus(b.Recovered) }

// bear adds a part of a loss to what a party bears.
func (o *Obligation) bear(party string, part money.Amount) {
	for i := range o.Bearers {
		if o.Bearers[i].Party == party {
			o.Bearers[i].Borne = o.Bearers[i].Borne.Plus(part)
			return
		}
	}
	o.Bearers = append(o.Bearers, Bearer{Party: party, Borne: part, Recovered: part.Currency().Zero()})
}

// newObligation returns an obligation of a settlement, of which nothing has been paid.
func newObligation(x *Lifecycle, kind Kind, payer, payee string, amount money.Amount) *Obligation {
	zero := amount.Currency().Zero()
	o := &Obligation{
		Period: x.Period, Kind: kind, Payer: payer, Payee: payee, Amount: amount, Disputed: zero, Carried: zero, Paid: zero, Sent: zero, Drawn: zero,
		Status: Payable,
	}
	if o.owed() {
		o.Status = Due
	}
	return o
}

// Outstanding returns what is still to be paid and is neither disputed nor sent.
func (o *Obligation) Outstanding() money.Amount {
	return o.Amount.Minus(o.Disputed).Minus(o.Carried).Minus(o.Paid).Minus(o.Sent)
}

// complete reports whether all of the obligation was paid or carried.
func (o *Obligation) complete() bool { return o.Paid.Plus(o.Carried) == o.Amount }

// owed reports whether the obligation is one of a party.
func (o *Obligation) owed() bool { return o.Kind == Collection || o.Kind == Direct }

// direct reports whether what is paid goes to the payee itself: a direct transfer in
// whose place custody does not pay. After a default custody has paid the payee, so money
// for the transfer stays custody's when all of it is paid too; but not if a disputed part
// fell due afterwards, which the party owes the payee again.
func (o *Obligation) direct() bool {
	if o.Kind != Direct {
		return false
	}
	return !o.inDefault()
}

// inDefault reports whether the loss of what was not paid in time was borne, whatever came
// after that.
func (o *Obligation) inDefault() bool {
	return o.Status == Defaulted || (o.Status == Paid && !o.DefaultedAt.IsZero())
}

// PaidTo returns the party to whose bank account a party pays: custody, or of a
// direct transfer the payee until custody pays in its place; empty if custody pays.
func (o *Obligation) PaidTo() string {
	switch {
	case !o.owed():
		return ""
	case o.direct():
		return o.Payee
	}
	return clearing.Custody
}

// payee returns whose bank account a payout goes to.
func (o *Obligation) payee() Payee { return Payee{Member: o.Kind == Commission, Code: o.Payee} }

// ReferenceCovered returns the reference of the transfer in whose place custody
// pays; empty: it is in the place of none.
func (o *Obligation) ReferenceCovered(allianceID int64) (string, error) {
	if o.Covers == 0 {
		return "", nil
	}
	return reference.New(allianceID, o.Period, o.Covers)
}

// merchant returns the merchant that a payout goes to, or "".
func (o *Obligation) merchant() string {
	if o.Kind == Commission {
		return ""
	}
	return merchantOf(o.Payee)
}

// member returns the member that a payout goes to, or "".
func (o *Obligation) member() string {
	if o.Kind == Commission {
		return o.Payee
	}
	return ""
}

// merchantOf returns the code of a party if it is a merchant's.
func merchantOf(party string) string {
	if party == clearing.Organiser {
		return ""
	}
	return party
}

// setDue sets when an obligation is due, counted from an instant.
func (s *State) setDue(o *Obligation, policy window.Settling, from time.Time) {
	o.DueAt = s.days(from, policy.PaymentDays)
	o.RemindAt, o.DefaultAt = o.DueAt, s.days(from, policy.PaymentDays+policy.GraceDays)
	o.changed = true
}

// days returns the same time of day in the circle's calendar, n days after an instant.
func (s *State) days(at time.Time, n int) time.Time {
	return window.AddDays(at, n, s.Alliance.Location)
}
