package alliance

import (
	"strconv"
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// spendValue: stored value pays a bill. Principal and bonus are taken in the
// order of the terms; the organiser takes the clearing fee, the merchant the
// rest.
func (s *State) spendValue(c SpendValue, at time.Time) (Record, error) {
	terms := s.Setup.Current()
	card, err := s.at(c.Card, c.Merchant)
	if err != nil {
		return Record{}, err
	}
	amount, err := s.amount("amount", c.Amount)
	if err != nil {
		return Record{}, err
	}
	if err := card.usable(); err != nil {
		return Record{}, err
	}
	held, err := card.Value.Add(card.Bonus)
	if err != nil {
		return Record{}, err
	}
	if held.Cmp(amount) < 0 {
		return Record{}, short(CodeInsufficientValue, "stored value of", held, amount)
	}
	principal, bonus, err := split(terms.SpendOrder, card.Value, card.Bonus, amount)
	if err != nil {
		return Record{}, err
	}
	d := newDraft(s.Setup.Currency)
	for _, e := range spendEntries(terms, card.Code, s.home(card), c.Merchant, principal, bonus) {
		d.debit(e.Account, e.Amount)
	}
	r := s.on(card, c.Merchant)
	r.Facts = Facts{Amount: amount.Minor(), Bonus: bonus.Minor()}
	return d.post(r, ValueSpent, at, terms)
}

// split cuts an amount, which principal and bonus cover, into what each of them
// gives.
func split(order SpendOrder, principal, bonus, amount money.Amount) (fromPrincipal, fromBonus money.Amount, err error) {
	switch order {
	case BonusFirst:
		fromBonus = money.Min(bonus, amount)
	case Proportional:
		whole, err := principal.Add(bonus)
		if err != nil {
			return fromPrincipal, fromBonus, err
		}
		fromBonus = amount.Proportion(bonus, whole)
	default:
		fromPrincipal = money.Min(principal, amount)
		fromBonus, err = amount.Sub(fromPrincipal)
		return fromPrincipal, fromBonus, err
	}
	fromPrincipal, err = amount.Sub(fromBonus)
	return fromPrincipal, fromBonus, err
}

// spendEntries returns the entries of a spend, zero ones among them, always as
// many and in one order: so that the entries of a part can be taken from those
// of the whole, line by line. The amounts are not above 10^15 minor units and
// the sums of two of them can't overflow.
func spendEntries(terms *Terms, card, home, merchant string, principal, bonus money.Amount) []ledger.Entry {
	amount := principal.Currency().Minor(principal.Minor() + bonus.Minor())
	fee := amount.Share(terms.ClearingFee)
	rest := principal.Currency().Minor(fee.Minor() - amount.Minor())
	entries := []ledger.Entry{
		{Account: valueOf(card), Amount: principal},
		{Account: bonusOf(card), Amount: bonus},
		{Account: organiser(), Amount: fee.Neg()},
		{Account: clearingOf(merchant), Amount: rest},
	}
	if sellerOwes(terms, home) {
		entries = append(entries,
			ledger.Entry{Account: clearingOf(home), Amount: principal},
			ledger.Entry{Account: issuer(home), Amount: principal.Neg()})
	}
	return entries
}

// entitlement returns a card's benefit of a kind with its place in the product.
func (s *State) entitlement(card *Card, code string, kind BenefitKind) (*Benefit, int, error) {
	product := s.Setup.Products[card.Product]
	if product != nil {
		if benefit, place := product.benefit(code, kind); benefit != nil {
			return benefit, place, nil
		}
	}
	return nil, 0, refuse(CodeUnknownBenefit, "card %q has no %s %q", card.Code, kind, code)
}

// honoured refuses a benefit at a merchant that does not honour it, or that has
// not so many uses left.
func honoured(benefit *Benefit, merchant string, left int, count int64) error {
	here := false
	for _, m := range benefit.Merchants {
		here = here || m == merchant
	}
	if !here {
		return refuse(CodeWrongMerchant, "%q is not honoured at %q", benefit.Code, merchant)
	}
	if int64(left) < count {
		r := refuse(CodeBenefitExhausted, "%d uses of %q are left and this needs %d", left, benefit.Code, count)
		r.Data = map[string]string{"available": strconv.Itoa(left), "required": strconv.FormatInt(count, 10)}
		return r
	}
	return nil
}

// usePass: the merchant is reimbursed for each use, out of the card's pool as
// far as it reaches and by the organiser beyond.
func (s *State) usePass(c UsePass, at time.Time) (Record, error) {
	terms := s.Setup.Current()
	card, err := s.at(c.Card, c.Merchant)
	if err != nil {
		return Record{}, err
	}
	benefit, place, err := s.entitlement(card, c.Benefit, Pass)
	if err != nil {
		return Record{}, err
	}
	if c.Count < 1 {
		return Record{}, refuse(CodeInvalidAmount, "count must be at least 1")
	}
	if err := card.usable(); err != nil {
		return Record{}, err
	}
	if err := card.unexpired(); err != nil {
		return Record{}, err
	}
	if err := honoured(benefit, c.Merchant, card.UsesLeft[place], c.Count); err != nil {
		return Record{}, err
	}
	owed, err := benefit.Reimbursement.Times(c.Count)
	if err != nil {
		return Record{}, err
	}
	pooled := money.Min(card.Pool, owed)
	shortage, err := owed.Sub(pooled)
	if err != nil {
		return Record{}, err
	}
	d := newDraft(s.Setup.Currency)
	d.debit(poolOf(card.Code), pooled)
	d.debit(organiser(), shortage)
	d.credit(organiser(), owed.Share(terms.ClearingFee))
	d.rest(clearingOf(c.Merchant))
	if home := s.home(card); sellerOwes(terms, home) {
		d.debit(clearingOf(home), pooled)
		d.credit(issuer(home), pooled)
	}
	r := s.on(card, c.Merchant)
	r.Facts = Facts{Amount: owed.Minor(), Benefit: benefit.Code, Uses: c.Count}
	return d.post(r, PassUsed, at, terms)
}

// useCoupon: the funder pays the merchant the discount.
func (s *State) useCoupon(c UseCoupon, at time.Time) (Record, error) {
	card, err := s.at(c.Card, c.Merchant)
	if err != nil {
		return Record{}, err
	}
	benefit, place, err := s.entitlement(card, c.Benefit, Coupon)
	if err != nil {
		return Record{}, err
	}
	bill, err := s.amount("bill", c.Bill)
	if err != nil {
		return Record{}, err
	}
	if err := card.usable(); err != nil {
		return Record{}, err
	}
	if err := card.unexpired(); err != nil {
		return Record{}, err
	}
	if err := honoured(benefit, c.Merchant, card.UsesLeft[place], 1); err != nil {
		return Record{}, err
	}
	if bill.Cmp(benefit.Threshold) < 0 || bill.Cmp(benefit.Discount) < 0 {
		least := benefit.Threshold
		if least.Cmp(benefit.Discount) < 0 {
			least = benefit.Discount
		}
		r := refuse(CodeBelowThreshold, "the bill of %s is below %s, from which %q holds", bill, least, benefit.Code)
		r.Data = map[string]string{"threshold": least.String(), "bill": bill.String()}
		return Record{}, r
	}
	d := newDraft(s.Setup.Currency)
	d.debit(couponFunder(benefit, s.home(card), c.Merchant), benefit.Discount)
	d.credit(clearingOf(c.Merchant), benefit.Discount)
	r := s.on(card, c.Merchant)
	r.Facts = Facts{Amount: bill.Minor(), Benefit: benefit.Code, Uses: 1}
	return d.post(r, CouponUsed, at, s.Setup.Current())
}

func couponFunder(benefit *Benefit, home, merchant string) ledger.Account {
	switch {
	case benefit.FundedBy == FundedByMerchant:
		return clearingOf(merchant)
	case benefit.FundedBy == FundedBySeller && home != "":
		return clearingOf(home)
	}
	return organiser()
}

// recordPurchase: the merchant pays for the traffic that another merchant's card
// brought, and for the points that the member earns.
func (s *State) recordPurchase(c RecordPurchase, at time.Time) (Record, error) {
	terms := s.Setup.Current()
	card, err := s.at(c.Card, c.Merchant)
	if err != nil {
		return Record{}, err
	}
	bill, err := s.amount("bill", c.Bill)
	if err != nil {
		return Record{}, err
	}
	points, err := bill.Units(terms.PointsPerUnit)
	if err != nil {
		return Record{}, refuse(CodeInvalidAmount, "bill: it earns more points than can be counted")
	}
	backing, err := terms.PointCost.Times(points)
	if err != nil || card.Points+points < card.Points {
		return Record{}, refuse(CodeInvalidAmount, "bill: it earns more points than can be counted")
	}
	if err := card.usable(); err != nil {
		return Record{}, err
	}
	d := newDraft(s.Setup.Currency)
	if home := s.home(card); home != "" && home != c.Merchant {
		d.credit(clearingOf(home), bill.Share(terms.HomeTraffic))
		d.credit(organiser(), bill.Share(terms.OrganiserTraffic))
	}
	d.credit(pointsPool(), backing)
	d.rest(clearingOf(c.Merchant))
	if d.err == nil {
		if err := s.withinCap(c.Merchant, d.entries); err != nil {
			return Record{}, err
		}
	}
	r := s.on(card, c.Merchant)
	r.Facts = Facts{Amount: bill.Minor(), Points: points, DebitCap: s.capOf(c.Merchant)}
	return d.post(r, PurchaseRecorded, at, terms)
}

// spendPoints: points pay; what they cost beyond their value is the organiser's.
func (s *State) spendPoints(c SpendPoints, at time.Time) (Record, error) {
	terms := s.Setup.Current()
	card, err := s.at(c.Card, c.Merchant)
	if err != nil {
		return Record{}, err
	}
	if c.Points < 1 {
		return Record{}, refuse(CodeInvalidAmount, "points must be at least 1")
	}
	if err := card.usable(); err != nil {
		return Record{}, err
	}
	if card.Points < c.Points {
		r := refuse(CodeInsufficientPoints, "the card has %d points and this needs %d", card.Points, c.Points)
		r.Data = map[string]string{"available": strconv.FormatInt(card.Points, 10), "required": strconv.FormatInt(c.Points, 10)}
		return Record{}, r
	}
	backing, err := terms.PointCost.Times(c.Points)
	if err != nil {
		return Record{}, err
	}
	worth, err := terms.PointValue.Times(c.Points)
	if err != nil {
		return Record{}, err
	}
	d := newDraft(s.Setup.Currency)
	d.debit(pointsPool(), backing)
	d.credit(clearingOf(c.Merchant), worth)
	d.rest(organiser())
	r := s.on(card, c.Merchant)
	r.Facts = Facts{Points: -c.Points}
	return d.post(r, PointsSpent, at, terms)
}
