package alliance

import (
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
)

// Limits of what gives.
const (
	maxLadder         = 10
	maxHoldMinutes    = 10_080 // a week
	maxPointsRate     = 100
	maxCoolingOffDays = 365
	maxCount          = 1_000_000_000 // of points, items or gifts
)

func (d *StoredValueDocument) read(r *reader, t *Terms) {
	switch order := SpendOrder(d.SpendOrder); order {
	case PrincipalFirst, BonusFirst, Proportional:
		t.SpendOrder = order
	default:
		r.fail("rules.stored_value.spend_order", "%q is not one of principal_first, bonus_first, proportional", d.SpendOrder)
	}
	if d.Limit != nil {
		t.Limited = true
		t.ValueLimit = r.amount("rules.stored_value.limit", *d.Limit)
	}
	switch d.Scope {
	case "", "circle":
	case "home":
		t.HomeOnly = true
	default:
		r.fail("rules.stored_value.scope", "%q is neither circle nor home", d.Scope)
	}
	t.HoldMinutes = r.between("rules.stored_value.hold_minutes", d.HoldMinutes, 30, 1, maxHoldMinutes)
}

func (d *TiersDocument) read(r *reader) *Tiers {
	t := &Tiers{Measure: Measure(d.Measure), Months: r.between("rules.tiers.months", &d.Months, 0, 1, maxMonths)}
	switch t.Measure {
	case MeasureSpent, MeasurePoints:
	default:
		r.fail("rules.tiers.measure", "%q is neither spent nor points", d.Measure)
	}
	if n := len(d.Ladder); n < 1 || n > maxLadder {
		r.fail("rules.tiers.ladder", "has %d tiers; a ladder has 1 to %d", n, maxLadder)
		return t
	}
	for i := range d.Ladder {
		path := "rules.tiers.ladder[" + strconv.Itoa(i) + "]"
		tier := d.Ladder[i].read(r, path, t.Measure)
		switch {
		case t.rung(tier.Code) >= 0:
			r.fail(path+".code", "%q is used twice; no two tiers have the same code", tier.Code)
		case i == 0 && tier.From != 0:
			r.fail(path+".from", "is %s; the first tier is from zero", d.Ladder[i].From)
		case i > 0 && tier.From <= t.Ladder[i-1].From:
			r.fail(path+".from", "%s is not above the %s of the tier before; a ladder rises", d.Ladder[i].From, d.Ladder[i-1].From)
		}
		t.Ladder = append(t.Ladder, tier)
	}
	return t
}

func (d *TierDocument) read(r *reader, path string, measure Measure) Tier {
	t := Tier{Code: r.code(path+".code", d.Code)}
	if measure == MeasurePoints {
		from, err := strconv.ParseInt(d.From, 10, 64)
		if err != nil || from < 0 || d.From[0] == '+' || d.From[0] == '-' || from > money.MaxMinor {
			r.fail(path+".from", "%q is not a whole number of points; write digits alone, such as %q", d.From, "2000")
		}
		t.From = from
	} else {
		t.From = r.amount(path+".from", d.From).Minor()
	}
	t.PointsRate = r.rate(path+".points_rate", d.PointsRate)
	if t.PointsRate.GreaterThan(decimal.NewFromInt(maxPointsRate)) {
		r.fail(path+".points_rate", "%s is above %d", d.PointsRate, maxPointsRate)
	}
	return t
}

// Campaign reads the document; path is where it stands. Setup has the merchants, terms and
// products that it may name or clash with, and the campaigns before it.
func (d *CampaignDocument) Campaign(path string, setup *Setup) (Campaign, error) {
	return d.read(path, setup, false)
}

// Ended reads the document of a campaign that is closed: its tier may have left the ladder.
func (d *CampaignDocument) Ended(path string, setup *Setup) (Campaign, error) {
	return d.read(path, setup, true)
}

