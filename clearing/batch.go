package clearing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"lianka/clearing/ledger"
)

// ErrClockBack: a test circle's clock was asked to go back.
var ErrClockBack = errors.New("the clock of a test circle never goes back")

// batch is some orders on their way through one database transaction, which
// takes two round trips: one locks the head, looks the keys up and loads what the
// orders name; the other writes everything and commits. A rule book may need
// another one between them, for what only the first could tell.
//
// The work is cut into segments: each loads what the rest of the orders needs,
// decides, and saves. One segment is the rule; a new one begins after a cut-off,
// which reads what was saved, and when more falls due than is held in memory at
// once.
type batch struct {
	db       ledger.Session
	rules    Rules
	head     Head
	orders   []Order
	outcomes []Outcome
	instants []time.Time
	stored   map[requestKey]storedRequest // of earlier batches
	seen     map[requestKey]int           // the first order of a caller and key

	// of the segment
	book    Book
	loaded  time.Time // all that falls due at or before it is in the book
	booked  []ledger.Transaction
	decided []int // orders whose request is to be recorded
}

// A batch names its rows by key. Its statements are planned once, while the
// tables may still be small, and serve when they are large: so they must be
// planned as look-ups by primary key, whatever the statistics say that day.
const (
	planProbes = `SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`
	planJoins  = `SELECT set_config('enable_hashjoin', 'on', true)` // for a closing, which joins whole tables
)

// execute decides orders in one database transaction and commits. After an error
// the transaction may still be open.
func execute(ctx context.Context, db ledger.Session, rules Rules, circle int64, orders []Order) ([]Outcome, error) {
	b := &batch{
		db: db, rules: rules, orders: orders, outcomes: make([]Outcome, len(orders)),
		seen: make(map[requestKey]int, len(orders)),
	}
	first := &pgx.Batch{}
	first.Queue(`BEGIN ISOLATION LEVEL READ COMMITTED`)
	first.Queue(planProbes)
	b.head.queueLock(first, circle)
	b.queueRecall(first, circle)
	b.book = rules.Open(circle, &b.head, orders)
	b.book.Read(first)
	if err := db.SendBatch(ctx, first).Close(); err != nil {
		return nil, err
	}
	b.instants = b.tellTime()
	b.answerStored()
	for done := 0; done < len(orders); {
		var err error
		if done, err = b.segment(ctx, done); err != nil {
			return nil, err
		}
	}
	return b.outcomes, nil
}

// tellTime returns the instant of each order. Time in a circle never goes back:
// servers whose clocks differ take turns at it. A test circle lives by its own
// clock, which only orders without a command move.
func (b *batch) tellTime() []time.Time {
	instants := make([]time.Time, len(b.orders))
	now := b.head.BookedThrough
	for i, o := range b.orders {
		at := o.At.UTC().Truncate(time.Microsecond)
		if b.head.Circle.Mode == Test {
			if o.Command == nil && at.Before(b.head.Clock) {
				b.outcomes[i].Err = ErrClockBack
			} else if o.Command == nil {
				b.head.Clock = at
			}
			at = b.head.Clock
		}
		if at.After(now) {
			now = at
		}
		instants[i] = now
	}
	return instants
}

// segment decides orders from the one numbered first on, as far as one book
// goes, and saves; the last one commits. It returns the number of the order that
// comes next.
func (b *batch) segment(ctx context.Context, first int) (next int, err error) {
	if b.book == nil {
		if err := b.reopen(ctx, first); err != nil {
			return first, err
		}
	}
	defer func() { b.book = nil }()
	b.booked, b.decided = b.booked[:0], b.decided[:0]
	if b.loaded, err = b.book.Load(ctx, b.db, b.instants[len(b.instants)-1]); err != nil {
		return first, err
	}
	for next = first; next < len(b.orders); next++ {
		at := b.instants[next]
		if err := b.runDue(at); err != nil {
			return next, err
		}
		if b.loaded.Before(at) && b.loaded.Before(b.cutoff()) {
			return next, b.save(ctx, false) // there is more that falls due
		}
		if cutoff := b.cutoff(); !cutoff.After(at) {
			if err := b.save(ctx, false); err != nil {
				return next, err
			}
			return next, b.close(ctx)
		}
		b.head.BookedThrough = at
		if err := b.decide(ctx, next, at); err != nil {
			return next, err
		}
	}
	return next, b.save(ctx, true)
}

