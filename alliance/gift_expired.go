package alliance

import (
	"github.com/lianka/lianka/clearing/ledger"
)

// GiftExpired is the end of a coupon of a gift.
const GiftExpired ledger.Type = "gift.expired"

func giftExpired() *Kind {
	return &Kind{
		Type:  GiftExpired,
		Label: ledger.Label{Chinese: "赠券到期", English: "Gift coupon expired"},
		Due: &DueKind{
			Rank:  RankGift,
			Names: func(w DueWork, l Loader) { l.Card(w.Card) },
			Run:   (*State).runGiftExpiry,
		},
		Apply: func(s *State, card *Card, r *Record) error {
			if card == nil {
				return nil
			}
			if g := card.gift(r.Facts.growth().Gift.Seq); g != nil {
				coupon := g.coupon(r.Facts.growth().Gift.Coupon)
				coupon.Ended = true
				s.noteGift(g, card)
			}
			return nil
		},
	}
}

// runGiftExpiry ends a coupon of a gift. The discount of the uses that are left goes back to
// the campaign's budget.
func (s *State) runGiftExpiry(work DueWork) (Record, error) {
	card := s.current(work.Card)
	g := card.gift(work.Subject)
	held := &g.Coupons[work.Part]
	r := s.on(card, "")
	r.Facts.withGrowth().Gift = &GiftFacts{Seq: g.Seq, Campaign: g.Campaign, Coupon: held.Code}
	if campaign := s.Setup.Campaign(g.Campaign); campaign != nil && held.Left > 0 {
		r.Facts.withGrowth().Budgets = []BudgetChange{{g.Campaign, -campaign.coupon(held.Code).Discount.Minor() * int64(held.Left)}}
	}
	return newEntries(s.Setup.Currency).post(r, GiftExpired, work.At, s.Setup.Current())
}
