package alliance

import (
	"math/big"
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// Ground says why a member gives a card back.
type Ground string

// The grounds.
const (
	GroundCoolingOff Ground = "cooling_off" // within the first days, unused
	GroundMember     Ground = "member"      // the member's wish
	GroundShop       Ground = "shop"        // the fault is the shops'
)

// RefundFacts is what a member gets for a card. Amounts are in minor units.
type RefundFacts struct {
	Ground Ground `json:"ground"`
	Price  int64  `json:"price"` // of the price of the card
	Value  int64  `json:"value"` // of stored value
}

// refundOfPrice returns what comes back of a card's price.
func (s *State) refundOfPrice(card *Card, ground Ground, price money.Amount, at time.Time) money.Amount {
	switch {
	case card.Expired || price.IsZero():
		return s.Setup.Currency.Zero()
	case ground == GroundCoolingOff:
		return price
	}
	product := s.Setup.Products[card.Product]
	used, all, listed := new(big.Int), new(big.Int), new(big.Int)
	for i := range product.Benefits {
		b := &product.Benefits[i]
		taken := int64(b.Uses - card.UsesLeft[i])
		worth, full := b.Reimbursement, b.ListPrice
		if b.Kind == Coupon {
			worth, full = b.Discount, b.Discount
		}
		add(used, taken, worth)
		add(all, int64(b.Uses), worth)
		add(listed, taken, full)
	}
	whole := big.NewInt(price.Minor())
	if all.Sign() == 0 {
		return unusedDays(product, card, price, at)
	}
	member := new(big.Int).Sub(whole, listed)
	if member.Sign() < 0 {
		member.SetInt64(0)
	}
	if ground == GroundShop {
		part := new(big.Int).Mul(whole, used)
		shop := part.Sub(whole, part.Quo(part, all))
		if shop.Cmp(member) > 0 {
			member = shop
		}
	}
	return s.Setup.Currency.Minor(member.Int64())
}

func add(sum *big.Int, count int64, amount money.Amount) {
	sum.Add(sum, new(big.Int).Mul(big.NewInt(count), big.NewInt(amount.Minor())))
}

// unusedDays returns the part of a price for the days that are left, each begun one counted.
func unusedDays(product *Product, card *Card, price money.Amount, at time.Time) money.Amount {
	if product.ValidDays == 0 {
		return price.Currency().Zero()
	}
	const day = 24 * time.Hour
	left := int64((card.ExpiresAt.Sub(at) + day - 1) / day)
	part := new(big.Int).Mul(big.NewInt(price.Minor()), big.NewInt(left))
	return price.Currency().Minor(part.Quo(part, big.NewInt(int64(product.ValidDays))).Int64())
}

// RefundClause names the rule by which a price's part is worked out. docs/rules.md lists them
// under "Giving a card back".
type RefundClause string

// The clauses.
const (
	ClauseExpired    RefundClause = "expired"     // nothing of the price
	ClauseCoolingOff RefundClause = "cooling_off" // all of it
	ClauseMember     RefundClause = "member"      // less what was used, at its full price
	ClauseShop       RefundClause = "shop"        // less the part for what was used
	ClauseDays       RefundClause = "days"        // the days that are left, of a product with nothing to use
)

// RefundClause returns the rule by which a card's price part is worked out on a ground.
func (s *Setup) RefundClause(card *Card, ground Ground) RefundClause {
	switch {
	case card.Expired:
		return ClauseExpired
	case ground == GroundCoolingOff:
		return ClauseCoolingOff
	case !s.Products[card.Product].worthUsing():
		return ClauseDays
	case ground == GroundShop:
		return ClauseShop
	}
	return ClauseMember
}

// worthUsing reports whether any of a product's benefits is worth something.
func (p *Product) worthUsing() bool {
	for i := range p.Benefits {
		b := &p.Benefits[i]
		if b.Uses > 0 && (b.Kind == Coupon && !b.Discount.IsZero() || b.Kind != Coupon && !b.Reimbursement.IsZero()) {
			return true
		}
	}
	return false
}

// refundOfValue returns what comes back of stored value. What gifts gave is spent first; what
// stands of spends beyond that is set against the top-ups.
func (s *State) refundOfValue(card *Card, ground Ground) money.Amount {
	bought, whole := card.ToppedUp, card.ToppedUp+card.ToppedUpBonus
	spent := max(0, card.Spent-card.GiftBonus)
	if ground != GroundShop {
		return s.Setup.Currency.Minor(max(0, bought-spent))
	}
	if whole == 0 || spent >= whole {
		return s.Setup.Currency.Zero()
	}
	part := new(big.Int).Mul(big.NewInt(bought), big.NewInt(whole-spent))
	return s.Setup.Currency.Minor(part.Quo(part, big.NewInt(whole)).Int64())
}

// shareOf returns part ÷ whole of an amount, rounded down.
func shareOf(amount, part, whole money.Amount) money.Amount {
	if whole.IsZero() {
		return amount.Currency().Zero()
	}
	return amount.Proportion(part, whole)
}
