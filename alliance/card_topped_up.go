package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// CardToppedUp is a purchase of stored value.
const CardToppedUp ledger.Type = "card.topped_up"

// TopUp adds stored value to a card, with a bonus if one is given.
type TopUp struct {
	Card          string
	Amount        string
	Merchant      *string
	Bonus         *string
	BonusFundedBy Funder // organiser if empty
}

// Event returns CardToppedUp.
func (TopUp) Event() ledger.Type { return CardToppedUp }

func cardToppedUp() *Kind {
	return &Kind{
		Type:  CardToppedUp,
		Label: ledger.Label{Chinese: "充值", English: "Top-up"},
		Command: command(
			[]Field{
				cardField(), amountField("amount"), codeField("merchant").optional(), amountField("bonus").optional(),
				textField("bonus_funded_by").optional().of(string(FundedByOrganiser), string(FundedByMerchant)),
			},
			func(v Values) TopUp {
				return TopUp{
					Card: v.Text("card"), Amount: v.Text("amount"), Merchant: v.Optional("merchant"), Bonus: v.Optional("bonus"),
					BonusFundedBy: Funder(v.Text("bonus_funded_by")),
				}
			},
			func(c TopUp, l Loader) {
				l.Card(c.Card)
				if c.Merchant != nil {
					l.Position(*c.Merchant)
				}
			},
			(*State).decideTopUp),
		UsesCard:   true,
		CoolingOff: true,
		Totals: func(card *Card, amount, bonus int64) {
			card.ToppedUp += amount
			card.ToppedUpBonus += bonus
		},
		Reversal: &Reversal{Check: func(o *Original, card *Card) error {
			currency := card.Value.Currency()
			amount, bonus := currency.Minor(o.Facts.Amount), currency.Minor(o.Facts.Bonus)
			if card.Value.Cmp(amount) < 0 {
				return shortOfValue("the card has %s of principal left, and this takes back %s", card.Value, amount)
			}
			if card.Bonus.Cmp(bonus) < 0 {
				return shortOfValue("the card has %s of bonus left, and this takes back %s", card.Bonus, bonus)
			}
			available, err := card.available()
			if err != nil {
				return err
			}
			if both := amount.Plus(bonus); available.Cmp(both) < 0 {
				return shortOfValue("the card has %s of stored value, and this takes back %s", available, both)
			}
			return nil
		}},
	}
}

// decideTopUp decides a purchase of stored value. The merchant or the organiser pays
// for the bonus, if there is one.
func (s *State) decideTopUp(c TopUp, at time.Time) (Record, error) {
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
	if err := s.storesValueAt(card, merchant); err != nil {
		return Record{}, err
	}
	home := s.home(card)
	if terms.Funding == AtUse && merchant != home {
		return Record{}, wrongTopUp(card, home)
	}
	if err := s.withinLimit(terms, card, amount, bonus); err != nil {
		return Record{}, err
	}

	b := newEntries(s.Setup.Currency)
	if merchant == "" {
		b.debit(custody(), amount)
	} else {
		b.debit(clearingOf(merchant), amount)
	}
	if funder == FundedByMerchant {
		b.debit(clearingOf(merchant), bonus)
	} else {
		b.debit(organiser(), bonus)
	}
	b.credit(valueOf(card.Code), amount)
	b.credit(bonusOf(card.Code), bonus)
	if sellerOwes(terms, home) {
		b.credit(clearingOf(home), amount)
		b.debit(issuer(home), amount)
	}
	if merchant != "" {
		if err := s.withinCap(merchant, b.entries); err != nil {
			return Record{}, err
		}
	}
	r := s.on(card, merchant)
	r.Facts = Facts{Amount: amount.Minor(), Bonus: bonus.Minor(), DebitCap: s.capOf(merchant)}
	if !bonus.IsZero() {
		r.Facts.BonusFundedBy = funder
	}
	return b.post(r, CardToppedUp, at, terms)
}

func wrongTopUp(card *Card, home string) error {
	if home == "" {
		return refuse(CodeWrongMerchant, "card %q was sold online and can be topped up only there", card.Code)
	}
	return refuse(CodeWrongMerchant, "card %q can be topped up only at %q, which sold it", card.Code, home)
}

// withinLimit refuses a top-up that would raise principal and bonus above the terms'
// limit.
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
