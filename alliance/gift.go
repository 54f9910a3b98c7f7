package alliance

import (
	"cmp"
	"slices"
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Gift is what a campaign gave to a card. Points and Bonus are what was not taken back of
// them, whatever the card has spent since.
type Gift struct {
	Seq      int64 // of the transaction that gave it
	Campaign string
	Cause    int64 // the transaction that it followed; 0: it was granted by command
	Points   int64
	Bonus    money.Amount
	Coupons  []HeldCoupon
}

// HeldCoupon is a coupon of a gift on a card.
type HeldCoupon struct {
	Code      string
	ExpiresAt time.Time
	Left      int  // uses
	Ended     bool // by itself, with its card, or taken back
}

// GiftFacts is the gift of a transaction: one that was given, or one whose coupon was used,
// given back or ended.
type GiftFacts struct {
	Seq      int64         `json:"seq,omitempty"` // of a coupon: the transaction that gave the gift
	Campaign string        `json:"campaign"`
	Cause    int64         `json:"cause,omitempty"`
	Span     int           `json:"span,omitempty"` // of what was given: see GiftCount
	Coupons  []CouponFacts `json:"coupons,omitempty"`
	Coupon   string        `json:"coupon,omitempty"` // of one that ended by itself
	Lost     bool          `json:"lost,omitempty"`   // of a use that was given back: the coupon has ended
}

// CouponFacts is a coupon that was given.
type CouponFacts struct {
	Code      string    `json:"code"`
	Uses      int       `json:"uses"`
	ExpiresAt time.Time `json:"expires_at"`
}

// BudgetChange is by how much a transaction changes what is committed to a campaign's
// budget, in minor units.
type BudgetChange struct {
	Campaign string `json:"campaign"`
	Amount   int64  `json:"amount"`
}

// gift returns a gift of the card, or nil.
func (c *Card) gift(seq int64) *Gift {
	i, found := slices.BinarySearchFunc(c.Gifts, seq, func(g *Gift, seq int64) int { return cmp.Compare(g.Seq, seq) })
	if !found {
		return nil
	}
	return c.Gifts[i]
}

// coupon returns the coupon of a code, or nil.
func (g *Gift) coupon(code string) *HeldCoupon {
	for i := range g.Coupons {
		if g.Coupons[i].Code == code {
			return &g.Coupons[i]
		}
	}
	return nil
}

// give returns the record of a gift, or the refusal of a card that can't get it.
func (s *State) give(c *Campaign, card *Card, cause int64, kind ledger.Type, at time.Time) (Record, error) {
	if code := s.giftRefused(c, card, at); code != "" {
		return Record{}, s.refuseGift(code, c, card, at)
	}
	terms := s.Setup.Current()
	backing, err := terms.PointCost.Times(c.Points)
	if err != nil || card.Points+c.Points < card.Points {
		return Record{}, refuse(CodeInvalidAmount, "the card would have more points than can be counted")
	}
	b := newEntries(s.Setup.Currency)
	b.debit(c.funder(), backing)
	b.credit(pointsPool(), backing)
	b.debit(c.funder(), c.Bonus)
	b.credit(bonusOf(card.Code), c.Bonus)
	if err := s.withinCap(c.FundedBy, b.entries); err != nil {
		return Record{}, err
	}
	r := s.on(card, c.FundedBy)
	r.Facts = Facts{
		Points: c.Points, Bonus: c.Bonus.Minor(), DebitCap: s.capOf(c.FundedBy),
		Growth: &GrowthFacts{
			Gift:    &GiftFacts{Campaign: c.Code, Cause: cause, Span: c.span(at, s.Setup.location())},
			Budgets: []BudgetChange{{c.Code, c.cost(terms.PointCost)}},
		},
	}
	for i := range c.Coupons {
		coupon := &c.Coupons[i]
		r.Facts.Growth.Gift.Coupons = append(r.Facts.Growth.Gift.Coupons, CouponFacts{Code: coupon.Code, Uses: coupon.Uses, ExpiresAt: days(at, coupon.ValidDays)})
	}
	return b.post(r, kind, at, terms)
}

// applyGift puts a gift on its card, counts it, and follows with the gifts that it causes
// by lifting the card's tier.
func (s *State) applyGift(card *Card, r *Record) error {
	facts := r.Facts.growth().Gift
	sums := s.campaignSums(facts.Campaign)
	sums.Given++
	count := GiftCount{Campaign: facts.Campaign, Member: r.Member, Span: facts.Span}
	s.withGifted(r.Member).Given[count]++
	if s.Changes != nil {
		s.Changes.Given[count]++
	}
	if card == nil {
		return nil
	}
	g := &Gift{Seq: r.Seq, Campaign: facts.Campaign, Cause: facts.Cause, Points: r.Facts.Points, Bonus: s.Setup.Currency.Minor(r.Facts.Bonus)}
	for _, c := range facts.Coupons {
		g.Coupons = append(g.Coupons, HeldCoupon{Code: c.Code, ExpiresAt: c.ExpiresAt, Left: c.Uses})
	}
	card.Gifts = append(card.Gifts, g)
	card.GiftBonus += r.Facts.Bonus
	s.noteGift(g, card)
	s.causeTierGifts(card, r, s.grow(card, r, 0, r.Facts.Points))
	return nil
}

// dueOfGift returns when each coupon of a gift ends.
func dueOfGift(r *Record) []DueWork {
	due := make([]DueWork, len(r.Facts.growth().Gift.Coupons))
	for i, c := range r.Facts.growth().Gift.Coupons {
		due[i] = DueWork{At: c.ExpiresAt, Rank: RankGift, Kind: GiftExpired, Subject: r.Seq, Part: i, Card: r.Card}
	}
	return due
}

// campaignSums returns the sums of a campaign.
func (s *State) campaignSums(code string) *CampaignSums {
	sums := s.Campaigns[code]
	if sums == nil {
		sums = &CampaignSums{}
		s.Campaigns[code] = sums
	}
	if s.Changes != nil {
		s.Changes.Campaigns[code] = true
	}
	return sums
}

// noteGift notes that a gift of a card is new or has changed.
func (s *State) noteGift(g *Gift, card *Card) {
	if s.Changes != nil {
		s.Changes.Gifts[g.Seq] = CardGift{g, card.SoldSeq}
	}
}
