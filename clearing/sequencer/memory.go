package clearing

import (
	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/recent"
)

// waryFor is for how many batches keys are looked up beforehand after one was met
// that was used long ago.
const waryFor = 256

// memory is a circle as this process left it: the state after the newest batch
// that it decided, from which the next is decided before that one is on disk. It
// is true as long as the head in the database has the same version. Whoever
// finds that it has another, or fails halfway, drops the memory; nothing is lost,
// because it holds only what the database holds too, or is being told.
//
// It is bounded: requests, cards and the like that were not used lately are
// forgotten and read again when they are named. That happens as a batch departs,
// when the one before it is on disk, and takes two turns, so nothing is forgotten
// before the database can tell it.
type memory struct {
	circle   int64
	head     Head
	book     Book
	balances *ledger.Balances
	requests map[requestKey]storedRequest
	shelf    recent.Shelf[requestKey, storedRequest]
	wary     int   // batches whose keys are still to be looked up beforehand
	spare    *rows // for the next batch
}

func newMemory(circle int64, rules Rules, remember int) *memory {
	m := &memory{
		circle: circle, balances: ledger.NewBalances(),
		requests: make(map[requestKey]storedRequest), shelf: recent.Shelf[requestKey, storedRequest]{Limit: remember / 3},
	}
	m.book = rules.Open(circle, &m.head, m.balances, remember)
	return m
}

// size returns how many things are remembered.
func (m *memory) size() int { return m.shelf.Len(m.requests) + m.book.Size() }

// forget lets go of what was not used lately.
func (m *memory) forget() { m.requests = m.shelf.Turn(m.requests) }

// recall queues the look-up of the orders whose keys are not remembered.
func (m *memory) recall(reads *pgx.Batch, orders []Order) {
	var callers, keys []string
	for i := range orders {
		if o := &orders[i]; o.Command != nil && !m.shelf.Recall(m.requests, requestKey{o.Caller, o.Key}) {
			callers, keys = append(callers, o.Caller), append(keys, o.Key)
		}
	}
	if len(keys) == 0 {
		return
	}
	reads.Queue(lookUpRequests, m.circle, callers, keys).Query(func(rows pgx.Rows) error {
		before := len(m.requests)
		err := scanRequests(rows, m.requests)
		if len(m.requests) > before {
			m.wary = waryFor // where there was one there are more
		}
		return err
	})
}

// answeredBefore answers an order from one that had its key, if there was one.
func (m *memory) answeredBefore(o *Order) (Outcome, bool) {
	key := requestKey{o.Caller, o.Key}
	if !m.shelf.Recall(m.requests, key) {
		return Outcome{}, false
	}
	earlier := m.requests[key]
	if earlier.hash != o.Hash {
		return Outcome{Refusal: conflict(o.Key)}, true
	}
	earlier.outcome.Replayed = true
	return earlier.outcome, true
}
