package sequencer

import (
	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/recent"
)

// keyChecks is for how many batches keys are looked up, after one came that was used long
// ago and is not in memory any more.
const keyChecks = 256

// memory is a circle as this process left it: the state after the newest batch that it
// decided, which may not be on disk yet. It is current as long as the head in the database
// has the same version. If the head has another version, or deciding fails halfway, memory
// is dropped. Nothing is lost, because all of it is in the database or about to be written.
//
// It is bounded: what was not used lately is forgotten, and read again when an order names
// it. Memory forgets when a batch is sent, which is after the one before is on disk, and
// only what is two generations old. So nothing is forgotten before the database has it.
type memory struct {
	allianceID    int64
	head          clearing.Head
	state         AllianceState
	balances      *ledger.Balances
	requests      map[requestKey]storedRequest
	generations   recent.Generations[requestKey, storedRequest] // of requests
	keyChecksLeft int                                           // for how many more batches keys are looked up
	spare         *rows                                         // for the next batch
}

func newMemory(allianceID int64, rules Rules, remember int) *memory {
	m := &memory{
		allianceID: allianceID, balances: ledger.NewBalances(),
		requests: make(map[requestKey]storedRequest), generations: recent.Generations[requestKey, storedRequest]{Limit: remember / 3},
	}
	m.state = rules.Open(allianceID, &m.head, m.balances, remember)
	return m
}

// size returns how many things are remembered.
func (m *memory) size() int { return m.generations.Len(m.requests) + m.state.Size() }

// forget forgets the requests that were not used lately.
func (m *memory) forget() { m.requests = m.generations.Rotate(m.requests) }

// queueKeyChecks queues the look-up of the keys that are not remembered.
func (m *memory) queueKeyChecks(reads *pgx.Batch, orders []Order) {
	var callers, keys []string
	for i := range orders {
		if o := &orders[i]; o.Command != nil && !m.generations.Recall(m.requests, requestKey{o.Caller, o.Key}) {
			callers, keys = append(callers, o.Caller), append(keys, o.Key)
		}
	}
	if len(keys) == 0 {
		return
	}
	reads.Queue(lookUpRequests, m.allianceID, callers, keys).Query(func(rows pgx.Rows) error {
		before := len(m.requests)
		err := scanRequests(rows, m.requests)
		if len(m.requests) > before {
			m.keyChecksLeft = keyChecks // more old keys are likely to follow
		}
		return err
	})
}

// answeredBefore returns the outcome of an order whose key was used before, if it was.
func (m *memory) answeredBefore(o *Order) (Outcome, bool) {
	key := requestKey{o.Caller, o.Key}
	if !m.generations.Recall(m.requests, key) {
		return Outcome{}, false
	}
	earlier := m.requests[key]
	if earlier.hash != o.Hash {
		return Outcome{Refusal: conflict(o.Key)}, true
	}
	earlier.outcome.Replayed = true
	return earlier.outcome, true
}
