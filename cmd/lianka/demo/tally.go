package demo

import (
	"cmp"
	"maps"
	"slices"

	"github.com/lianka/lianka/api/spec"
)

// receiptFigures is what a receipt says of a transaction.
type receiptFigures struct {
	merchant string // "": the organiser's, without a shop
	change   fen    // of the shop's position
}

// tally counts what the tills did.
type tally struct {
	booked   map[spec.TransactionType]int64
	refused  map[string]int64
	twice    int64 // requests that were sent twice
	receipts map[spec.TransactionID]receiptFigures
	spends   map[spec.TransactionID]bool // that count for a card's tier
	spent    map[string]fen              // by card, less what was taken back
}

func newTally() tally {
	return tally{
		booked: make(map[spec.TransactionType]int64), refused: make(map[string]int64),
		receipts: make(map[spec.TransactionID]receiptFigures), spends: make(map[spec.TransactionID]bool), spent: make(map[string]fen),
	}
}

// count counts an exchange.
func (t *tally) count(at *till, a *exchange) error {
	if a.delivery != delivered {
		t.twice++
	}
	if code := a.answer.code(); code != "" {
		t.refused[code]++
		return nil
	}
	r := a.answer.receipt
	t.booked[r.Type]++
	change, err := parseFen(r.PositionChange)
	if err != nil {
		return err
	}
	figures := receiptFigures{change: change}
	switch {
	case at.merchant != nil:
		figures.merchant = at.merchant.code
	case r.Merchant != nil: // the organiser's request for a shop
		figures.merchant = *r.Merchant
	}
	t.receipts[r.Transaction] = figures
	return t.countSpent(r)
}

// events returns how many requests were booked or refused.
func (t *tally) events() int64 { return sum(t.booked) + sum(t.refused) }

func sum[K comparable](counts map[K]int64) (n int64) {
	for _, count := range counts {
		n += count
	}
	return n
}

// commonest returns the keys of counts, the most frequent first.
func commonest[K cmp.Ordered](counts map[K]int64) []K {
	return slices.SortedFunc(maps.Keys(counts), func(a, b K) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
}
