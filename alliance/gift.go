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

// coupon returns the coupon of a code with its place, or nil.
func (g *Gift) coupon(code string) (*HeldCoupon, int) {
	for i := range g.Coupons {
		if g.Coupons[i].Code == code {
			return &g.Coupons[i], i
		}
	}
	return nil, 0
}

// giftCoupon returns the gift whose coupon of a code is used next: that which expires first,
// then the older. It is nil if all have ended or are used up; known says whether the card
// ever had one.
func (c *Card) giftCoupon(code string) (next *Gift, known bool) {
	var first *HeldCoupon
	for _, g := range c.Gifts {
		held, _ := g.coupon(code)
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

// receivable refuses a gift to a card. The order of the checks is that of the rules.
func (s *State) receivable(c *Campaign, card *Card, at time.Time) error {
	if err := card.usable(); err != nil {
		return err
	}
	if err := card.unexpired(); err != nil {
		return err
	}
	terms := s.Setup.Current()
	if c.Tier != "" && terms.Tiers != nil {
		if _, rung := terms.Tiers.growth(card, s.Setup.monthOf(at)); rung < terms.Tiers.rung(c.Tier) {
			return refuse(CodeTierTooLow, "card %q has the tier %q, and %q is for %q and above", card.Code, terms.Tiers.Ladder[rung].Code, c.Code, c.Tier)
		}
	}
	home := s.home(card)
	if c.Home != "" && c.Home != home {
		return refuse(CodeWrongMerchant, "%q is for cards that %q sold", c.Code, c.Home)
	}
	if terms.HomeOnly && home == "" && !c.Bonus.IsZero() {
		return refuse(CodeWrongMerchant, "card %q has no home, so no stored value can be on it", card.Code)
	}
	if !c.open(at) {
		return refuse(CodeCampaignClosed, "%q does not give now", c.Code)
	}
	if c.PerMember > 0 {
		count := GiftCount{Campaign: c.Code, Member: card.Member, Span: c.span(at, s.Setup.location())}
		if given := s.gifted(card.Member).Given[count]; given >= c.PerMember {
			return refuse(CodeGiftExhausted, "the member has got %q %d times already", c.Code, given)
		}
	}
	return s.withinBudget(c)
}

// withinBudget refuses a gift that the campaign's budget does not cover.
func (s *State) withinBudget(c *Campaign) error {
	if !c.Limited {
		return nil
	}
	committed := int64(0)
	if sums := s.Campaigns[c.Code]; sums != nil {
		committed = sums.Committed
	}
	cost := c.cost(s.Setup.Current().PointCost)
	if cost > c.Budget.Minor()-committed {
		r := refuse(CodeOverBudget, "a gift of %q costs %s, and %s of its budget is left",
			c.Code, s.Setup.Currency.Minor(cost), s.Setup.Currency.Minor(c.Budget.Minor()-committed))
		r.Data = map[string]string{"available": s.Setup.Currency.Minor(c.Budget.Minor() - committed).String(), "required": s.Setup.Currency.Minor(cost).String()}
		return r
	}
	return nil
}

// give returns the record of a gift, or the refusal of a card that can't get it.
func (s *State) give(c *Campaign, card *Card, cause int64, kind ledger.Type, at time.Time) (Record, error) {
	if err := s.receivable(c, card, at); err != nil {
		return Record{}, err
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
	s.gifted(r.Member).Given[count]++
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

// unusedOf returns the discount of the uses that are left of a gift's coupons, in minor
// units.
func (s *State) unusedOf(g *Gift) (sum int64) {
	campaign := s.Setup.campaign(g.Campaign)
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

// giveCouponBack completes the reversal of a use of a gift's coupon. If the coupon has ended
// meanwhile, the use is lost, and the budget gets its discount back.
func (s *State) giveCouponBack(r *Record, original *Original, card *Card) {
	used := original.Facts.growth().Gift
	if used == nil {
		return
	}
	r.Facts.withGrowth().Gift = &GiftFacts{Seq: used.Seq, Campaign: used.Campaign}
	g := card.gift(used.Seq)
	if held, _ := g.coupon(original.Facts.Benefit); !held.Ended {
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
	held, _ := g.coupon(r.Facts.Benefit)
	held.Left -= int(r.Facts.Uses)
	s.noteGift(g, card)
}
