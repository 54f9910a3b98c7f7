package alliance

import (
	"github.com/lianka/lianka/clearing/ledger"
)

// HoldExpired ends a hold that was neither captured nor voided in time.
const HoldExpired ledger.Type = "hold.expired"

func holdExpired() *Kind {
	return &Kind{
		Type:  HoldExpired,
		Label: ledger.Label{Chinese: "预授权到期", English: "Hold expired"},
		Due: &DueKind{
			Rank: RankHold,
			Names: func(w DueWork, l Loader) {
				l.Card(w.Card)
				l.Hold(Reference{Seq: w.Subject})
			},
			Run: (*State).runHoldExpiry,
		},
		Apply: func(s *State, _ *Card, r *Record) error {
			s.endHold(r, HoldStateExpired, 0)
			return nil
		},
	}
}

// runHoldExpiry frees what a hold reserves.
func (s *State) runHoldExpiry(work DueWork) (Record, error) {
	r := s.on(s.current(work.Card), "")
	r.Facts.withGrowth().Hold = &HoldFacts{Seq: work.Subject, Reserved: -work.Amount}
	return newEntries(s.Setup.Currency).post(r, HoldExpired, work.At, s.Setup.Current())
}