func (d *CampaignDocument) read(path string, setup *Setup, ended bool) (Campaign, error) {
	r := &reader{currency: setup.Currency}
	c := Campaign{
		Code: r.code(path+".code", d.Code), When: Trigger(d.When), Minimum: setup.Currency.Zero(), PerMember: 1, Every: Every(d.Every),
		Budget: setup.Currency.Zero(), Bonus: setup.Currency.Zero(),
	}
	d.readTrigger(r, path, &c)
	if d.Tier != nil && !ended {
		readTier(r, path, setup.Current().Tiers, &c)
	}
	if d.Home != nil {
		c.Home = r.code(path+".home", *d.Home)
		if setup.Merchants[c.Home] == nil {
			r.fail(path+".home", "no merchant %q is in this circle", c.Home)
		}
	}
	c.From, c.Until = r.instant(path+".from", d.From), r.instant(path+".until", d.Until)
	if d.Until != nil && d.From != nil && !c.Until.After(c.From) {
		r.fail(path+".until", "%s is not after from", *d.Until)
	}
	if d.PerMember != nil {
		c.PerMember = r.between(path+".per_member", d.PerMember, 0, 1, maxCount)
	} else if c.When == WhenRefers {
		c.PerMember = 0
	}
	switch c.Every {
	case "":
		c.Every = EveryEver
	case EveryEver, EveryDay, EveryMonth, EveryYear:
	default:
		r.fail(path+".every", "%q is not one of ever, day, month, year", d.Every)
	}
	if d.FundedBy != "" {
		c.FundedBy = r.code(path+".funded_by", d.FundedBy)
	}
	switch {
	case c.FundedBy == clearing.Organiser:
		c.FundedBy = ""
	case c.FundedBy != "" && setup.Merchants[c.FundedBy] == nil:
		r.fail(path+".funded_by", "no merchant %q is in this circle; write organiser or a merchant's code", c.FundedBy)
	}
	if d.Budget != nil {
		c.Limited, c.Budget = true, r.amount(path+".budget", *d.Budget)
	}
	d.Gift.read(r, path+".gift", setup, &c)
	return c, r.err
}

// readTrigger reads what makes the campaign give: when, minimum and tier.
func (d *CampaignDocument) readTrigger(r *reader, path string, c *Campaign) {
	counts := false
	switch c.When {
	case WhenUse, WhenReferred, WhenRefers:
		counts = true
	case WhenJoined, WhenTier, WhenCommand:
	default:
		r.fail(path+".when", "%q is not one of joined, use, referred, refers, tier, command", d.When)
	}
	if d.Minimum != nil {
		if !counts {
			r.fail(path+".minimum", "belongs to when: use, referred or refers; this is %s", d.When)
		}
		c.Minimum = r.amount(path+".minimum", *d.Minimum)
	}
	if d.Tier == nil {
		if c.When == WhenTier {
			r.fail(path+".tier", "is missing; a campaign with when: tier names the tier that is reached")
		}
		return
	}
	c.Tier = r.code(path+".tier", *d.Tier)
}

// readTier checks the tier that the campaign names.
func readTier(r *reader, path string, tiers *Tiers, c *Campaign) {
	switch {
	case tiers == nil:
		r.fail(path+".tier", "is given, but the rules have no tiers")
	case tiers.rung(c.Tier) < 0:
		r.fail(path+".tier", "no tier %q is on the ladder", c.Tier)
	case c.When == WhenTier && tiers.rung(c.Tier) == 0:
		r.fail(path+".tier", "%q is the first tier, which every card has; name a higher one", c.Tier)
	}
}

func (d *GiftDocument) read(r *reader, path string, setup *Setup, c *Campaign) {
	if d.Points == nil && d.Bonus == nil && len(d.Coupons) == 0 {
		r.fail(path, "is empty; a gift has points, a bonus or coupons")
	}
	if d.Points != nil {
		c.Points = int64(r.between(path+".points", d.Points, 0, 1, maxCount))
	}
	if d.Bonus != nil {
		c.Bonus = r.above(path+".bonus", *d.Bonus)
	}
	if len(d.Coupons) > maxBenefits {
		r.fail(path+".coupons", "has more than %d coupons", maxBenefits)
		return
	}
	for i := range d.Coupons {
		at := path + ".coupons[" + strconv.Itoa(i) + "]"
		coupon := d.Coupons[i].read(r, at, setup)
		if c.coupon(coupon.Code) != nil {
			r.fail(at+".code", "%q is used twice; no two coupons have the same code", coupon.Code)
		}
		c.Coupons = append(c.Coupons, coupon)
	}
	if r.err != nil {
		return
	}
	cost := decimal.NewFromInt(c.Points).Mul(decimal.NewFromInt(setup.Current().PointCost.Minor())).Add(decimal.NewFromInt(c.Bonus.Minor()))
	for i := range c.Coupons {
		cost = cost.Add(decimal.NewFromInt(c.Coupons[i].Discount.Minor()).Mul(decimal.NewFromInt(int64(c.Coupons[i].Uses))))
	}
	if cost.GreaterThan(decimal.NewFromInt(money.MaxMinor)) {
		r.fail(path, "costs more than can be booked")
	}
}

