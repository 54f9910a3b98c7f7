package alliance

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Trigger says what makes a campaign give.
type Trigger string

// The triggers.
const (
	WhenJoined   Trigger = "joined"   // a sale makes a member known
	WhenUse      Trigger = "use"      // a spend, capture or purchase
	WhenReferred Trigger = "referred" // the first of those by a member who has a referrer; to that card
	WhenRefers   Trigger = "refers"   // the same; to the referrer's newest card
	WhenTier     Trigger = "tier"     // the card reaches a tier
	WhenCommand  Trigger = "command"  // only the command gift.granted
)

// Every says in what time a member gets a campaign's gift at most PerMember times, by the
// circle's calendar.
type Every string

// The times.
const (
	EveryEver  Every = "ever"
	EveryDay   Every = "day"
	EveryMonth Every = "month"
	EveryYear  Every = "year"
)

// Campaign gives the same gift to cards that meet its conditions. The gift and who pays
// for it never change. It stands as it does since its newest change.
type Campaign struct {
	CampaignStanding
	Earlier []*Campaign // as it stood before, the oldest first

	Code      string
	When      Trigger
	Minimum   money.Amount // of a use, referred, refers: the least amount that counts
	Tier      string       // only cards of at least this tier; of a tier campaign: the tier reached; "": any
	Home      string       // only cards that this merchant sold; "": any
	From      time.Time    // zero: always
	Until     time.Time    // exclusive; zero: for good
	PerMember int          // 0: without limit
	Every     Every
	FundedBy  string // a merchant; "": the organiser
	Limited   bool
	Budget    money.Amount // the most that its gifts may cost, if Limited

	Points  int64
	Bonus   money.Amount
	Coupons []GiftCoupon
}

// GiftCoupon is a coupon of a campaign's gift. The campaign's funder pays the discount.
type GiftCoupon struct {
	Benefit
	ValidDays int // days of 24 h from the giving
}

// funder returns the account that pays for a campaign's gifts.
func (c *Campaign) funder() ledger.Account {
	if c.FundedBy == "" {
		return organiser()
	}
	return clearingOf(c.FundedBy)
}

// cost returns what a gift of the campaign costs in minor units. It can't overflow: it is
// checked when the campaign is read.
func (c *Campaign) cost(pointCost money.Amount) int64 {
	cost := c.Points*pointCost.Minor() + c.Bonus.Minor()
	for i := range c.Coupons {
		cost += c.Coupons[i].Discount.Minor() * int64(c.Coupons[i].Uses)
	}
	return cost
}

// coupon returns the coupon of a code, or nil.
func (c *Campaign) coupon(code string) *GiftCoupon {
	for i := range c.Coupons {
		if c.Coupons[i].Code == code {
			return &c.Coupons[i]
		}
	}
	return nil
}

// open reports whether the campaign gives at an instant.
func (c *Campaign) open(at time.Time) bool {
	return c.State() == CampaignStateRunning && !at.Before(c.From) && (c.Until.IsZero() || at.Before(c.Until))
}

// Spans returns the spans of time that an instant is in, in which campaigns count their gifts:
// see GiftCount.
func (s *Setup) Spans(at time.Time) []int {
	var spans []int
	for _, every := range []Every{EveryEver, EveryDay, EveryMonth, EveryYear} {
		c := Campaign{Every: every}
		spans = append(spans, c.span(at, s.location()))
	}
	return spans
}

// span returns the number of the day, month or year of an instant within which the
// campaign counts its gifts, such as 20261005.
func (c *Campaign) span(at time.Time, location *time.Location) int {
	if c.Every == EveryEver {
		return 0
	}
	year, month, day := at.In(location).Date()
	switch c.Every {
	case EveryDay:
		return (year*100+int(month))*100 + day
	case EveryMonth:
		return year*100 + int(month)
	}
	return year
}

// campaign returns the campaign of a code as it stands for the next transaction, or nil.
func (s *State) campaign(code string) *Campaign {
	c := s.Setup.Campaign(code)
	if c == nil {
		return nil
	}
	return c.asOf(s.LastSeq)
}

// Campaign returns the campaign of a code, or nil.
func (s *Setup) Campaign(code string) *Campaign {
	i, found := slices.BinarySearchFunc(s.Campaigns, code, func(c *Campaign, code string) int { return cmp.Compare(c.Code, code) })
	if !found {
		return nil
	}
	return s.Campaigns[i]
}

// AddCampaign adds a campaign, in the order of the codes. It returns false if there is one of
// its code.
func (s *Setup) AddCampaign(c *Campaign) bool {
	i, found := slices.BinarySearchFunc(s.Campaigns, c.Code, func(c *Campaign, code string) int { return cmp.Compare(c.Code, code) })
	if !found {
		s.Campaigns = slices.Insert(s.Campaigns, i, c)
	}
	return !found
}

// GiftCoupon returns the coupon of a code with its campaign, or nil: no two coupons have
// the same code.
func (s *Setup) GiftCoupon(code string) (*Campaign, *GiftCoupon) {
	for _, c := range s.Campaigns {
		if coupon := c.coupon(code); coupon != nil {
			return c, coupon
		}
	}
	return nil, nil
}

// CampaignSums is what a campaign has given.
type CampaignSums struct {
	Given     int64 // how often; what was taken back still counts
	Committed int64 // in minor units: what its gifts cost, less what was given back to the budget
}

// Gifted is what campaigns have given to a member.
type Gifted struct {
	Given map[GiftCount]int // how often, in spans that may still be running
	Fired map[string]bool   // the campaigns that have answered that the member was brought
}

// NewGifted returns that nothing was given to a member.
func NewGifted() *Gifted {
	return &Gifted{Given: make(map[GiftCount]int), Fired: make(map[string]bool)}
}

// gifted returns what campaigns have given to a member, to be read; nil: nothing. It panics if
// that was not loaded: a gift that was forgotten would be given again.
func (s *State) gifted(member string) *Gifted {
	g := s.Gifted[member]
	if g == nil && s.Partial {
		panic(fmt.Sprintf("what was given to the member %q is not loaded", member))
	}
	return g
}

// withGifted returns what campaigns have given to a member, to be added to.
func (s *State) withGifted(member string) *Gifted {
	g := s.gifted(member)
	if g == nil {
		g = NewGifted()
		s.Gifted[member] = g
	}
	return g
}

// GiftCount names how often a member got a campaign's gift in a span of time.
type GiftCount struct {
	Campaign string
	Member   string
	Span     int // a day, month or year such as 20261005, 202610, 2026; 0: ever
}

// Fired names a referral that a campaign has answered, for good.
type Fired struct{ Campaign, Member string }

// AnswersReferral reports whether the campaign gives for members who were brought.
func (c *Campaign) AnswersReferral() bool {
	return !c.Closed && (c.When == WhenReferred || c.When == WhenRefers)
}

// AnswersReferrals reports whether any campaign gives for members who were brought.
func (s *Setup) AnswersReferrals() bool {
	return slices.ContainsFunc(s.Campaigns, (*Campaign).AnswersReferral)
}
