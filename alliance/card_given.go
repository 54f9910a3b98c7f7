package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// CardGiven is a card that becomes another member's.
const CardGiven ledger.Type = "card.given"

// GiveCard gives a card to another member.
type GiveCard struct{ Card, Member string }

// Event returns CardGiven.
func (GiveCard) Event() ledger.Type { return CardGiven }

func cardGiven() *Kind {
	return &Kind{
		Type:  CardGiven,
		Label: ledger.Label{Chinese: "转赠", English: "Card given"},
		Command: command(
			[]Field{cardField(), memberField("member")},
			func(v Values) GiveCard { return GiveCard{Card: v.Text("card"), Member: v.Text("member")} },
			func(c GiveCard, l Loader) {
				l.Card(c.Card)
				l.GiftsTo(c.Member)
			},
			(*State).decideGiving),
		Apply: func(s *State, card *Card, r *Record) error {
			if card == nil {
				return nil
			}
			s.dropHolder(card.Member, card.Code)
			card.Member, card.HeldSince = r.Member, r.Seq
			s.noteHolder(card.Member, card.Code)
			return nil
		},
	}
}

// decideGiving makes a card another member's. Who is not known stays so until a purchase, and
// no referrer is bound.
func (s *State) decideGiving(c GiveCard, at time.Time) (Record, error) {
	card, err := s.card(c.Card)
	if err != nil {
		return Record{}, err
	}
	if err := card.usable(); err != nil {
		return Record{}, err
	}
	if err := card.unexpired(); err != nil {
		return Record{}, err
	}
	if card.Member == c.Member {
		return Record{}, refuse(CodeSameMember, "card %q belongs to this member already", card.Code)
	}
	r := s.on(card, "")
	r.Member, r.Facts.Growth = c.Member, &GrowthFacts{GivenBy: card.Member}
	return newEntries(s.Setup.Currency).post(r, CardGiven, at, s.Setup.Current())
}
