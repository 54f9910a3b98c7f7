package alliance

import (
	"time"

	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// ValueSpent is a bill paid with stored value.
const ValueSpent ledger.Type = "value.spent"

// SpendValue pays a bill with stored value.
type SpendValue struct {
	Redemption
	Card     string
	Merchant string
	Amount   string
}

// Event returns ValueSpent.
func (SpendValue) Event() ledger.Type { return ValueSpent }

func (c SpendValue) at() string { return c.Merchant }

// Takes returns the amount.
func (c SpendValue) Takes(s *State) presentation.Asked {
	return presentation.Asked{Card: c.Card, Merchant: c.Merchant, Worth: s.worthOf(c.Amount), Late: c.OccurredAt != nil}
}

func valueSpent() *Kind {
	return &Kind{
		Type:  ValueSpent,
		Label: ledger.Label{Chinese: "储值消费", English: "Stored value spent"},
		Command: redemption(
			[]Field{cardField(), codeField("merchant"), amountField("amount")},
			func(v Values) SpendValue {
				return SpendValue{Redemption: v.Redemption(), Card: v.Text("card"), Merchant: v.Text("merchant"), Amount: v.Text("amount")}
			},
			func(c SpendValue, l Loader) { l.Use(c.Card, c.Amount) },
			(*State).decideSpend),
		UsesCard:    true,
		Consumption: true,
		Totals:      func(card *Card, amount, _ int64) { card.Spent += amount },
		Reversal:    spendReversal(),
	}
}

// spendReversal returns how a spend is undone.
func spendReversal() *Reversal { return &Reversal{InParts: true, Mirror: (*State).mirrorSpend} }

// decideSpend decides a bill paid with stored value. Principal and bonus are spent in
// the terms' order. The organiser takes the clearing fee, the merchant the rest.
func (s *State) decideSpend(c SpendValue, at time.Time) (Record, error) {
	card, amount, err := s.spendable(c.Card, c.Merchant, c.Amount)
	if err != nil {
		return Record{}, err
	}
	return s.spend(card, c.Merchant, amount, ValueSpent, at)
}

// spendable returns a card and an amount of its stored value that may be spent at a merchant:
// what open holds reserve may not.
func (s *State) spendable(code, merchant, text string) (*Card, money.Amount, error) {
	card, err := s.cardAt(code, merchant)
	if err != nil {
		return nil, money.Amount{}, err
	}
	amount, err := s.amount("amount", text)
	if err != nil {
		return nil, amount, err
	}
	if err := card.usable(); err != nil {
		return nil, amount, err
	}
	if err := s.storesValueAt(card, merchant); err != nil {
		return nil, amount, err
	}
	available, err := card.available()
	if err != nil {
		return nil, amount, err
	}
	if available.Cmp(amount) < 0 {
		return nil, amount, shortOfValue("the card has %s of stored value, and this needs %s", available, amount)
	}
	return card, amount, nil
}

// available returns the stored value of a card that open holds don't reserve.
func (c *Card) available() (money.Amount, error) {
	whole, err := c.Value.Add(c.Bonus)
	if err != nil || c.Held == 0 {
		return whole, err
	}
	return whole.Sub(whole.Currency().Minor(c.Held))
}

// storesValueAt refuses a merchant where a card's stored value is neither sold nor spent.
func (s *State) storesValueAt(card *Card, merchant string) error {
	if !s.Setup.Current().HomeOnly {
		return nil
	}
	switch home := s.home(card); {
	case home == "":
		return refuse(CodeWrongMerchant, "card %q has no home, and stored value is bought and spent only at a card's home", card.Code)
	case home != merchant:
		return refuse(CodeWrongMerchant, "stored value of card %q is bought and spent only at %q, which sold it", card.Code, home)
	}
	return nil
}

// spend returns the record of an amount that the card has.
func (s *State) spend(card *Card, merchant string, amount money.Amount, kind ledger.Type, at time.Time) (Record, error) {
	terms := s.Setup.Current()
	principal, bonus, err := split(terms.SpendOrder, card.Value, card.Bonus, amount)
	if err != nil {
		return Record{}, err
	}
	b := newEntries(s.Setup.Currency)
	for _, e := range spendEntries(terms, card.Code, s.home(card), merchant, principal, bonus) {
		b.debit(e.Account, e.Amount)
	}
	r := s.on(card, merchant)
	r.Facts = Facts{Amount: amount.Minor(), Bonus: bonus.Minor()}
	return b.post(r, kind, at, terms)
}

// split divides an amount between principal and bonus, which must cover it.
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

// spendEntries returns the entries of a spend. It keeps zero entries, so that their
// number and order are always the same: the entries of a part can then be subtracted
// from those of the whole, line by line. Amounts are at most 10^15 minor units, so the
// sum of two can't overflow.
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

// mirrorSpend recomputes every share of a spend for what is left of it, and books the
// difference. So partial reversals that add up to the whole leave nothing behind.
func (s *State) mirrorSpend(b *entryBuilder, original *Original, minor int64) (int64, error) {
	currency := s.Setup.Currency
	part, terms := currency.Minor(minor), s.Setup.Version(original.Terms)
	whole, bonus := currency.Minor(original.Facts.Amount), currency.Minor(original.Facts.Bonus)
	principal, err := whole.Sub(bonus)
	if err != nil {
		return 0, err
	}
	before, err := whole.Sub(original.Undone)
	if err != nil {
		return 0, err
	}
	left, err := before.Sub(part)
	if err != nil {
		return 0, err
	}
	shares := func(amount money.Amount) ([]ledger.Entry, error) {
		p, b, err := split(terms.SpendOrder, principal, bonus, amount)
		return spendEntries(terms, original.Card, original.Home, original.Merchant, p, b), err
	}
	old, err := shares(before)
	if err != nil {
		return 0, err
	}
	rest, err := shares(left)
	if err != nil {
		return 0, err
	}
	for i := range old {
		difference, err := rest[i].Amount.Sub(old[i].Amount)
		if err != nil {
			return 0, err
		}
		b.debit(old[i].Account, difference)
	}
	return left.Minor(), nil
}
