package clearing

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lianka/lianka/clearing/columns"
)

// service is a line that is being served. At any time at most one batch is on its
// way to the database, and behind it the next one grows with whatever arrives,
// decided from memory. When the first is on disk its callers are answered and the
// other departs. So the rule book and the database work at the same time, and a
// batch is what arrived while the last one was written.
type service struct {
	*Sequencer
	circle int64
	*line
	air  *flight // on its way to the database
	next *flight // decided upon it, and still growing
}

// flight is a batch with those who wait for its outcomes.
type flight struct {
	*batch
	waiters []*waiter
	landed  chan error
}

// run serves until nobody waits.
func (s *service) run() {
	defer s.busy.Done()
	for {
		if s.air == nil && s.next != nil {
			s.depart()
		}
		room := MaxBatch
		if s.next != nil {
			room -= len(s.next.waiters)
		}
		taken := s.take(s.line, room)
		switch {
		case len(taken) > 0:
			s.decide(taken)
		case s.air != nil && room > 0:
			select {
			case err := <-s.air.landed:
				s.land(err)
			case <-s.more:
			}
		case s.air != nil:
			s.land(<-s.air.landed)
		case s.next == nil && s.retire(s.circle, s.line):
			return
		}
	}
}

// decide decides orders: into the next batch from memory, or if they need it under
// the lock, after all before them.
func (s *service) decide(taken []*waiter) {
	if s.memory != nil {
		if s.next == nil {
			s.next = &flight{batch: newBatch(s.memory)}
		}
		ok, err := s.ahead(taken)
		if err != nil {
			// What went before is void, because memory is spoiled.
			taken = append(s.next.waiters, taken...)
			s.next = nil
			s.quiet()
			s.memory = nil
			s.settle(taken)
			return
		}
		if ok {
			s.next.waiters = append(s.next.waiters, taken...)
			return
		}
	}
	s.quiet()
	s.settle(taken)
}

func (s *service) ahead(taken []*waiter) (ok bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), batchTimeout)
	defer cancel()
	defer contain(&err)
	return s.next.ahead(ctx, s.pool, ordersOf(taken))
}

// contain makes an error of a panic: a rule book that fails on one command must
// not take the others along.
func contain(err *error) {
	if fault := recover(); fault != nil {
		*err = fmt.Errorf("the rule book failed: %v\n%s", fault, debug.Stack())
	}
}

func ordersOf(waiters []*waiter) []Order {
	orders := make([]Order, len(waiters))
	for i, w := range waiters {
		orders[i] = w.order
	}
	return orders
}

// quiet waits until nothing is on its way.
func (s *service) quiet() {
	for s.air != nil || s.next != nil {
		if s.air == nil {
			s.depart()
			continue
		}
		s.land(<-s.air.landed)
	}
}

// depart sends the next batch on its way. If it has nothing to write, because it
// only repeats what was asked before, its callers are answered.
func (s *service) depart() {
	f := s.next
	s.next = nil
	if len(f.waiters) == 0 {
		return
	}
	writes, err := f.load()
	switch {
	case err != nil:
		s.memory = nil
		s.settle(f.waiters)
	case writes == nil:
		answer(f.waiters, f.outcomes)
		f.written()
	default:
		f.landed = make(chan error, 1)
		s.air = f
		go func() { f.landed <- s.write(writes) }()
	}
}

func (f *flight) load() (writes *pgx.Batch, err error) {
	defer contain(&err)
	return f.writes()
}

// write sends a batch to the database, which commits it as a whole.
func (s *Sequencer) write(writes *pgx.Batch) error {
	ctx, cancel := context.WithTimeout(context.Background(), batchTimeout)
	defer cancel()
	conn, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return Unavailable(conn.SendBatch(ctx, writes).Close())
}

// acquire returns a connection that knows columns.
func (s *Sequencer) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if err := columns.Register(conn.Conn()); err != nil {
		conn.Release()
		return nil, err
	}
	return conn, nil
}

// land answers the batch that was on its way. If it was not written, it and the
// one decided upon it are decided again under the lock; if that can't be known,
// its callers are told so.
func (s *service) land(err error) {
	landed, behind := s.air, s.next
	s.air = nil
	if err == nil {
		if behind != nil {
			s.depart() // first, lest the database wait
		}
		answer(landed.waiters, landed.outcomes)
		landed.written()
		return
	}
	s.next, s.memory = nil, nil
	if errors.Is(err, ErrUnavailable) {
		fail(landed.waiters, err)
	} else {
		s.settle(landed.waiters)
	}
	if behind != nil {
		s.settle(behind.waiters)
	}
	if s.memory != nil && repeated(err) {
		s.memory.wary = waryFor
	}
}

// repeated reports whether a key was met that was used long ago.
func repeated(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.ConstraintName == "requests_pkey"
}

func answer(waiters []*waiter, outcomes []Outcome) {
	for i, w := range waiters {
		w.outcome <- outcomes[i]
	}
}

func fail(waiters []*waiter, err error) {
	for _, w := range waiters {
		w.outcome <- Outcome{Err: err}
	}
}

// settle decides orders under the lock, and answers them. If that fails for a
// reason of one order's own, they are cut in two and each half tried again, so
// that the order fails alone.
func (s *service) settle(waiters []*waiter) {
	ctx, cancel := context.WithTimeout(context.Background(), batchTimeout)
	defer cancel()
	outcomes, err := s.attempt(ctx, ordersOf(waiters))
	switch {
	case err == nil:
		answer(waiters, outcomes)
	case len(waiters) == 1 || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrNoCircle):
		fail(waiters, err)
	default:
		half := len(waiters) / 2
		s.settle(waiters[:half])
		s.settle(waiters[half:])
	}
}

// attempt runs orders in a database transaction, again as a whole if the database
// asks for it (40001 serialization failure, 40P01 deadlock).
func (s *service) attempt(ctx context.Context, orders []Order) ([]Outcome, error) {
	for attempt := 1; ; attempt++ {
		outcomes, err := s.once(ctx, orders)
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

func (s *service) once(ctx context.Context, orders []Order) (outcomes []Outcome, err error) {
	conn, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	known := s.memory
	s.memory = nil // until it is certain again
	defer func() {
		if conn.Conn().PgConn().TxStatus() == 'I' {
			return
		}
		rollback, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if _, failed := conn.Exec(rollback, `ROLLBACK`); failed != nil {
			_ = conn.Conn().Close(rollback) // the pool makes another
		}
	}()
	defer contain(&err)
	fresh := func() *memory { return newMemory(s.circle, s.rules, s.Remember) }
	outcomes, s.memory, err = decideLocked(ctx, conn, fresh, known, orders)
	return outcomes, err
}

// again reports whether the database asks for the whole transaction once more.
func again(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && (refused.Code == "40001" || refused.Code == "40P01")
}
