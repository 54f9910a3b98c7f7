package sequencer

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Limits of the sequencer.
const (
	// MaxBatch is how many orders one database transaction takes.
	MaxBatch = 1024
	// MaxWaiting is how many orders may wait for a circle; the next is turned
	// away with ErrBusy.
	MaxWaiting = 8192
	// remember is what Sequencer.Remember is unless it is set.
	remember = 40_000

	maxAttempts  = 8
	batchTimeout = 60 * time.Second
)

var (
	// ErrBusy: too many orders wait already. Nothing of the order happened.
	ErrBusy = errors.New("too many commands are waiting; try again")
	// ErrStopped: the sequencer takes no more orders. Nothing of the order
	// happened.
	ErrStopped = errors.New("the server is stopping; try again")
)

// Sequencer puts the commands of each circle in one order and books them in batches. It is
// safe for concurrent use.
type Sequencer struct {
	// Remember is how many recently used cards of a circle stay in memory at least; at most
	// it is twice as many. Of other things there are fewer. When idle circles together have
	// more than three times as many things in memory, some are forgotten. Remember must not
	// change after the first order.
	Remember int

	pool  *pgxpool.Pool
	rules Rules

	mu         sync.Mutex
	queues     map[int64]*queue
	remembered int // things in memory of circles without a worker
	stopped    bool
	busy       sync.WaitGroup
}

// New returns a sequencer that books by a rule book.
func New(pool *pgxpool.Pool, rules Rules) *Sequencer {
	return &Sequencer{Remember: remember, pool: pool, rules: rules, queues: make(map[int64]*queue)}
}

// queue is the orders that wait for a circle. While there are any, one worker decides
// them, and owns the memory.
type queue struct {
	waiting []*waiter
	working bool
	more    chan struct{} // tells the worker that there are more
	memory  *memory       // nil: there is none, or it may be wrong
}

// waiter is an order with the channel on which its caller waits for the outcome.
type waiter struct {
	order   Order
	outcome chan Outcome
}

// Submit decides an order, in a batch with whatever else waits for the circle. A refusal
// by a rule is an outcome, not an error. An error (ErrBusy, ErrStopped, ErrClockBack,
// clearing.ErrUnavailable, clearing.ErrNoAlliance or the context's) says that the order was
// not decided, or that it is not known whether it was. If the context ends first, the order
// may still be booked.
func (s *Sequencer) Submit(ctx context.Context, allianceID int64, order Order) (Outcome, error) {
	outcomes, err := s.SubmitAll(ctx, allianceID, []Order{order})
	if err != nil {
		return Outcome{}, err
	}
	return outcomes[0], outcomes[0].Err
}

// SubmitAll decides orders one after the other, each by itself: if one is refused or fails,
// the others are not affected, and its Outcome.Err is what Submit would have returned. An
// error says that no order was accepted (ErrBusy, ErrStopped), or that the context ended;
// then any of them may still be booked.
func (s *Sequencer) SubmitAll(ctx context.Context, allianceID int64, orders []Order) ([]Outcome, error) {
	pending, err := s.Enqueue(allianceID, orders)
	if err != nil {
		return nil, err
	}
	return pending.Wait(ctx)
}

// Enqueue is the first half of SubmitAll: it returns when the orders are queued. It is for
// callers that have the next orders ready before these are decided.
func (s *Sequencer) Enqueue(allianceID int64, orders []Order) (*Pending, error) {
	p := &Pending{waiters: make([]*waiter, len(orders))}
	for i, order := range orders {
		p.waiters[i] = &waiter{order: order, outcome: make(chan Outcome, 1)}
	}
	return p, s.enqueue(allianceID, p.waiters)
}

// Pending is orders that are queued.
type Pending struct{ waiters []*waiter }

// Wait returns the outcomes of the orders. It is called once.
func (p *Pending) Wait(ctx context.Context) ([]Outcome, error) {
	outcomes := make([]Outcome, len(p.waiters))
	for i, w := range p.waiters {
		select {
		case outcomes[i] = <-w.outcome:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return outcomes, nil
}

func (s *Sequencer) enqueue(allianceID int64, waiters []*waiter) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return ErrStopped
	}
	q := s.queues[allianceID]
	if q == nil {
		q = &queue{more: make(chan struct{}, 1)}
	}
	if len(q.waiting)+len(waiters) > MaxWaiting {
		return ErrBusy
	}
	if len(waiters) == 0 {
		return nil
	}
	q.waiting = append(q.waiting, waiters...)
	if q.working {
		select {
		case q.more <- struct{}{}:
		default: // it knows already
		}
		return nil
	}
	q.working = true
	s.queues[allianceID] = q
	if q.memory != nil {
		s.remembered -= q.memory.size()
	}
	s.busy.Add(1)
	go (&worker{Sequencer: s, allianceID: allianceID, queue: q}).run()
	return nil
}

// take takes orders off a queue, at most so many.
func (s *Sequencer) take(q *queue, most int) []*waiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(q.waiting), most)
	taken := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	return taken
}

// retire marks a queue as idle, unless orders wait. If idle circles take too much memory,
// some are forgotten.
func (s *Sequencer) retire(allianceID int64, q *queue) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(q.waiting) > 0 {
		return false
	}
	q.working, q.waiting = false, nil
	if q.memory == nil {
		delete(s.queues, allianceID)
		return true
	}
	s.remembered += q.memory.size()
	for allianceID, idle := range s.queues {
		if s.remembered <= 3*s.Remember {
			break
		}
		if !idle.working && idle != q { // an idle queue has a memory
			s.remembered -= idle.memory.size()
			delete(s.queues, allianceID)
		}
	}
	return true
}

// Advance does what falls due in a circle up to an instant. In a test circle it moves the
// clock, and returns ErrClockBack if the clock is later already. Doing it twice, or late,
// changes nothing.
func (s *Sequencer) Advance(ctx context.Context, allianceID int64, to time.Time) error {
	_, err := s.Submit(ctx, allianceID, Order{At: to})
	return err
}

// Stop accepts no more orders, and waits until those that are queued are answered or the
// context ends.
func (s *Sequencer) Stop(ctx context.Context) error {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		s.busy.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
