package alliance

import (
	"slices"
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// CardReplaced is a lost card whose code dies; a new one takes over all that is on it.
const CardReplaced ledger.Type = "card.replaced"

// ReplaceCard gives a card a new code.
type ReplaceCard struct{ Card, NewCard string }

// Event returns CardReplaced.
func (ReplaceCard) Event() ledger.Type { return CardReplaced }

// Replacement is a code that died, and the one that has taken over.
type Replacement struct{ Card, NewCard string }

func cardReplaced() *Kind {
	return &Kind{
		Type:  CardReplaced,
		Label: ledger.Label{Chinese: "补卡", English: "Card replaced"},
		Command: command(
			[]Field{cardField(), {Name: "new_card", Type: CardField}},
			func(v Values) ReplaceCard { return ReplaceCard{Card: v.Text("card"), NewCard: v.Text("new_card")} },
			func(c ReplaceCard, l Loader) {
				l.Gifts(c.Card) // which the new code may get in the same batch
				l.Card(c.NewCard)
			},
			(*State).decideReplacement),
		Create: (*State).replaceCard,
	}
}

// decideReplacement moves what the accounts of a card hold to those of its new code. The
// card may be frozen or expired.
func (s *State) decideReplacement(c ReplaceCard, at time.Time) (Record, error) {
	card, err := s.card(c.Card)
	if err != nil {
		return Record{}, err
	}
	if s.Cards[c.NewCard] != nil {
		return Record{}, refuse(CodeCardExists, "card %q was sold before; a card's code is used once", c.NewCard)
	}
	if err := card.standing(); err != nil {
		return Record{}, err
	}
	b := newEntries(s.Setup.Currency)
	b.debit(valueOf(c.Card), card.Value)
	b.credit(valueOf(c.NewCard), card.Value)
	b.debit(bonusOf(c.Card), card.Bonus)
	b.credit(bonusOf(c.NewCard), card.Bonus)
	b.debit(poolOf(c.Card), card.Pool)
	b.credit(poolOf(c.NewCard), card.Pool)
	r := s.on(card, "")
	r.Facts.withGrowth().NewCard = c.NewCard
	return b.post(r, CardReplaced, at, s.Setup.Current())
}

// replaceCard puts the new code in the place of the old one, of which only what names it
// remains. The entries then move the money. The history of the new code begins with this
// record, which follows the last one of the old.
func (s *State) replaceCard(r *Record) {
	old := s.Cards[r.Card]
	if old == nil {
		return
	}
	zero := s.Setup.Currency.Zero()
	card := *old
	card.Code, card.Frozen, card.LastSeq = r.Facts.growth().NewCard, false, r.Seq
	card.Value, card.Bonus, card.Pool = zero, zero, zero
	s.Cards[card.Code] = &card
	*old = Card{
		Code: old.Code, Product: old.Product, Member: old.Member, Home: old.Home, SoldSeq: old.SoldSeq, SoldAt: old.SoldAt,
		ExpiresAt: old.ExpiresAt, Frozen: old.Frozen, Expired: old.Expired, Value: old.Value, Bonus: old.Bonus, Pool: old.Pool,
		UsesLeft: make([]int, len(card.UsesLeft)), ReplacedBy: &card.Code, HeldSince: old.HeldSince,
	}
	if holders := s.Holders[card.Member]; holders != nil {
		if i := slices.Index(holders, old.Code); i >= 0 {
			holders[i] = card.Code
		}
	}
	if s.Changes != nil {
		s.Changes.NewCards[card.Code] = true
		s.Changes.Replaced = append(s.Changes.Replaced, Replacement{old.Code, card.Code})
	}
}

// current returns the card that a code has become, or nil.
func (s *State) current(code string) *Card {
	card := s.Cards[code]
	for card != nil && card.ReplacedBy != nil {
		card = s.Cards[*card.ReplacedBy]
	}
	return card
}
