package alliance_test

import (
	"math/big"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/ledger"
)

// expect returns what a command, which nothing is wrong with, has to do: the
// contract's table of postings, in the order of its lines.
func (m *model) expect(command alliance.Command) *act {
	a := &act{command: command, at: m.now, terms: m.setup.Current(), delta: make(deltas)}
	switch c := command.(type) {
	case alliance.SellCard:
		m.expectSale(a, c)
	case alliance.TopUp:
		m.expectTopUp(a, c)
	case alliance.SpendValue:
		a.card = m.cards[c.Card]
		a.whole = m.minor(c.Amount)
		principal, bonus := split(a.terms.SpendOrder, -m.balances[valueOf(c.Card)], -m.balances[bonusOf(c.Card)], a.whole)
		a.bonus = bonus
		a.delta = spend(a.terms, a.card, c.Merchant, principal, bonus)
	case alliance.UsePass:
		m.expectPass(a, c)
	case alliance.UseCoupon:
		a.card = m.cards[c.Card]
		b := benefit(a.card, c.Benefit, alliance.Coupon)
		funder := organiser
		if b.FundedBy == alliance.FundedByMerchant {
			funder = merchantOf(c.Merchant)
		} else if b.FundedBy == alliance.FundedBySeller && a.card.home != "" {
			funder = merchantOf(a.card.home)
		}
		a.delta.debit(funder, b.Discount.Minor())
		a.delta.credit(merchantOf(c.Merchant), b.Discount.Minor())
	case alliance.RecordPurchase:
		a.card = m.cards[c.Card]
		bill := m.minor(c.Bill)
		if home := a.card.home; home != "" && home != c.Merchant {
			a.delta.credit(merchantOf(home), share(bill, a.terms.HomeTraffic))
			a.delta.credit(organiser, share(bill, a.terms.OrganiserTraffic))
		}
		a.points = m.earns(bill)
		a.delta.credit(pointsPool, a.points*a.terms.PointCost.Minor())
		a.delta.rest(merchantOf(c.Merchant))
	case alliance.SpendPoints:
		a.card, a.points = m.cards[c.Card], -c.Points
		a.delta.debit(pointsPool, c.Points*a.terms.PointCost.Minor())
		a.delta.credit(merchantOf(c.Merchant), c.Points*a.terms.PointValue.Minor())
		a.delta.rest(organiser)
	case alliance.Reverse:
		m.expectReversal(a, c)
	case alliance.FreezeCard:
		a.card = m.cards[c.Card]
	case alliance.UnfreezeCard:
		a.card = m.cards[c.Card]
	}
	return a
}

func (m *model) expectSale(a *act, c alliance.SellCard) {
	product := m.setup.Products[c.Product]
	a.card = &card{code: c.Card, product: product, member: c.Member, soldAt: m.now, left: make(map[string]int64)}
	for _, b := range product.Benefits {
		a.card.left[b.Code] = int64(b.Uses)
	}
	price := product.Price.Minor()
	if c.Merchant == nil {
		a.delta.debit(custody, price)
	} else {
		a.card.home = *c.Merchant
		a.delta.debit(merchantOf(a.card.home), price)
		a.delta.credit(merchantOf(a.card.home), share(price, a.terms.SellerShare))
	}
	a.delta.credit(organiser, share(price, a.terms.OrganiserShare))
	buyer := m.members[c.Member]
	if buyer == nil {
		buyer = m.joining(c.Referrer)
	}
	for i, upline := range []string{buyer.first, buyer.second} {
		if upline != "" && i < len(a.terms.ReferralLevels) {
			a.earned[i] = earning{upline, share(price, a.terms.ReferralLevels[i])}
			a.delta.credit(pendingOf(upline), a.earned[i].minor)
		}
	}
	a.delta.rest(poolOf(c.Card))
	if a.terms.Funding == alliance.AtUse && a.card.home != "" {
		pool := -a.delta[poolOf(c.Card)]
		a.delta.credit(merchantOf(a.card.home), pool)
		a.delta.debit(issuerOf(a.card.home), pool)
	}
}

