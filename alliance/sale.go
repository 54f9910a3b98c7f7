package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// sellCard: the price is owed by the seller, or is in custody if the card was
// sold online; seller, organiser and the two above the buyer take their shares;
// the rest backs the card.
func (s *State) sellCard(c SellCard, at time.Time) (Record, error) {
	terms := s.Setup.Current()
	home := ""
	if c.Merchant != nil {
		home = *c.Merchant
		if err := s.merchantSells(home); err != nil {
			return Record{}, err
		}
	}
	product := s.Setup.Products[c.Product]
	if product == nil || product.Retired {
		return Record{}, refuse(CodeUnknownProduct, "no product %q is on sale in this circle", c.Product)
	}
	if c.Referrer != nil && s.Members[*c.Referrer] == nil {
		return Record{}, refuse(CodeUnknownMember, "the referrer %q has bought no card in this circle", *c.Referrer)
	}
	if s.Cards[c.Card] != nil {
		return Record{}, refuse(CodeCardExists, "card %q was sold before; a card's code is used once", c.Card)
	}

	facts := Facts{Product: product.Code, Amount: product.Price.Minor(), DebitCap: s.capOf(home)}
	if member := s.Members[c.Member]; member != nil {
		facts.Referrer, facts.Second = member.Referrer, member.Second
	} else {
		facts.Joined = true
		if c.Referrer != nil {
			facts.Referrer = *c.Referrer
			facts.Second = s.Members[facts.Referrer].Referrer
		}
	}
	if product.ValidDays > 0 {
		expires := days(at, product.ValidDays)
		facts.ExpiresAt = &expires
	}

	d := newDraft(s.Setup.Currency)
	price := product.Price
	if home == "" {
		d.debit(custody(), price)
	} else {
		d.debit(clearingOf(home), price)
		d.credit(clearingOf(home), price.Share(terms.SellerShare))
	}
	d.credit(organiser(), price.Share(terms.OrganiserShare))
	for i, upline := range []string{facts.Referrer, facts.Second} {
		if upline == "" || i >= len(terms.ReferralLevels) {
			break
		}
		commission := price.Share(terms.ReferralLevels[i])
		if commission.IsZero() {
			continue
		}
		d.credit(pendingOf(upline), commission)
		facts.Commissions = append(facts.Commissions, Commission{Level: i + 1, Member: upline, Amount: commission.Minor()})
	}
	if len(facts.Commissions) > 0 {
		release := days(at, terms.HoldDays)
		facts.ReleaseAt = &release
	}
	pool := d.sum
	d.rest(poolOf(c.Card))
	if sellerOwes(terms, home) {
		d.credit(clearingOf(home), pool)
		d.debit(issuer(home), pool)
	}
	if home != "" {
		if err := s.withinCap(home, d.entries); err != nil {
			return Record{}, err
		}
	}
	return d.post(Record{
		Transaction: ledger.Transaction{Card: c.Card, Merchant: home, Home: home, Member: c.Member},
		Facts:       facts,
	}, CardSold, at, terms)
}

// topUp: stored value is bought, with a bonus that the merchant or the organiser
// grants.
func (s *State) topUp(c TopUp, at time.Time) (Record, error) {
	terms := s.Setup.Current()
	card, err := s.card(c.Card)
	if err != nil {
		return Record{}, err
	}
	merchant := ""
	if c.Merchant != nil {
		merchant = *c.Merchant
		if err := s.merchantSells(merchant); err != nil {
			return Record{}, err
		}
	}
	amount, err := s.amount("amount", c.Amount)
	if err != nil {
		return Record{}, err
	}
	bonus := s.Setup.Currency.Zero()
	if c.Bonus != nil {
		if bonus, err = money.Parse(*c.Bonus, s.Setup.Currency); err != nil {
			return Record{}, refuse(CodeInvalidAmount, "bonus: %v", err)
		}
	}
	funder := c.BonusFundedBy
	if funder == "" {
		funder = FundedByOrganiser
	}
	if funder == FundedByMerchant && c.Merchant == nil && !bonus.IsZero() {
		return Record{}, refuse(CodeUnknownMerchant, "a bonus funded by the merchant needs a merchant")
	}
	if err := card.usable(); err != nil {
		return Record{}, err
	}
	home := s.home(card)
	if terms.Funding == AtUse && merchant != home {
		return Record{}, wrongTopUp(card, home)
	}
	if err := s.withinLimit(terms, card, amount, bonus); err != nil {
		return Record{}, err
	}

	d := newDraft(s.Setup.Currency)
	if merchant == "" {
		d.debit(custody(), amount)
	} else {
		d.debit(clearingOf(merchant), amount)
	}
	if funder == FundedByMerchant {
		d.debit(clearingOf(merchant), bonus)
	} else {
		d.debit(organiser(), bonus)
	}
	d.credit(valueOf(card.Code), amount)
	d.credit(bonusOf(card.Code), bonus)
	if sellerOwes(terms, home) {
		d.credit(clearingOf(home), amount)
		d.debit(issuer(home), amount)
	}
	if merchant != "" {
		if err := s.withinCap(merchant, d.entries); err != nil {
			return Record{}, err
		}
	}
	r := s.on(card, merchant)
	r.Facts = Facts{Amount: amount.Minor(), Bonus: bonus.Minor(), DebitCap: s.capOf(merchant)}
	if !bonus.IsZero() {
		r.Facts.BonusFundedBy = funder
	}
	return d.post(r, CardToppedUp, at, terms)
}

func wrongTopUp(card *Card, home string) error {
	if home == "" {
		return refuse(CodeWrongMerchant, "card %q has no home and is topped up online alone", card.Code)
	}
	return refuse(CodeWrongMerchant, "card %q is topped up at %q alone, which sold it", card.Code, home)
}

// withinLimit refuses a top-up that would bring principal and bonus over the
// limit of the terms.
func (s *State) withinLimit(terms *Terms, card *Card, amount, bonus money.Amount) error {
	if !terms.Limited {
		return nil
	}
	after := card.Value
	for _, part := range []money.Amount{card.Bonus, amount, bonus} {
		var err error
		if after, err = after.Add(part); err != nil {
			return refuse(CodeInvalidAmount, "the amounts are too large to be booked: %v", err)
		}
	}
	if after.Cmp(terms.ValueLimit) > 0 {
		r := refuse(CodeOverValueLimit, "the card would hold %s, over the limit of %s", after, terms.ValueLimit)
		r.Data = map[string]string{"limit": terms.ValueLimit.String(), "required": after.String()}
		return r
	}
	return nil
}
