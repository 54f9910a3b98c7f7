package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// NextDue returns the instant of the earliest work on the agenda.
func (s *State) NextDue() (time.Time, bool) {
	work, ok := s.Due.Next()
	return work.At, ok
}

// RunDue takes the earliest work off the agenda and returns the record of what
// it means. It may be called only after NextDue found some.
func (s *State) RunDue() (Record, error) {
	work, _ := s.Due.Pop()
	if work.Rank == RankExpiry {
		return s.expire(work)
	}
	return s.release(work)
}

// release moves a commission from pending to payable.
func (s *State) release(work DueWork) (Record, error) {
	d := newDraft(s.Setup.Currency)
	amount := s.Setup.Currency.Minor(work.Amount)
	d.debit(pendingOf(work.Member), amount)
	d.credit(payableOf(work.Member), amount)
	return d.post(Record{
		Transaction: ledger.Transaction{Member: work.Member},
		Facts:       Facts{SaleSeq: work.SaleSeq, Level: work.Level},
	}, CommissionReleased, work.At, s.Setup.Current())
}

// expire ends a card's passes and coupons. What is left in its pool is the
// organiser's, or stays with the seller that owes it only at use. Stored value
// and points stay with the member.
func (s *State) expire(work DueWork) (Record, error) {
	card := s.Cards[work.Card]
	terms := s.Setup.Current()
	d := newDraft(s.Setup.Currency)
	d.debit(poolOf(card.Code), card.Pool)
	if home := s.home(card); sellerOwes(terms, home) {
		d.rest(issuer(home))
	} else {
		d.rest(organiser())
	}
	r := s.on(card, "")
	r.Facts = Facts{SaleSeq: work.SaleSeq}
	return d.post(r, CardExpired, work.At, terms)
}