func (d *GiftCouponDocument) read(r *reader, path string, setup *Setup) GiftCoupon {
	zero := r.currency.Zero()
	c := GiftCoupon{ValidDays: r.between(path+".valid_days", &d.ValidDays, 0, 1, maxDays)}
	c.Benefit = Benefit{
		Code: r.code(path+".code", d.Code), Kind: Coupon, Uses: r.between(path+".uses", d.Uses, 1, 1, maxUses),
		Reimbursement: zero, ListPrice: zero, Threshold: zero, Discount: r.above(path+".discount", d.Discount),
	}
	c.Merchants = r.merchants(path, d.Merchants, setup)
	if d.Threshold != nil {
		c.Threshold = r.amount(path+".threshold", *d.Threshold)
	}
	for _, product := range setup.Products {
		if slices.ContainsFunc(product.Benefits, func(b Benefit) bool { return b.Code == c.Code }) {
			r.fail(path+".code", "%q is the code of a benefit of product %q; a gift's coupon needs one of its own", c.Code, product.Code)
		}
	}
	if campaign, _ := setup.GiftCoupon(c.Code); campaign != nil {
		r.fail(path+".code", "%q is the code of a coupon of campaign %q; no two coupons have the same code", c.Code, campaign.Code)
	}
	return c
}

// Item reads the document; path is where it stands.
func (d *ItemDocument) Item(path string, setup *Setup) (Item, error) {
	r := &reader{currency: setup.Currency}
	i := Item{
		Code: r.code(path+".code", d.Code), Points: int64(r.between(path+".points", &d.Points, 0, 1, maxCount)),
		Reimbursement: r.amount(path+".reimbursement", d.Reimbursement), Cash: setup.Currency.Zero(),
	}
	i.Merchants = r.merchants(path, d.Merchants, setup)
	if cost, err := setup.Current().PointCost.Times(i.Points); err == nil && i.Reimbursement.Cmp(cost) > 0 {
		r.fail(path+".reimbursement", "%s is more than the %s that is set aside for %d points", i.Reimbursement, cost, i.Points)
	}
	if d.Stock != nil {
		i.Limited, i.Stock = true, int64(r.between(path+".stock", d.Stock, 0, 1, maxCount))
	}
	if d.Cash != nil {
		i.Cash = r.amount(path+".cash", *d.Cash)
	}
	return i, r.err
}

// merchants reads a list of merchants. It refuses one that is empty or names one that is not in the circle.
func (r *reader) merchants(path string, given []string, setup *Setup) []string {
	codes := slices.Clone(given)
	if len(codes) == 0 {
		r.fail(path+".merchants", "is missing; name the merchants that honour it")
	}
	for i := range codes {
		at := path + ".merchants[" + strconv.Itoa(i) + "]"
		if codes[i] = r.code(at, codes[i]); setup.Merchants[codes[i]] == nil {
			r.fail(at, "no merchant %q is in this circle", codes[i])
		}
	}
	return codes
}

// above reads an amount that must be above zero.
func (r *reader) above(path, text string) money.Amount {
	amount := r.amount(path, text)
	if amount.IsZero() {
		r.fail(path, "must be above zero")
	}
	return amount
}

// The years of instants in documents: before them lies the instant that stands for none.
const (
	firstYear = 1000
	lastYear  = 9000
)

// instant reads an instant that may be left out.
func (r *reader) instant(path string, text *string) time.Time {
	if text == nil {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil || at.UTC().Year() < firstYear || at.UTC().Year() > lastYear {
		r.fail(path, "%q is not an instant of the years %d to %d; write one with an offset, such as 2026-10-01T00:00:00+08:00", *text, firstYear, lastYear)
	}
	return at.UTC().Truncate(time.Microsecond)
}
