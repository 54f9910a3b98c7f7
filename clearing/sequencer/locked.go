package sequencer

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
)

// locked is a batch that is decided under the lock of the head, in one database
// transaction of two round trips or a few more: one locks the head, looks the
// keys up and loads what the orders name; the other writes everything and
// commits.
//
// The work is cut into segments, each of which loads, decides and saves. One
// segment is the rule; a new one begins after a cut-off, which reads what was
// saved, around whatever is done with closed windows, and when more falls due than is held
// in memory at once.
type locked struct {
	*batch
	db         ledger.Session
	settlement SettlementProcessor // nil: not needed yet
}

// lockAndDecide decides orders under the lock, commits, and returns the outcomes
// with the memory that is true after that: the one given, if it was still true, or
// a new one that begins empty.
// After an error the transaction may be open and a memory false.
func lockAndDecide(ctx context.Context, db ledger.Session, empty func() *memory, m *memory, orders []Order) ([]Outcome, *memory, error) {
	l := &locked{&batch{memory: m, orders: orders, outcomes: make([]Outcome, len(orders))}, db, nil}
	if err := l.lock(ctx, empty); err != nil {
		return nil, nil, err
	}
	l.rows = newRows(l.circle)
	l.assignInstants()
	for done := 0; done < len(orders); {
		var err error
		if done, err = l.segment(ctx, done); err != nil {
			return nil, nil, err
		}
	}
	return l.outcomes, l.memory, nil
}

// lock locks the head, and makes the memory true.
func (l *locked) lock(ctx context.Context, empty func() *memory) error {
	first := &pgx.Batch{}
	first.Queue(`BEGIN ISOLATION LEVEL READ COMMITTED`)
	first.Queue(planProbes)
	if l.memory != nil {
		var head clearing.Head
		head.QueueLock(first, l.circle)
		l.queueKeyChecks(first, l.orders)
		if err := l.db.SendBatch(ctx, first).Close(); err != nil {
			return err
		}
		if head.Version == l.head.Version {
			return nil
		}
		first = &pgx.Batch{}
	}
	l.memory = empty()
	l.head.QueueLock(first, l.circle)
	l.balances.Read(first, l.circle)
	l.queueKeyChecks(first, l.orders)
	return l.db.SendBatch(ctx, first).Close()
}

// assignInstants finds the instant of each order, and moves the clock of a test circle,
// which only orders without a command do.
func (l *locked) assignInstants() {
	l.instants = make([]time.Time, len(l.orders))
	now := l.head.BookedThrough
	for i := range l.orders {
		o := &l.orders[i]
		if l.head.Circle.Mode == clearing.Test && o.Command == nil {
			if to := o.At.UTC().Truncate(time.Microsecond); to.Before(l.head.Clock) {
				l.outcomes[i].Err = ErrClockBack
			} else {
				l.head.Clock = to
			}
		}
		now = l.instant(o, now)
		l.instants[i] = now
	}
}

// segment decides orders from the one numbered first on, as far as what falls due
// is held, and saves; the last one commits. It returns the number of the order
// that comes next.
func (l *locked) segment(ctx context.Context, first int) (next int, err error) {
	through := l.instants[len(l.instants)-1]
	if err := l.state.LoadDue(ctx, l.db, through); err != nil {
		return first, err
	}
	reads := &pgx.Batch{}
	l.state.QueueReads(reads, l.orders[first:], through)
	if reads.Len() > 0 {
		if err := l.db.SendBatch(ctx, reads).Close(); err != nil {
			return first, err
		}
	}
	if err := l.state.LoadSetup(ctx, l.db); err != nil {
		return first, err
	}
	for next = first; next < len(l.orders); next++ {
		at := l.instants[next]
		until := earliest(at, l.deadline(), l.cutoff())
		if err := l.runDue(until); err != nil {
			return next, err
		}
		if !l.state.LoadedThrough(until) {
			return next, l.save(ctx, false) // there is more that falls due
		}
		switch {
		case !l.deadline().After(until):
			if err := l.save(ctx, false); err != nil {
				return next, err
			}
			return next, l.runDeadline(ctx)
		case !l.cutoff().After(until):
			if err := l.save(ctx, false); err != nil {
				return next, err
			}
			return next, l.closeWindow(ctx)
		}
		l.head.BookedThrough = at
		if l.head.Period == "" && l.orders[next].Command != nil {
			if err := l.openWindow(ctx, window.Of(at, l.head.Circle.Location)); err != nil {
				return next, err
			}
		}
		if _, closed := l.orders[next].Command.(SettlementCommand); closed {
			if err := l.save(ctx, false); err != nil {
				return next, err
			}
			err := l.decideSettlement(ctx, next)
			if err == nil {
				next++
				err = l.save(ctx, next == len(l.orders))
			}
			return next, err
		}
		if err := l.decide(next); err != nil {
			return next, err
		}
	}
	return next, l.save(ctx, true)
}

// earliest returns the earliest of some instants.
func earliest(first time.Time, rest ...time.Time) time.Time {
	for _, t := range rest {
		if t.Before(first) {
			first = t
		}
	}
	return first
}

// save writes the segment, and after the last one the head, and commits.
func (l *locked) save(ctx context.Context, last bool) error {
	writes := &pgx.Batch{}
	if err := l.queueWrites(writes); err != nil {
		return err
	}
	if l.settlement != nil {
		if err := l.settlement.Save(writes); err != nil {
			return err
		}
		l.head.DeadlineAt = l.settlement.Deadline()
	}
	if last {
		l.head.QueueSaveAndNextDue(writes)
		writes.Queue(`COMMIT`)
	}
	if writes.Len() == 0 {
		return nil
	}
	if err := l.db.SendBatch(ctx, writes).Close(); err != nil {
		return err
	}
	l.reset()
	return nil
}
