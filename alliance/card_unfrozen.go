package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// CardUnfrozen is a lost card marked found.
const CardUnfrozen ledger.Type = "card.unfrozen"

// UnfreezeCard marks a lost card found.
type UnfreezeCard struct{ Card string }

// Event returns CardUnfrozen.
func (UnfreezeCard) Event() ledger.Type { return CardUnfrozen }

func cardUnfrozen() *Kind {
	return &Kind{
		Type:  CardUnfrozen,
		Label: ledger.Label{Chinese: "卡解挂", English: "Card unfrozen"},
		Command: command(
			[]Field{cardField()},
			func(v Values) UnfreezeCard { return UnfreezeCard{Card: v.Text("card")} },
			func(c UnfreezeCard, l Loader) { l.Card(c.Card) },
			func(s *State, c UnfreezeCard, at time.Time) (Record, error) {
				return s.decideMark(c.Card, CardUnfrozen, at)
			}),
		Apply: func(_ *State, card *Card, _ *Record) error {
			card.Frozen = false
			return nil
		},
	}
}
