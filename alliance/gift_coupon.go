package alliance

import (
	"github.com/lianka/lianka/clearing/money"
)

// giftCoupon returns the gift whose coupon of a code is used next: that which expires first,
// then the older. It is nil if all have ended or are used up; known says whether the card
// ever had one.
func (c *Card) giftCoupon(code string) (next *Gift, known bool) {
	var first *HeldCoupon
	for _, g := range c.Gifts {
		held := g.coupon(code)
		if held == nil {
			continue
		}
		known = true
		if !held.Ended && held.Left > 0 && (first == nil || held.ExpiresAt.Before(first.ExpiresAt)) {
			next, first = g, held
		}
	}
	return next, known
}

// endCoupons ends all coupons of gifts of a card. What they cost was given back to the
// budgets with the record that ends them.
func (s *State) endCoupons(card *Card) {
	for _, g := range card.Gifts {
		s.endCouponsOf(g, card)
	}
}

func (s *State) endCouponsOf(g *Gift, card *Card) {
	for i := range g.Coupons {
		c := &g.Coupons[i]
		if c.Ended {
			continue
		}
		c.Ended = true
		s.Unschedule(DueWork{At: c.ExpiresAt, Rank: RankGift, Kind: GiftExpired, Subject: g.Seq, Part: i, Card: card.Code})
		s.noteGift(g, card)
	}
}

// CouponEnd is a coupon of a gift that ended before its time.
type CouponEnd struct {
	Campaign string `json:"campaign"`
	Code     string `json:"code"`
	Uses     int    `json:"uses"` // that were left
}

// endsOf returns the coupons of a gift that end with it, if uses of them are left.
func (g *Gift) endsOf() (ends []CouponEnd) {
	for i := range g.Coupons {
		if c := &g.Coupons[i]; !c.Ended && c.Left > 0 {
			ends = append(ends, CouponEnd{g.Campaign, c.Code, c.Left})
		}
	}
	return ends
}

// couponEnds returns the coupons of gifts that end with a card, if uses of them are left.
func (c *Card) couponEnds() (ends []CouponEnd) {
	for _, g := range c.Gifts {
		ends = append(ends, g.endsOf()...)
	}
	return ends
}

// unusedOf returns the discount of the uses that are left of a gift's coupons, in minor
// units.
func (s *State) unusedOf(g *Gift) (sum int64) {
	campaign := s.Setup.Campaign(g.Campaign)
	if campaign == nil {
		return 0
	}
	for i := range g.Coupons {
		if c := &g.Coupons[i]; !c.Ended {
			sum += campaign.coupon(c.Code).Discount.Minor() * int64(c.Left)
		}
	}
	return sum
}

// unusedBudgets returns what the budgets get back when all coupons of a card end.
func (s *State) unusedBudgets(card *Card) (changes []BudgetChange) {
	for _, g := range card.Gifts {
		if unused := s.unusedOf(g); unused != 0 {
			changes = append(changes, BudgetChange{g.Campaign, -unused})
		}
	}
	return changes
}

// giveCouponBack completes the reversal of a use of a gift's coupon. If the coupon has ended
// meanwhile, the use is lost, and the budget gets its discount back.
func (s *State) giveCouponBack(r *Record, original *Original, card *Card) {
	used := original.Facts.growth().Gift
	if used == nil {
		return
	}
	r.Facts.withGrowth().Gift = &GiftFacts{Seq: used.Seq, Campaign: used.Campaign}
	g := card.gift(used.Seq)
	if held := g.coupon(original.Facts.Benefit); !held.Ended {
		return
	}
	r.Facts.withGrowth().Gift.Lost = true
	_, coupon := s.Setup.GiftCoupon(original.Facts.Benefit)
	r.Facts.withGrowth().Budgets = append(r.Facts.withGrowth().Budgets, BudgetChange{used.Campaign, -coupon.Discount.Minor() * original.Facts.Uses})
}

// applyGiftUses takes uses from a gift's coupon, or gives them back.
func (s *State) applyGiftUses(card *Card, r *Record) {
	g := card.gift(r.Facts.growth().Gift.Seq)
	if g == nil || r.Facts.growth().Gift.Lost {
		return
	}
	held := g.coupon(r.Facts.Benefit)
	held.Left -= int(r.Facts.Uses)
	s.noteGift(g, card)
}

// giftCouponLeft returns how many uses a gift has left of a coupon, and its discount.
func (s *State) giftCouponLeft(card *Card, facts *GiftFacts, code string) (left *int, discount money.Amount) {
	if _, coupon := s.Setup.GiftCoupon(code); coupon != nil {
		discount = coupon.Discount
	}
	if g := card.gift(facts.Seq); g != nil {
		uses := 0
		if held := g.coupon(code); !held.Ended {
			uses = held.Left
		}
		left = &uses
	}
	return left, discount
}
