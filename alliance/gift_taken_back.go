package alliance

import (
	"slices"

	"github.com/lianka/lianka/clearing/money"
)

// GiftTaken is what a reversal takes back of a gift. Its coupons end.
type GiftTaken struct {
	Seq    int64 `json:"seq"`
	Points int64 `json:"points,omitempty"`
	Bonus  int64 `json:"bonus,omitempty"` // in minor units
}

// takeBack adds to a reversal what it takes back of gifts: of a sale all gifts on the card,
// of a spend, capture or purchase those that it caused on its own card, and those that these
// caused in turn. Points and bonus go back to the funders in the order of giving, as far as
// the card has them after the reversal's own, and open holds leave the bonus available.
func (s *State) takeBack(b *entryBuilder, r *Record, original *Original, card *Card) error {
	kind := s.Registry.Kind(original.Type)
	if len(card.Gifts) == 0 || !r.Facts.InFull || (!kind.Consumption && kind.Create == nil) {
		return nil
	}
	points := card.Points + r.Facts.Points
	bonus, err := movement(b.entries, bonusOf(card.Code), s.Setup.Currency)
	if err != nil {
		return err
	}
	value, err := movement(b.entries, valueOf(card.Code), s.Setup.Currency)
	if err != nil {
		return err
	}
	bonusLeft := card.Bonus.Minor() - bonus.Minor()
	bonusLeft = min(bonusLeft, bonusLeft+card.Value.Minor()-value.Minor()-card.Held)

	causes := []int64{original.Seq}
	for _, g := range card.Gifts {
		if kind.Create == nil && !slices.Contains(causes, g.Cause) {
			continue
		}
		causes = append(causes, g.Seq)
		taken := GiftTaken{Seq: g.Seq, Points: min(g.Points, points), Bonus: max(0, min(g.Bonus.Minor(), bonusLeft))}
		points, bonusLeft = points-taken.Points, bonusLeft-taken.Bonus
		if err := s.takeBackGift(b, r, g, taken, card); err != nil {
			return err
		}
	}
	return nil
}

func (s *State) takeBackGift(b *entryBuilder, r *Record, g *Gift, taken GiftTaken, card *Card) error {
	campaign := s.Setup.Campaign(g.Campaign)
	if campaign == nil {
		return nil
	}
	backing, err := s.Setup.Current().PointCost.Times(taken.Points)
	if err != nil {
		return err
	}
	bonus := s.Setup.Currency.Minor(taken.Bonus)
	b.debit(pointsPool(), backing)
	b.debit(bonusOf(card.Code), bonus)
	b.credit(campaign.funder(), money.Amount.Plus(backing, bonus))
	r.Facts.Points -= taken.Points
	facts := r.Facts.withGrowth()
	facts.GiftsTaken = append(facts.GiftsTaken, taken)
	facts.Ended = append(facts.Ended, g.endsOf()...)
	if freed := backing.Minor() + taken.Bonus + s.unusedOf(g); freed != 0 {
		facts.Budgets = append(facts.Budgets, BudgetChange{g.Campaign, -freed})
	}
	return nil
}

// applyTakenBack folds in what a reversal took back of gifts, and returns how many points.
func (s *State) applyTakenBack(card *Card, r *Record) (points int64) {
	for _, taken := range r.Facts.growth().GiftsTaken {
		points += taken.Points
		g := card.gift(taken.Seq)
		if g == nil {
			continue
		}
		g.Points -= taken.Points
		g.Bonus = s.Setup.Currency.Minor(g.Bonus.Minor() - taken.Bonus)
		card.GiftBonus -= taken.Bonus
		s.endCouponsOf(g, card)
		s.noteGift(g, card)
	}
	return points
}
