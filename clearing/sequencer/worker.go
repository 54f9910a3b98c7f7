package sequencer

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

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/columns"
)

// worker decides the orders of one circle. At most one batch is being written to the
// database. Meanwhile the orders that arrive are decided from memory and added to the next
// one. When the first is on disk its callers are answered and the next is sent.
type worker struct {
	*Sequencer
	allianceID int64
	*queue
	inFlight *pendingBatch // being written to the database
	next     *pendingBatch // follows it, and still grows
}

// pendingBatch is a batch and the waiters for its outcomes.
type pendingBatch struct {
	*batch
	waiters []*waiter
	done    chan error // the result of the write
}

// run works until no orders wait.
func (w *worker) run() {
	defer w.busy.Done()
	for {
		if w.inFlight == nil && w.next != nil {
			w.send()
		}
		room := MaxBatch
		if w.next != nil {
			room -= len(w.next.waiters)
		}
		taken := w.take(w.queue, room)
		switch {
		case len(taken) > 0:
			w.decide(taken)
		case w.inFlight != nil && room > 0:
			select {
			case err := <-w.inFlight.done:
				w.complete(err)
			case <-w.more:
			}
		case w.inFlight != nil:
			w.complete(<-w.inFlight.done)
		case w.next == nil && w.retire(w.allianceID, w.queue):
			return
		}
	}
}

// decide decides orders from memory, into the next batch. If they need the lock, it decides
// them under the lock, after all orders before them.
func (w *worker) decide(taken []*waiter) {
	if w.memory != nil {
		if w.next == nil {
			w.next = &pendingBatch{batch: newBatch(w.memory)}
		}
		ok, err := w.decideFromMemory(taken)
		if err != nil {
			// Memory is wrong now, and so is the next batch.
			taken = append(w.next.waiters, taken...)
			w.next = nil
			w.drain()
			w.memory = nil
			w.decideLocked(taken)
			return
		}
		if ok {
			w.next.waiters = append(w.next.waiters, taken...)
			return
		}
	}
	w.drain()
	w.decideLocked(taken)
}

func (w *worker) decideFromMemory(taken []*waiter) (ok bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), batchTimeout)
	defer cancel()
	defer recoverPanic(&err)
	return w.next.decideFromMemory(ctx, w.pool, ordersOf(taken))
}

// recoverPanic turns a panic into an error: if the rule book fails on one command, the
// others must not fail with it.
func recoverPanic(err *error) {
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

// drain sends what was decided and waits until nothing is in flight.
func (w *worker) drain() {
	for w.inFlight != nil || w.next != nil {
		if w.inFlight == nil {
			w.send()
			continue
		}
		w.complete(<-w.inFlight.done)
	}
}

// send sends the next batch to the database. If it has nothing to write, because all its
// orders are retries, it is answered at once.
func (w *worker) send() {
	b := w.next
	w.next = nil
	if len(b.waiters) == 0 {
		return
	}
	writes, err := b.prepare()
	switch {
	case err != nil:
		w.memory = nil
		w.decideLocked(b.waiters)
	case writes == nil:
		answer(b.waiters, b.outcomes)
		b.written()
	default:
		b.done = make(chan error, 1)
		w.inFlight = b
		go func() { b.done <- w.write(writes) }()
	}
}

func (b *pendingBatch) prepare() (writes *pgx.Batch, err error) {
	defer recoverPanic(&err)
	return b.writes()
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
	return clearing.Unavailable(conn.SendBatch(ctx, writes).Close())
}

// acquire returns a connection on which columns are registered.
func (s *Sequencer) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", clearing.ErrUnavailable, err)
	}
	if err := columns.Register(conn.Conn()); err != nil {
		conn.Release()
		return nil, err
	}
	return conn, nil
}

// complete answers the batch that was in flight. If it was not written, it is decided
// again under the lock, and so is the one after it. If it is not known whether it was
// written, its callers get an error that says so.
func (w *worker) complete(err error) {
	completed, behind := w.inFlight, w.next
	w.inFlight = nil
	if err == nil {
		if behind != nil {
			w.send() // first, so that the database does not wait
		}
		answer(completed.waiters, completed.outcomes)
		completed.written()
		return
	}
	w.next, w.memory = nil, nil
	if errors.Is(err, clearing.ErrUnavailable) {
		fail(completed.waiters, err)
	} else {
		w.decideLocked(completed.waiters)
	}
	if behind != nil {
		w.decideLocked(behind.waiters)
	}
	if w.memory != nil && repeated(err) {
		w.memory.keyChecksLeft = keyChecks
	}
}

// repeated reports whether a batch failed because of a key that was used long ago.
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

// decideLocked decides orders under the lock, and answers them. If that fails, one order
// may be the reason. So each half is tried by itself, until that order fails alone.
func (w *worker) decideLocked(waiters []*waiter) {
	ctx, cancel := context.WithTimeout(context.Background(), batchTimeout)
	defer cancel()
	outcomes, err := w.attempt(ctx, ordersOf(waiters))
	switch {
	case err == nil:
		answer(waiters, outcomes)
	case len(waiters) == 1 || errors.Is(err, clearing.ErrUnavailable) || errors.Is(err, clearing.ErrNoAlliance):
		fail(waiters, err)
	default:
		half := len(waiters) / 2
		w.decideLocked(waiters[:half])
		w.decideLocked(waiters[half:])
	}
}

// attempt runs orders in a database transaction, again as a whole if the database
// asks for it (40001 serialization failure, 40P01 deadlock).
func (w *worker) attempt(ctx context.Context, orders []Order) ([]Outcome, error) {
	for attempt := 1; ; attempt++ {
		outcomes, err := w.once(ctx, orders)
		if err == nil || attempt == maxAttempts || !retryable(err) {
			return outcomes, clearing.Unavailable(err)
		}
		pause := time.Duration(rand.Int64N(int64(time.Millisecond) << attempt))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, clearing.Unavailable(ctx.Err())
		}
	}
}

func (w *worker) once(ctx context.Context, orders []Order) (outcomes []Outcome, err error) {
	conn, err := w.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	known := w.memory
	w.memory = nil // unless this succeeds
	defer func() {
		if conn.Conn().PgConn().TxStatus() == 'I' {
			return
		}
		rollback, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if _, failed := conn.Exec(rollback, `ROLLBACK`); failed != nil {
			_ = conn.Conn().Close(rollback) // the pool opens another
		}
	}()
	defer recoverPanic(&err)
	empty := func() *memory { return newMemory(w.allianceID, w.rules, w.Remember) }
	outcomes, w.memory, err = lockAndDecide(ctx, conn, empty, known, orders)
	return outcomes, err
}

// retryable reports whether the database asks for the transaction to be retried.
func retryable(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && (refused.Code == "40001" || refused.Code == "40P01")
}