func (m *model) expectTopUp(a *act, c alliance.TopUp) {
	a.card = m.cards[c.Card]
	amount := m.minor(c.Amount)
	if c.Bonus != nil {
		a.bonus = m.minor(*c.Bonus)
	}
	from := custody
	if c.Merchant != nil {
		from = merchantOf(*c.Merchant)
	}
	a.delta.debit(from, amount)
	if c.BonusFundedBy == alliance.FundedByMerchant {
		a.delta.debit(from, a.bonus)
	} else {
		a.delta.debit(organiser, a.bonus)
	}
	a.delta.credit(valueOf(c.Card), amount)
	a.delta.credit(bonusOf(c.Card), a.bonus)
	if a.terms.Funding == alliance.AtUse && a.card.home != "" {
		a.delta.credit(merchantOf(a.card.home), amount)
		a.delta.debit(issuerOf(a.card.home), amount)
	}
}

func (m *model) expectPass(a *act, c alliance.UsePass) {
	a.card = m.cards[c.Card]
	owed := c.Count * benefit(a.card, c.Benefit, alliance.Pass).Reimbursement.Minor()
	pooled := min(owed, -m.balances[poolOf(c.Card)])
	a.delta.debit(poolOf(c.Card), pooled)
	a.delta.debit(organiser, owed-pooled)
	fee := share(owed, a.terms.ClearingFee)
	a.delta.credit(organiser, fee)
	a.delta.credit(merchantOf(c.Merchant), owed-fee)
	if a.terms.Funding == alliance.AtUse && a.card.home != "" {
		a.delta.debit(merchantOf(a.card.home), pooled)
		a.delta.credit(issuerOf(a.card.home), pooled)
	}
}

// expectReversal mirrors the original; of a spend it takes what the whole was
// worth while it stood so far from what it is worth for the rest.
func (m *model) expectReversal(a *act, c alliance.Reverse) {
	original := m.named(c.Of)
	a.card, a.terms = original.card, original.terms
	switch o := original.command.(type) {
	case alliance.SpendValue:
		a.whole = original.whole - original.undone
		if c.Amount != nil {
			a.whole = m.minor(*c.Amount)
		}
		standing := original.whole - original.undone
		a.delta.add(cut(original, o.Merchant, standing), -1)
		a.delta.add(cut(original, o.Merchant, standing-a.whole), 1)
	case alliance.SellCard:
		for account, minor := range original.delta {
			if account.Kind == ledger.CommissionPending && m.released(original) {
				account = payableOf(account.Owner)
			}
			a.delta.credit(account, minor)
		}
	default:
		a.delta.add(original.delta, -1)
		a.points = -original.points
	}
}

// cut returns the postings of what still stands of a spend.
func cut(a *act, merchant string, standing int64) deltas {
	principal := a.whole - a.bonus
	switch a.terms.SpendOrder {
	case alliance.PrincipalFirst:
		kept := min(principal, standing)
		return spend(a.terms, a.card, merchant, kept, standing-kept)
	case alliance.BonusFirst:
		kept := min(a.bonus, standing)
		return spend(a.terms, a.card, merchant, standing-kept, kept)
	}
	kept := proportion(standing, a.bonus, a.whole)
	return spend(a.terms, a.card, merchant, standing-kept, kept)
}

func spend(terms *alliance.Terms, c *card, merchant string, principal, bonus int64) deltas {
	d := make(deltas)
	d.debit(valueOf(c.code), principal)
	d.debit(bonusOf(c.code), bonus)
	d.credit(organiser, share(principal+bonus, terms.ClearingFee))
	d.rest(merchantOf(merchant))
	if terms.Funding == alliance.AtUse && c.home != "" {
		d.debit(merchantOf(c.home), principal)
		d.credit(issuerOf(c.home), principal)
	}
	return d
}

func split(order alliance.SpendOrder, value, bonus, amount int64) (fromValue, fromBonus int64) {
	switch order {
	case alliance.PrincipalFirst:
		fromBonus = max(0, amount-value)
	case alliance.BonusFirst:
		fromBonus = min(bonus, amount)
	case alliance.Proportional:
		fromBonus = proportion(amount, bonus, value+bonus)
	}
	return amount - fromBonus, fromBonus
}

// proportion returns amount × part ÷ whole, rounded down.
func proportion(amount, part, whole int64) int64 {
	product := new(big.Int).Mul(big.NewInt(amount), big.NewInt(part))
	return product.Div(product, big.NewInt(whole)).Int64()
}

func benefit(c *card, code string, kind alliance.BenefitKind) *alliance.Benefit {
	for i := range c.product.Benefits {
		if b := &c.product.Benefits[i]; b.Code == code && b.Kind == kind {
			return b
		}
	}
	return nil
}
