package clearing

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Limits of the sequencer.
const (
	// MaxBatch is how many waiting orders one database transaction takes.
	MaxBatch = 1024
	// MaxWaiting is how many orders may wait for a circle; the next is turned
	// away with ErrBusy.
	MaxWaiting = 8192

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
	pool  *pgxpool.Pool
	rules Rules

	mu      sync.Mutex
	lines   map[int64]*line
	stopped bool
	busy    sync.WaitGroup
}

// NewSequencer returns a sequencer that books by some rules.
func NewSequencer(pool *pgxpool.Pool, rules Rules) *Sequencer {
	return &Sequencer{pool: pool, rules: rules, lines: make(map[int64]*line)}
}

// line is the orders that wait for a circle. While there are any, one goroutine
// serves them.
type line struct {
	waiting []*waiter
	served  bool
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
	waiters := make([]*waiter, len(orders))
	for i, order := range orders {
		waiters[i] = &waiter{order: order, outcome: make(chan Outcome, 1)}
	}
	if err := s.join(circle, waiters); err != nil {
		return nil, err
	}
	outcomes := make([]Outcome, len(orders))
	for i, w := range waiters {
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
		l = &line{}
		s.lines[circle] = l
	}
	if len(l.waiting)+len(waiters) > MaxWaiting {
		return ErrBusy
	}
	l.waiting = append(l.waiting, waiters...)
	if !l.served && len(l.waiting) > 0 {
		l.served = true
		s.busy.Add(1)
		go s.serve(circle, l)
	}
	return nil
}

// serve decides what waits for a circle, batch after batch, until nothing does.
func (s *Sequencer) serve(circle int64, l *line) {
	defer s.busy.Done()
	for {
		batch := s.take(circle, l)
		if batch == nil {
			return
		}
		orders := make([]Order, len(batch))
		for i, w := range batch {
			orders[i] = w.order
		}
		ctx, cancel := context.WithTimeout(context.Background(), batchTimeout)
		outcomes := s.settle(ctx, circle, orders)
		cancel()
		for i, w := range batch {
			w.outcome <- outcomes[i]
		}
	}
}

// take takes the next batch off a line, or ends its service.
func (s *Sequencer) take(circle int64, l *line) []*waiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(l.waiting), MaxBatch)
	if n == 0 {
		l.served = false
		delete(s.lines, circle)
		return nil
	}
	batch := l.waiting[:n:n]
	l.waiting = l.waiting[n:]
	return batch
}

// Run decides orders as one batch, now, and returns their outcomes in their
// order. It is for who has many at once, such as a replay. The error is that of
// the whole batch, of which then nothing, or nothing known, happened.
func (s *Sequencer) Run(ctx context.Context, circle int64, orders []Order) ([]Outcome, error) {
	if len(orders) == 0 {
		return nil, nil
	}
	return s.attempt(ctx, circle, orders)
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

// settle decides a batch. If it fails for a reason of one order's own, the batch
// is cut in two and each half tried again, so that the order fails alone.
func (s *Sequencer) settle(ctx context.Context, circle int64, orders []Order) []Outcome {
	outcomes, err := s.attempt(ctx, circle, orders)
	switch {
	case err == nil:
		return outcomes
	case len(orders) == 1 || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrNoCircle):
		outcomes = make([]Outcome, len(orders))
		for i := range outcomes {
			outcomes[i].Err = err
		}
		return outcomes
	}
	half := len(orders) / 2
	return append(s.settle(ctx, circle, orders[:half]), s.settle(ctx, circle, orders[half:])...)
}

// attempt runs a batch in a database transaction, again as a whole if the
// database asks for it (40001 serialization failure, 40P01 deadlock).
func (s *Sequencer) attempt(ctx context.Context, circle int64, orders []Order) ([]Outcome, error) {
	for attempt := 1; ; attempt++ {
		outcomes, err := s.once(ctx, circle, orders)
		if err == nil || attempt == maxAttempts || !again(err) {
			return outcomes, Unavailable(err)
		}
		pause := time.Duration(rand.Int64N(int64(time.Millisecond) << attempt))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, Unavailable(ctx.Err())
		}
	}
}

func (s *Sequencer) once(ctx context.Context, circle int64, orders []Order) (outcomes []Outcome, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer conn.Release()
	defer func() {
		// A rule book that panics on one command must not take the others along.
		if fault := recover(); fault != nil {
			outcomes, err = nil, fmt.Errorf("the rule book failed: %v\n%s", fault, debug.Stack())
		}
		if conn.Conn().PgConn().TxStatus() == 'I' {
			return
		}
		rollback, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if _, failed := conn.Exec(rollback, `ROLLBACK`); failed != nil {
			_ = conn.Conn().Close(rollback) // the pool makes another
		}
	}()
	return execute(ctx, conn, s.rules, circle, orders)
}

// again reports whether the database asks for the whole transaction once more.
func again(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && (refused.Code == "40001" || refused.Code == "40P01")
}
