package sequencer

import (
	"context"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// FindAnswer returns the outcome of an order whose caller has used its key before, with the same
// content, as far as it is on disk. It is for callers who may not submit the order now: a retry of
// what was decided gets its first answer all the same.
func FindAnswer(ctx context.Context, db ledger.Querier, allianceID int64, order *Order) (Outcome, bool, error) {
	rows, err := db.Query(ctx, lookUpRequests, allianceID, []string{order.Caller}, []string{order.Key})
	if err != nil {
		return Outcome{}, false, clearing.Unavailable(err)
	}
	found := make(map[requestKey]storedRequest)
	if err := scanRequests(rows, found); err != nil {
		return Outcome{}, false, clearing.Unavailable(err)
	}
	earlier, known := found[requestKey{order.Caller, order.Key}]
	if !known || earlier.hash != order.Hash {
		return Outcome{}, false, nil
	}
	earlier.outcome.Replayed = true
	return earlier.outcome, true, nil
}
