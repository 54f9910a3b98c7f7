package alliance

import "time"

// Changes collects what records have changed in a state since the last Reset, so that
// it can be saved. Of cards it lists only new ones: each record names its own card, and what
// it became if it was replaced.
type Changes struct {
	NewCards   map[string]bool
	NewMembers []NewMember
	Scheduled  map[DueKey]DueWork // due work that was not there before
	Ended      []DueWork          // due work that was there before, and was done or dropped
	Earned     []SaleCommission
	Moved      []CommissionState
	Members    map[string]*CommissionSums
	Undone     map[int64]*Original // what reversals have changed
	Replaced   []Replacement
	Grown      map[string]bool    // cards whose growth has changed
	Holds      []HoldChange       // placed or ended, in their order
	Gifts      map[int64]CardGift // new or changed, by number
	Campaigns  map[string]bool    // whose sums have changed
	Given      map[GiftCount]int  // by how much they have grown
	Fired      []Fired
	Items      map[string]bool // whose sums have changed
	NextDue    time.Time       // the earliest instant of what was scheduled for later; zero: nothing was
}

// NewMember is a member whose first purchase was booked.
type NewMember struct {
	Member
	JoinedSeq int64
}

// SaleCommission is commission that a member earned by a sale.
type SaleCommission struct {
	SaleSeq int64
	Commission
	ReleaseAt time.Time
}

// The states of a commission.
const (
	CommissionStatePending    = "pending"
	CommissionStateReleased   = "released"
	CommissionStateClawedBack = "clawed_back"
)

// CommissionState is the new state of a commission.
type CommissionState struct {
	SaleSeq int64
	Level   int
	State   string
}

// CardGift is a gift of a card. The card's sale is the same whatever code the card has.
type CardGift struct {
	*Gift
	SoldSeq int64
}

// CommissionSums is by how much a member's commission has changed, in minor units.
type CommissionSums struct{ Pending, Payable, Earned, ClawedBack int64 }

// NewChanges returns empty changes.
func NewChanges() *Changes {
	return &Changes{
		NewCards: make(map[string]bool), Scheduled: make(map[DueKey]DueWork), Members: make(map[string]*CommissionSums),
		Undone: make(map[int64]*Original),
		Grown:  make(map[string]bool), Gifts: make(map[int64]CardGift), Campaigns: make(map[string]bool), Given: make(map[GiftCount]int), Items: make(map[string]bool),
	}
}

// Reset forgets what has been saved.
func (c *Changes) Reset() {
	clear(c.NewCards)
	clear(c.Scheduled)
	clear(c.Members)
	clear(c.Undone)
	clear(c.Grown)
	clear(c.Gifts)
	clear(c.Campaigns)
	clear(c.Given)
	clear(c.Items)
	c.Replaced, c.Holds, c.Fired = c.Replaced[:0], c.Holds[:0], c.Fired[:0]
	c.NextDue = time.Time{}
	c.NewMembers, c.Ended, c.Earned, c.Moved = c.NewMembers[:0], c.Ended[:0], c.Earned[:0], c.Moved[:0]
}
