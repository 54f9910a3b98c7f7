package clearing

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
	// ErrUnavailable: the database could not be asked, or did not answer. It is
	// not known whether the order was booked; the same key tells.
	ErrUnavailable = errors.New("the database is not available; try again with the same key")
)

// Sequencer puts the commands of each circle in one order, in batches; see the
// package's documentation. It is safe for use by many goroutines.
type Sequencer struct {
	// Remember is how many cards of a circle are kept in memory at least, if they
	// were used lately, and half of how many are at most; of other things fewer. Three
	// times as many things are kept of all circles together, before idle ones are
	// forgotten. It must not change after the first order.
	Remember int

	pool  *pgxpool.Pool
	rules Rules

	mu         sync.Mutex
	lines      map[int64]*line
	remembered int // things in the memories of lines that are not served
	stopped    bool
	busy       sync.WaitGroup
}

// NewSequencer returns a sequencer that books by some rules.
func NewSequencer(pool *pgxpool.Pool, rules Rules) *Sequencer {
	return &Sequencer{Remember: remember, pool: pool, rules: rules, lines: make(map[int64]*line)}
}

// line is the orders that wait for a circle. While there are any, one goroutine
// serves them, to whom the memory belongs meanwhile.
type line struct {
	waiting []*waiter
	served  bool
	more    chan struct{} // told when there are more that wait
	memory  *memory       // nil: none, or it can't be trusted
}

// waiter is an order with the place where its caller waits for the outcome.
type waiter struct {
	order   Order
	outcome chan Outcome
}

// Submit decides an order together with whatever else waits for the circle. The
// error says that the order was not decided, or that it is not known whether it
// was: ErrBusy, ErrStopped, ErrUnavailable, ErrNoCircle, ErrClockBack or
// the context's. A rule's refusal is an outcome. If the context ends first, the
// order may still be booked.
func (s *Sequencer) Submit(ctx context.Context, circle int64, order Order) (Outcome, error) {
	outcomes, err := s.SubmitAll(ctx, circle, []Order{order})
	if err != nil {
		return Outcome{}, err
	}
	return outcomes[0], outcomes[0].Err
}

// SubmitAll decides orders in the order given, each by itself: one that is
// refused, or that fails, leaves the others as they are. Outcome.Err is then
// what Submit would have returned. The error says that none was taken (ErrBusy,
// ErrStopped), or that the context ended, when any of them may still be booked.
func (s *Sequencer) SubmitAll(ctx context.Context, circle int64, orders []Order) ([]Outcome, error) {
	pending, err := s.Enqueue(circle, orders)
	if err != nil {
		return nil, err
	}
	return pending.Wait(ctx)
}

// Enqueue is the first half of SubmitAll: the orders stand in line when it
// returns. It is for who has the next ones ready before these are decided.
func (s *Sequencer) Enqueue(circle int64, orders []Order) (*Pending, error) {
	p := &Pending{waiters: make([]*waiter, len(orders))}
	for i, order := range orders {
		p.waiters[i] = &waiter{order: order, outcome: make(chan Outcome, 1)}
	}
	return p, s.join(circle, p.waiters)
}

// Pending is orders that stand in line.
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

func (s *Sequencer) join(circle int64, waiters []*waiter) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return ErrStopped
	}
	l := s.lines[circle]
	if l == nil {
		l = &line{more: make(chan struct{}, 1)}
	}
	if len(l.waiting)+len(waiters) > MaxWaiting {
		return ErrBusy
	}
	if len(waiters) == 0 {
		return nil
	}
	l.waiting = append(l.waiting, waiters...)
	if l.served {
		select {
		case l.more <- struct{}{}:
		default: // it was told already
		}
		return nil
	}
	l.served = true
	s.lines[circle] = l
	if l.memory != nil {
		s.remembered -= l.memory.size()
	}
	s.busy.Add(1)
	go (&service{Sequencer: s, circle: circle, line: l}).run()
	return nil
}

// take takes at most so many orders off a line.
func (s *Sequencer) take(l *line, most int) []*waiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(l.waiting), most)
	taken := l.waiting[:n:n]
	l.waiting = l.waiting[n:]
	return taken
}

// retire ends the service of a line, unless somebody waits. If more is remembered
// than may be, idle circles are forgotten.
func (s *Sequencer) retire(circle int64, l *line) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(l.waiting) > 0 {
		return false
	}
	l.served, l.waiting = false, nil
	if l.memory == nil {
		delete(s.lines, circle)
		return true
	}
	s.remembered += l.memory.size()
	for circle, idle := range s.lines {
		if s.remembered <= 3*s.Remember {
			break
		}
		if !idle.served && idle != l { // one that is not served has a memory
			s.remembered -= idle.memory.size()
			delete(s.lines, circle)
		}
	}
	return true
}

// Advance lets time pass in a circle up to an instant: what falls due by then is
// done. In a test circle it moves the clock, and returns ErrClockBack if that
// stands later already. Doing it twice, or late, changes nothing.
func (s *Sequencer) Advance(ctx context.Context, circle int64, to time.Time) error {
	_, err := s.Submit(ctx, circle, Order{At: to})
	return err
}

// Stop takes no more orders and waits until those that wait are answered, or the
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
