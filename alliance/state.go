package alliance

import (
	"time"

	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/merchant"
)

// Setup is how an organiser has set up a circle.
type Setup struct {
	Currency  money.Currency
	Location  *time.Location // months and days are by it; nil: UTC
	Terms     []Terms        // by version, from 1; the last is in force
	Merchants map[string]*merchant.Merchant
	Products  map[string]*Product
	Campaigns []*Campaign // by code
	Items     map[string]*Item

	Presentation presentation.Setting // what must be shown to use a card
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

// State is a circle as the rule book sees it: all of it, or only what the next commands
// name. Something that a command names and the state lacks does not exist.
type State struct {
	Registry  *Registry
	Setup     *Setup
	LastSeq   int64 // the newest transaction that it takes in: campaigns are as they stood after it
	Cards     map[string]*Card
	Members   map[string]*Member
	Joinings  map[string]Joining      // of those who are no members yet: how they were brought
	Positions map[string]money.Amount // of merchants that act; positive: the circle owes them
	Owed      map[string]money.Amount // of the same: what they still owe for closed months
	Late      map[string]Uploads      // of the same: what they have uploaded late in this window
	Log       map[int64]*Original     // transactions that may be reversed
	Keys      map[Reference]int64     // their numbers by caller and key
	Due       Agenda
	Changes   *Changes // what has to be saved; nil: nothing is collected

	// What campaigns and the mall have given. The sums of all of them are always there.
	Campaigns map[string]*CampaignSums
	Items     map[string]*ItemSums
	Gifted    map[string]*Gifted  // by member: of the members that commands concern
	Holders   map[string][]string // by member: the cards that it has, of referrers that commands concern; only with campaigns
	Partial   bool                // only what commands name is there: a member that is not in Gifted may have got gifts, one not in Holders may have cards
}

// NewState returns the state of a circle in which nothing has happened.
func NewState(registry *Registry, setup *Setup) *State {
	return &State{
		Registry:  registry,
		Setup:     setup,
		Cards:     make(map[string]*Card),
		Members:   make(map[string]*Member),
		Joinings:  make(map[string]Joining),
		Positions: make(map[string]money.Amount),
		Owed:      make(map[string]money.Amount),
		Late:      make(map[string]Uploads),
		Log:       make(map[int64]*Original),
		Keys:      make(map[Reference]int64),
		Campaigns: make(map[string]*CampaignSums),
		Items:     make(map[string]*ItemSums),
		Gifted:    make(map[string]*Gifted),
		Holders:   make(map[string][]string),
	}
}

// Card is a card and the balances of its three accounts.
type Card struct {
	Code       string
	Product    string
	Member     string // who has it
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

	ReplacedBy    *string  // the code that has taken over all; nil: it was not replaced
	Refunded      bool     // the member gave it back
	HeldSince     int64    // the transaction by which its member got it: the sale, or the newest giving
	Held          int64    // what open holds reserve of its stored value, in minor units
	Holds         int      // how many are open
	Gifts         []*Gift  // in the order of giving
	Growth        []Growth // of the windows that may count; under terms with tiers
	Redeemed      int      // of Unreversed, what rules out a cooling-off refund
	ToppedUp      int64    // principal of the top-ups that stand, in minor units
	ToppedUpBonus int64    // their bonus
	GiftBonus     int64    // bonus that gifts gave and that was not taken back
	Spent         int64    // what stands of spends and captures: what came on the card less what is on it
}

// Status is the one word for a card's condition.
type Status string

// The statuses, the first that applies counts.
const (
	Replaced  Status = "replaced"
	Cancelled Status = "cancelled"
	Refunded  Status = "refunded"
	Frozen    Status = "frozen"
	Expired   Status = "expired"
	Active    Status = "active"
)

// Status returns the first that applies of replaced, cancelled, refunded, frozen, expired,
// active.
func (c *Card) Status() Status {
	switch {
	case c.ReplacedBy != nil:
		return Replaced
	case c.Cancelled:
		return Cancelled
	case c.Refunded:
		return Refunded
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

// Joining says by whose link somebody has joined. The first purchase binds that referrer.
type Joining struct {
	Link     string
	Referrer string
}

// Original is a transaction that may be reversed, and what has become of it.
type Original struct {
	Record
	Undone   money.Amount // of one that is reversed in parts: the part reversed so far
	InFull   bool         // it is reversed in full
	Released [3]bool      // of a sale, by level: the commission is payable
	Ended    HoldState    // of a hold: how it has ended; "": it is open
	Captured money.Amount // of a hold: what was taken
}
