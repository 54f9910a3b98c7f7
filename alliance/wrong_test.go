package alliance_test

import (
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/lianka/lianka/alliance"
)

// unfundedBonus stands for the unknown_merchant that is looked for after the
// amounts: a bonus funded by a merchant that is not given.
const unfundedBonus = "a bonus without its merchant"

// order is the order in which the contract looks for what is wrong.
var order = []string{
	"unknown_card", "unknown_merchant", "unknown_product", "unknown_benefit", "unknown_member", "card_exists", "unknown_event",
	"already_reversed", // of reversals alone: before the amounts
	"invalid_amount", unfundedBonus,
	"card_cancelled", "card_frozen", "card_in_use", "card_expired",
	"wrong_merchant", "benefit_exhausted", "below_threshold", "over_value_limit", "insufficient_value", "insufficient_points",
	"over_debit_cap",
}

// wrongs is all that is wrong with a command, in any order.
type wrongs []string

func (w *wrongs) when(wrong bool, code string) bool {
	if wrong {
		*w = append(*w, code)
	}
	return wrong
}

// refusal returns the code with which a command has to be refused, or "".
func (m *model) refusal(command alliance.Command) string {
	w := m.wrong(command)
	if len(w) == 0 {
		return m.overCap(command)
	}
	first := slices.MinFunc(w, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	if first == unfundedBonus {
		return "unknown_merchant"
	}
	return first
}

// wrong returns all that is wrong with a command but the debit cap. It looks at
// each thing by itself, whatever else is wrong.
func (m *model) wrong(command alliance.Command) (w wrongs) {
	switch c := command.(type) {
	case alliance.SellCard:
		w.when(c.Merchant != nil && m.setup.Merchants[*c.Merchant] == nil, "unknown_merchant")
		w.when(m.setup.Products[c.Product] == nil || m.setup.Products[c.Product].Retired, "unknown_product")
		w.when(c.Referrer != nil && m.members[*c.Referrer] == nil, "unknown_member")
		w.when(m.cards[c.Card] != nil, "card_exists")
	case alliance.TopUp:
		m.wrongTopUp(&w, c)
	case alliance.SpendValue:
		w.when(!m.positive(c.Amount), "invalid_amount")
		m.wrongUse(&w, c.Card, c.Merchant)
		if m.cards[c.Card] != nil && m.positive(c.Amount) {
			w.when(m.held(c.Card) < m.minor(c.Amount), "insufficient_value")
		}
	case alliance.UsePass:
		w.when(c.Count < 1, "invalid_amount")
		m.wrongBenefit(&w, m.wrongUse(&w, c.Card, c.Merchant), c.Merchant, c.Benefit, alliance.Pass, c.Count)
	case alliance.UseCoupon:
		w.when(!m.positive(c.Bill), "invalid_amount")
		b := m.wrongBenefit(&w, m.wrongUse(&w, c.Card, c.Merchant), c.Merchant, c.Benefit, alliance.Coupon, 1)
		if b != nil && m.positive(c.Bill) {
			bill := m.minor(c.Bill)
			w.when(bill < b.Threshold.Minor() || bill < b.Discount.Minor(), "below_threshold")
		}
	case alliance.RecordPurchase:
		w.when(!m.positive(c.Bill), "invalid_amount")
		m.wrongUse(&w, c.Card, c.Merchant)
	case alliance.SpendPoints:
		w.when(c.Points < 1, "invalid_amount")
		if card := m.wrongUse(&w, c.Card, c.Merchant); card != nil {
			w.when(card.points < c.Points, "insufficient_points")
		}
	case alliance.Reverse:
		m.wrongReversal(&w, c)
	case alliance.FreezeCard:
		m.wrongMark(&w, c.Card)
	case alliance.UnfreezeCard:
		m.wrongMark(&w, c.Card)
	}
	return w
}

// wrongUse looks at what is named, and at the marks of the card.
func (m *model) wrongUse(w *wrongs, code, merchant string) *card {
	w.when(m.setup.Merchants[merchant] == nil, "unknown_merchant")
	card := m.cards[code]
	if w.when(card == nil, "unknown_card") {
		return nil
	}
	w.when(card.cancelled, "card_cancelled")
	w.when(card.frozen, "card_frozen")
	return card
}

func (m *model) wrongMark(w *wrongs, code string) {
	if card := m.cards[code]; !w.when(card == nil, "unknown_card") {
		w.when(card.cancelled, "card_cancelled")
	}
}

func (m *model) wrongBenefit(w *wrongs, c *card, merchant, code string, kind alliance.BenefitKind, count int64) *alliance.Benefit {
	if c == nil {
		return nil
	}
	w.when(m.expired(c), "card_expired")
	b := benefit(c, code, kind)
	if w.when(b == nil, "unknown_benefit") {
		return nil
	}
	w.when(!slices.Contains(b.Merchants, merchant), "wrong_merchant")
	w.when(c.left[code] < count, "benefit_exhausted")
	return b
}

func (m *model) wrongTopUp(w *wrongs, c alliance.TopUp) {
	merchant, bonus, valid := "", "0", m.positive(c.Amount)
	if c.Merchant != nil {
		merchant = *c.Merchant
		w.when(m.setup.Merchants[merchant] == nil, "unknown_merchant")
	}
	if c.Bonus != nil {
		bonus = *c.Bonus
	}
	valid = valid && m.parses(bonus)
	w.when(!valid, "invalid_amount")
	w.when(valid && c.Merchant == nil && c.BonusFundedBy == alliance.FundedByMerchant && m.minor(bonus) > 0, unfundedBonus)
	card := m.cards[c.Card]
	if w.when(card == nil, "unknown_card") {
		return
	}
	w.when(card.cancelled, "card_cancelled")
	w.when(card.frozen, "card_frozen")
	terms := m.setup.Current()
	w.when(terms.Funding == alliance.AtUse && merchant != card.home, "wrong_merchant")
	w.when(valid && terms.Limited && m.held(c.Card)+m.minor(c.Amount)+m.minor(bonus) > terms.ValueLimit.Minor(), "over_value_limit")
}

func (m *model) wrongReversal(w *wrongs, c alliance.Reverse) {
	original := m.named(c.Of)
	if original == nil {
		w.when(true, "unknown_event")
		return
	}
	switch original.command.(type) {
	case alliance.FreezeCard, alliance.UnfreezeCard:
		w.when(true, "unknown_event")
		return
	case alliance.Reverse:
		w.when(true, "already_reversed")
		return
	}
	w.when(original.reversed, "already_reversed")
	w.when(original.card.cancelled, "card_cancelled")
	if _, spent := original.command.(alliance.SpendValue); c.Amount != nil {
		w.when(!spent || !m.positive(*c.Amount) || m.minor(*c.Amount) > original.whole-original.undone, "invalid_amount")
	}
	switch original.command.(type) {
	case alliance.SellCard:
		w.when(m.unreversed()[original.card] > 0, "card_in_use")
		w.when(m.expired(original.card), "card_expired")
	case alliance.UsePass:
		w.when(m.expired(original.card), "card_expired")
	case alliance.TopUp:
		code := original.card.code
		w.when(-m.balances[valueOf(code)] < -original.delta[valueOf(code)], "insufficient_value")
		w.when(-m.balances[bonusOf(code)] < -original.delta[bonusOf(code)], "insufficient_value")
	case alliance.RecordPurchase:
		w.when(original.card.points < original.points, "insufficient_points")
	}
}

// overCap looks at what the merchant that acts is really moved by.
func (m *model) overCap(command alliance.Command) string {
	var merchant string
	switch c := command.(type) {
	case alliance.SellCard:
		if c.Merchant != nil {
			merchant = *c.Merchant
		}
	case alliance.TopUp:
		if c.Merchant != nil {
			merchant = *c.Merchant
		}
	case alliance.RecordPurchase:
		merchant = c.Merchant
	}
	merchantCode := m.setup.Merchants[merchant]
	if merchantCode == nil || !merchantCode.Capped {
		return ""
	}
	lowered := m.expect(command).delta[merchantOf(merchant)]
	if lowered > 0 && m.position(merchant)-lowered < -merchantCode.DebitCap.Minor() {
		return "over_debit_cap"
	}
	return ""
}

// unreversed counts what is done with each card after its sale and not reversed.
func (m *model) unreversed() map[*card]int {
	n := make(map[*card]int)
	for _, a := range m.acts {
		switch a.command.(type) {
		case alliance.SellCard, alliance.Reverse, alliance.FreezeCard, alliance.UnfreezeCard:
			continue
		}
		if !a.reversed {
			n[a.card]++
		}
	}
	return n
}

// held returns principal and bonus on a card.
func (m *model) held(code string) int64 {
	return -m.balances[valueOf(code)] - m.balances[bonusOf(code)]
}

var written = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// minor returns an amount in minor units, or -1 if it is none.
func (m *model) minor(text string) int64 {
	whole, fraction, _ := strings.Cut(text, ".")
	missing := m.setup.Currency.Digits() - len(fraction)
	if !written.MatchString(text) || missing < 0 {
		return -1
	}
	n, _ := new(big.Int).SetString(whole+fraction+strings.Repeat("0", missing), 10)
	if n.Cmp(big.NewInt(1_000_000_000_000_000)) > 0 {
		return -1
	}
	return n.Int64()
}

func (m *model) parses(text string) bool   { return m.minor(text) >= 0 }
func (m *model) positive(text string) bool { return m.minor(text) > 0 }

// earns returns the points of a bill.
func (m *model) earns(bill int64) int64 {
	units := new(big.Rat).SetFrac(big.NewInt(bill), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(m.setup.Currency.Digits())), nil))
	rate, _ := new(big.Rat).SetString(m.setup.Current().PointsPerUnit.String())
	units.Mul(units, rate)
	return new(big.Int).Div(units.Num(), units.Denom()).Int64()
}
