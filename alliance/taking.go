package alliance

import (
	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing/money"
)

// Taking is a command that takes something from a card: before it is decided, the circle may
// ask for a code of the card.
type Taking interface {
	Command
	// Takes returns what it takes. What can't be read or found is worth nothing: the command is
	// refused when it is decided.
	Takes(s *State) presentation.Asked
}

// worthOf returns an amount in minor units.
func (s *State) worthOf(text string) int64 {
	amount, err := money.Parse(text, s.Setup.Currency)
	if err != nil {
		return 0
	}
	return amount.Minor()
}

// worthOfPoints returns what points pay, in minor units.
func (s *State) worthOfPoints(points int64) int64 {
	return s.Setup.Current().worth(points).Minor()
}

// worthOfUses returns what uses of a card's benefit are worth to its member, in minor units: of a
// pass its list price, of a coupon the discount.
func (s *State) worthOfUses(card, code string, kind BenefitKind, count int64) int64 {
	c := s.current(card)
	if c == nil || count < 1 {
		return 0
	}
	benefit, _, err := s.entitlement(c, code, kind)
	if err != nil {
		return 0
	}
	each := benefit.Discount
	if kind == Pass {
		each = benefit.ListPrice
		if each.Cmp(benefit.Reimbursement) < 0 {
			each = benefit.Reimbursement
		}
	}
	worth, err := each.Times(count)
	if err != nil {
		return 0
	}
	return worth.Minor()
}
