package alliance

import (
	"cmp"

	"github.com/lianka/lianka/clearing/ledger"
)

// CommissionReleased makes pending commission payable.
const CommissionReleased ledger.Type = "commission.released"

func commissionReleased() *Kind {
	return &Kind{
		Type:  CommissionReleased,
		Label: ledger.Label{Chinese: "佣金解冻", English: "Commission released"},
		Due:   &DueKind{Rank: RankRelease, Run: (*State).runRelease},
		Apply: func(s *State, _ *Card, r *Record) error {
			if sale := s.Log[r.Facts.SaleSeq]; sale != nil {
				sale.Released[r.Facts.Level] = true
			}
			s.noteCommissionState(r.Facts.SaleSeq, r.Facts.Level, CommissionStateReleased)
			return nil
		},
		OffCard:    true,
		Commission: CommissionReleases,
	}
}

// runRelease moves a commission from pending to payable.
func (s *State) runRelease(work DueWork) (Record, error) {
	b := newEntries(s.Setup.Currency)
	amount := s.Setup.Currency.Minor(work.Amount)
	b.debit(pendingOf(work.Member), amount)
	b.credit(payableOf(work.Member), amount)
	return b.post(Record{
		Transaction: ledger.Transaction{Member: work.Member},
		Facts:       Facts{SaleSeq: cmp.Or(work.Sale, work.Subject), Level: work.Part},
	}, CommissionReleased, work.At, s.Setup.Current())
}
