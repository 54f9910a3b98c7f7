package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// HoldVoided ends a hold of which nothing is taken.
const HoldVoided ledger.Type = "hold.voided"

// VoidHold ends a hold.
type VoidHold struct{ Of Reference }

// Event returns HoldVoided.
func (VoidHold) Event() ledger.Type { return HoldVoided }

func holdVoided() *Kind {
	return &Kind{
		Type:  HoldVoided,
		Label: ledger.Label{Chinese: "预授权撤销", English: "Hold voided"},
		Command: command(
			[]Field{transactionField("of")},
			func(v Values) VoidHold { return VoidHold{Of: v.Transaction("of")} },
			func(c VoidHold, l Loader) { l.Hold(c.Of) },
			(*State).decideVoid),
		Apply: func(s *State, _ *Card, r *Record) error {
			s.endHold(r, HoldStateVoided, 0)
			return nil
		},
	}
}

// decideVoid frees what a hold reserves. It asks nothing of the card.
func (s *State) decideVoid(c VoidHold, at time.Time) (Record, error) {
	hold, err := s.hold(c.Of)
	if err != nil {
		return Record{}, err
	}
	r := s.on(s.current(hold.Card), hold.Merchant)
	r.Facts.withGrowth().Hold = &HoldFacts{Seq: hold.Seq, Reserved: -hold.Facts.Amount}
	return newEntries(s.Setup.Currency).post(r, HoldVoided, at, s.Setup.Current())
}
