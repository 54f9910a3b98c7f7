package demo

import (
	"cmp"
	"maps"
	"slices"

	"github.com/lianka/lianka/api/spec"
)

// told is what a till was told about a transaction.
type told struct {
	merchant string // "": the organiser's, without a shop
	change   fen    // of the shop's position
}

// tally counts what the tills did.
type tally struct {
	booked  map[spec.TransactionType]int64
	refused map[string]int64
	twice   int64 // requests that were sent twice
	told    map[spec.TransactionID]told
}

func newTally() tally {
	return tally{
		booked: make(map[spec.TransactionType]int64), refused: make(map[string]int64),
		told: make(map[spec.TransactionID]told),
	}
}

// count counts an act.
func (t *tally) count(at *till, a *act) error {
	if a.sent != delivered {
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
	noted := told{change: change}
	if at.merchant != nil {
		noted.merchant = at.merchant.code
	}
	t.told[r.Transaction] = noted
	return nil
}

// events is how many events were booked or refused.
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
