package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/merchant"
)

// Setup is what an organiser has set a circle up with.
type Setup struct {
	Currency  money.Currency
	Terms     []Terms // by version, from 1; the last is in force
	Merchants map[string]*merchant.Merchant
	Products  map[string]*Product
}

// HasLeft reports whether a party is a merchant that had left by an instant.
func (s *Setup) HasLeft(party string, at time.Time) bool {
	m := s.Merchants[party]
	return m != nil && m.Left && !m.LeavesAt.After(at)
}

// Current returns the terms in force.
func (s *Setup) Current() *Terms { return &s.Terms[len(s.Terms)-1] }

// Version returns the terms of a version.
func (s *Setup) Version(version int) *Terms { return &s.Terms[version-1] }

// State is a circle as the rule book sees it: all of it, or what some commands
// name. What a command names and the state lacks is unknown to the circle.
type State struct {
	Registry  *Registry
	Setup     *Setup
	Cards     map[string]*Card
	Members   map[string]*Member
	Positions map[string]money.Amount // of merchants that act; positive: the circle owes them
	Owed      map[string]money.Amount // of the same: what they still owe for closed months
	Late      map[string]Uploads      // of the same: what they have uploaded late in this window
	Log       map[int64]*Original     // transactions that may be reversed
	Keys      map[Reference]int64     // their numbers by caller and key
	Due       Agenda
	Changes   *Changes // what records have changed, for whoever saves it; nil: nobody asks
}

// NewState returns the state of a circle in which nothing has happened.
func NewState(registry *Registry, setup *Setup) *State {
	return &State{
		Registry:  registry,
		Setup:     setup,
		Cards:     make(map[string]*Card),
		Members:   make(map[string]*Member),
		Positions: make(map[string]money.Amount),
		Owed:      make(map[string]money.Amount),
		Late:      make(map[string]Uploads),
		Log:       make(map[int64]*Original),
		Keys:      make(map[Reference]int64),
	}
}

// Card is a card and the balances of its three accounts.
type Card struct {
	Code       string
	Product    string
	Member     string
	Home       string // the merchant that sold it; "" if it was sold online
	SoldSeq    int64
	SoldAt     time.Time
	ExpiresAt  time.Time // zero: never
	Cancelled  bool
	Frozen     bool
	Expired    bool
	Value      money.Amount // stored value bought
	Bonus      money.Amount // stored value granted
	Pool       money.Amount // what backs its passes
	Points     int64
	Unreversed int   // its uses that are not reversed in full
	UsesLeft   []int // of each benefit of the product
	LastSeq    int64 // its newest transaction
}

// Status is the one word for a card's condition.
type Status string

// The statuses, the first that applies counts.
const (
	Cancelled Status = "cancelled"
	Frozen    Status = "frozen"
	Expired   Status = "expired"
	Active    Status = "active"
)

// Status returns the first that applies of cancelled, frozen, expired, active.
func (c *Card) Status() Status {
	switch {
	case c.Cancelled:
		return Cancelled
	case c.Frozen:
		return Frozen
	case c.Expired:
		return Expired
	}
	return Active
}

// Member is a member and the two above it. Both are bound by the member's first
// purchase, for good; "" if there is none.
type Member struct {
	Code     string
	Referrer string
	Second   string
}

// Original is a transaction that may be reversed, and what has become of it.
type Original struct {
	Record
	Undone   money.Amount // of one that is reversed in parts: the part reversed so far
	InFull   bool         // it is reversed in full
	Released [3]bool      // of a sale, by level: the commission left its hold
}
