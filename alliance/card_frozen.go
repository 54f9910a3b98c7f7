package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// CardFrozen is a card marked lost.
const CardFrozen ledger.Type = "card.frozen"

// FreezeCard marks a card lost.
type FreezeCard struct{ Card string }

// Event returns CardFrozen.
func (FreezeCard) Event() ledger.Type { return CardFrozen }

func cardFrozen() *Kind {
	return &Kind{
		Type:  CardFrozen,
		Label: ledger.Label{Chinese: "卡挂失", English: "Card frozen"},
		Command: command(
			[]Field{cardField()},
			func(v Values) FreezeCard { return FreezeCard{Card: v.Text("card")} },
			func(c FreezeCard, l Loader) { l.Card(c.Card) },
			func(s *State, c FreezeCard, at time.Time) (Record, error) {
				return s.decideMark(c.Card, CardFrozen, at)
			}),
		Apply: func(_ *State, card *Card, _ *Record) error {
			card.Frozen = true
			return nil
		},
	}
}

// decideMark freezes or unfreezes a card. Any card that still is one will do, so that
// reporting a lost card twice does no harm.
func (s *State) decideMark(code string, kind ledger.Type, at time.Time) (Record, error) {
	card, err := s.card(code)
	if err != nil {
		return Record{}, err
	}
	if err := card.standing(); err != nil {
		return Record{}, err
	}
	return newEntries(s.Setup.Currency).post(s.on(card, ""), kind, at, s.Setup.Current())
}