// reopen opens the book of a further segment.
func (b *batch) reopen(ctx context.Context, first int) error {
	b.book = b.rules.Open(b.head.Circle.ID, &b.head, b.orders[first:])
	reads := &pgx.Batch{}
	b.book.Read(reads)
	if reads.Len() == 0 {
		return nil
	}
	return b.db.SendBatch(ctx, reads).Close()
}

// never is later than all that happens.
var never = time.Date(20000, time.December, 31, 0, 0, 0, 0, time.UTC)

// cutoff returns the cut-off of the open window.
func (b *batch) cutoff() time.Time {
	if b.head.Window.Period == "" {
		return never
	}
	return b.head.Window.CutoffAt
}

// runDue does what falls due at or before an instant and not after the cut-off.
// What falls due at the cut-off itself is done before it.
func (b *batch) runDue(at time.Time) error {
	if cutoff := b.cutoff(); cutoff.Before(at) {
		at = cutoff
	}
	for {
		due, ok := b.book.NextDue()
		if !ok || due.After(at) {
			return nil
		}
		t, err := b.book.RunDue(b.head.LastSeq+1, b.head.Window.Period)
		if err != nil {
			return err
		}
		if err := b.post(t); err != nil {
			return err
		}
	}
}

// decide decides one order, or finds that it was decided before.
func (b *batch) decide(ctx context.Context, i int, at time.Time) error {
	order, outcome := &b.orders[i], &b.outcomes[i]
	if order.Command == nil {
		return nil
	}
	if b.head.Window.Period == "" {
		if err := b.openWindow(ctx, WindowOf(at, b.head.Circle.Location)); err != nil {
			return err
		}
	}
	if b.answeredBefore(i) {
		return nil
	}
	t, answer, err := b.book.Decide(*order, at, b.head.LastSeq+1, b.head.Window.Period)
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		outcome.Refusal = refusal
		if outcome.Answer, err = json.Marshal(refusal); err != nil {
			return err
		}
	case err != nil:
		return err
	default:
		if err := b.post(t); err != nil {
			return err
		}
		outcome.Seq, outcome.Answer = t.Seq, answer
	}
	b.seen[requestKey{order.Caller, order.Key}] = i
	b.decided = append(b.decided, i)
	return nil
}

// post seals a transaction and takes it into the segment.
func (b *batch) post(t ledger.Transaction) error {
	if err := t.Check(); err != nil {
		return err
	}
	if t.Seq != b.head.LastSeq+1 {
		return fmt.Errorf("transaction %d follows %d", t.Seq, b.head.LastSeq)
	}
	t.Hash = t.Seal(b.head.Circle.ID, b.head.LastHash)
	b.head.LastSeq, b.head.LastHash = t.Seq, t.Hash
	b.booked = append(b.booked, t)
	return nil
}

// save writes the segment, and after the last one the head, and commits.
func (b *batch) save(ctx context.Context, last bool) error {
	writes := &pgx.Batch{}
	if err := ledger.Post(writes, b.head.Circle.ID, b.booked); err != nil {
		return err
	}
	b.saveRequests(writes)
	if err := b.book.Save(writes); err != nil {
		return err
	}
	if last {
		b.head.save(writes)
		writes.Queue(`COMMIT`)
	}
	if writes.Len() == 0 {
		return nil
	}
	return b.db.SendBatch(ctx, writes).Close()
}
