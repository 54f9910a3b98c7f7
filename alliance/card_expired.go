package alliance

import (
	"github.com/lianka/lianka/clearing/ledger"
)

// CardExpired is the end of a card's passes and coupons.
const CardExpired ledger.Type = "card.expired"

func cardExpired() *Kind {
	return &Kind{
		Type:  CardExpired,
		Label: ledger.Label{Chinese: "卡到期", English: "Card expired"},
		Due: &DueKind{
			Rank:  RankExpiry,
			Names: func(w DueWork, l Loader) { l.Card(w.Card) },
			Run:   (*State).runExpiry,
		},
		Apply: func(s *State, card *Card, _ *Record) error {
			s.endCoupons(card)
			card.Expired = true
			return nil
		},
	}
}

// runExpiry ends a card's passes and coupons, those of gifts too. What is left in the pool goes to the
// organiser, unless the seller pays only at use: then the seller keeps it. The member
// keeps stored value and points.
func (s *State) runExpiry(work DueWork) (Record, error) {
	card := s.current(work.Card)
	terms := s.Setup.Current()
	b := newEntries(s.Setup.Currency)
	b.debit(poolOf(card.Code), card.Pool)
	if home := s.home(card); sellerOwes(terms, home) {
		b.rest(issuer(home))
	} else {
		b.rest(organiser())
	}
	r := s.on(card, "")
	r.Facts = Facts{SaleSeq: work.Subject}
	if budgets := s.unusedBudgets(card); len(budgets) > 0 {
		r.Facts.Growth = &GrowthFacts{Budgets: budgets}
	}
	return b.post(r, CardExpired, work.At, terms)
}
