package settlement

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/reference"
	"github.com/lianka/lianka/clearing/window"
)

// State is what is known of a circle's closed windows: what is open of those that
// are not settled, and what a command names.
type State struct {
	Alliance     clearing.Alliance
	Settlements  []*Lifecycle // the oldest first
	Merchants    map[string]*clearing.Merchant
	Accounts     map[Payee]Account                 // bank accounts, if payouts are to be sent; custody's, if a statement is imported
	Transactions map[int64]ledger.Transaction      // that a command names
	Bookings     map[int64]*Booking                // of custody, by their transactions: those that a command names, and what was booked since
	Lines        []*ImportedLine                   // lines of bank statements that wait, that a command names, and those that were imported since
	Earlier      []*ImportedLine                   // lines on the days of a statement that is imported
	Twins        map[identity]int64                // what other files say of those, and which line it is
	Balance      func(ledger.Account) money.Amount // debit positive
	SentUnread   money.Amount                      // commission on its way that was not read, if payouts are to be sent

	LastDispute int64
	LastRun     int64
	Next        int64 // the number of the transaction that is made next

	Runs             []*Run  // made since it was saved
	NewTwins         []Twin  // found since it was saved
	Fates            []Fate  // what became of each line of the newest import
	Reading          Reading // how the newest file was read, if it was imported since it was saved
	merchantsChanged bool    // a shop's status has changed since it was saved
}

// Lifecycle is a closed window and what has become of it.
type Lifecycle struct {
	Period      string
	FirstSeq    int64
	ClosedSeq   int64
	Phase       Phase
	Policy      window.Settling
	ReviewUntil time.Time
	ApprovedAt  time.Time     // zero: not yet
	SettledAt   time.Time     // zero: not yet
	Obliged     int           // how many obligations there are
	Undone      int           // how many of them something is left to do of
	Obligations []*Obligation // those that were read, in the order of their numbers
	Disputes    []*Dispute    // those that were read, in the order of their numbers
	Creditors   []Net         // whom the snapshot gives money, in the order of their codes; none once all is settled

	changed bool
	digest  [32]byte
}

// Net is what the snapshot gives a party.
type Net struct {
	Party  string
	Amount money.Amount
}

func (s *State) amount(minor int64) money.Amount { return s.Alliance.Currency.Minor(minor) }

func (s *State) zero() money.Amount { return s.Alliance.Currency.Zero() }

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

// sort puts the oldest settlements first.
func (s *State) sort() {
	slices.SortFunc(s.Settlements, func(x, y *Lifecycle) int { return cmp.Compare(x.Period, y.Period) })
}

// settleDone settles what nothing is left to do of, the oldest first.
func (s *State) settleDone(p *posting, at time.Time) {
	for _, x := range s.Settlements {
		if x.Phase == Settled {
			continue
		}
		if !x.payable() || x.hasDisputedAmount() || x.Undone > 0 {
			return
		}
		if x.advance(AllDone) != nil {
			return
		}
		x.SettledAt = at
		p.record(Event{Type: SettlementSettled, Period: x.Period})
	}
}

// add makes an obligation the settlement's next.
func (x *Lifecycle) add(allianceID int64, o *Obligation) error {
	o.Number = x.Obliged + 1
	var err error
	if o.Reference, err = reference.New(allianceID, o.Period, o.Number); err != nil {
		return err
	}
	x.Obligations = append(x.Obligations, o)
	x.Obliged++
	x.Undone++
	x.changed = true
	return nil
}

// numbered returns an obligation that must have been read.
func (x *Lifecycle) numbered(number int) (*Obligation, error) {
	i, found := slices.BinarySearchFunc(x.Obligations, number, func(o *Obligation, n int) int { return cmp.Compare(o.Number, n) })
	if !found {
		return nil, fmt.Errorf("obligation %d of %s was not read", number, x.Period)
	}
	return x.Obligations[i], nil
}

// hasOpenDispute reports whether a dispute of the settlement waits for an answer.
func (x *Lifecycle) hasOpenDispute() bool {
	return slices.ContainsFunc(x.Disputes, func(d *Dispute) bool { return d.Verdict == Open })
}

// hasDisputedAmount reports whether a dispute of the settlement that waits for an answer
// keeps an amount out of it. One that keeps out nothing is no reason to wait.
func (x *Lifecycle) hasDisputedAmount() bool {
	return slices.ContainsFunc(x.Disputes, func(d *Dispute) bool { return d.Disputed().Sign() > 0 })
}

// payable reports whether money may move for the settlement.
func (x *Lifecycle) payable() bool {
	return x.Phase == Approved || x.Phase == Paying || x.Phase == Settled
}

// advance moves a settlement on. The table says whether that can be.
func (x *Lifecycle) advance(by Cause) error {
	next, err := NextPhase(x.Phase, by)
	if err != nil {
		return fmt.Errorf("settlement %s: %w", x.Period, err)
	}
	x.Phase, x.changed = next, true
	return nil
}

// move moves an obligation on. The table says whether that can be.
func (x *Lifecycle) move(o *Obligation, by Cause) error {
	next, err := NextStatus(o.Status, by)
	if err != nil {
		return fmt.Errorf("%s: %w", o.Reference, err)
	}
	switch {
	case next.Done() && !o.Status.Done():
		x.Undone--
		x.changed = true
	case !next.Done() && o.Status.Done():
		x.Undone++
		x.changed = true
	}
	o.Status, o.changed = next, true
	return nil
}

// party reports whether a code is the organiser's or a merchant's.
func (s *State) party(code string) bool {
	return code == clearing.Organiser || s.Merchants[code] != nil
}

// knownParty refuses who is neither the organiser nor a merchant of the circle.
func (s *State) knownParty(code string) error {
	if s.party(code) {
		return nil
	}
	return refuse(CodeUnknownParty, "%q is not a party of this circle: neither a merchant nor %q", code, clearing.Organiser)
}

// merchant returns a merchant, or refuses.
func (s *State) merchant(code string) (*clearing.Merchant, error) {
	if merchant := s.Merchants[code]; merchant != nil {
		return merchant, nil
	}
	return nil, refuse(CodeUnknownParty, "no merchant %q is in this circle", code)
}

// knownSettlement returns the settlement of a period, or refuses.
func (s *State) knownSettlement(period string) (*Lifecycle, error) {
	if x := s.settlement(period); x != nil {
		return x, nil
	}
	return nil, refuse(CodeUnknownSettlement, "there is no settlement of %q: that window is not closed yet, or does not exist", period)
}

// parseAmount reads an amount that must be above zero.
func (s *State) parseAmount(text string) (money.Amount, error) {
	amount, err := money.Parse(text, s.Alliance.Currency)
	if err != nil {
		return amount, refuse(CodeInvalidAmount, "amount: %v", err)
	}
	if amount.IsZero() {
		return amount, refuse(CodeInvalidAmount, "amount must be above zero")
	}
	return amount, nil
}
