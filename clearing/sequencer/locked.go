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
// transaction. It takes two round trips or a few more: the first locks the head, looks the
// keys up and loads what the orders name; the last writes everything and commits.
//
// The work is cut into segments, each of which loads, decides and saves. Usually there is
// one. A new one begins before and after a cut-off, a deadline and a settlement command,
// which read what was saved, and when more falls due than memory holds at once.
type locked struct {
	*batch
	db         ledger.Session
	settlement SettlementProcessor // nil: not needed yet
}

// lockAndDecide decides orders under the lock and commits. It returns the outcomes, and the
// memory that is current afterwards: m if it still was, otherwise a new one. After an error
// the transaction may still be open, and m must not be used.
func lockAndDecide(ctx context.Context, db ledger.Session, empty func() *memory, m *memory, orders []Order) ([]Outcome, *memory, error) {
	l := &locked{&batch{memory: m, orders: orders, outcomes: make([]Outcome, len(orders))}, db, nil}
	if err := l.lock(ctx, empty); err != nil {
		return nil, nil, err
	}
	l.rows = newRows(l.allianceID)
	l.assignInstants()
	for done := 0; done < len(orders); {
		var err error
		if done, err = l.segment(ctx, done); err != nil {
			return nil, nil, err
		}
	}
	return l.outcomes, l.memory, nil
}

// lock locks the head, and replaces memory that is out of date.
func (l *locked) lock(ctx context.Context, empty func() *memory) error {
	first := &pgx.Batch{}
	first.Queue(`BEGIN ISOLATION LEVEL READ COMMITTED`)
	first.Queue(planProbes)
	if l.memory != nil {
		var head clearing.Head
		head.QueueLock(first, l.allianceID)
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
	l.head.QueueLock(first, l.allianceID)
	l.balances.Read(first, l.allianceID)
	l.queueKeyChecks(first, l.orders)
	return l.db.SendBatch(ctx, first).Close()
}

// assignInstants sets the instant of each order. Orders without a command move the clock of
// a test circle.
func (l *locked) assignInstants() {
	l.instants = make([]time.Time, len(l.orders))
	now := l.head.BookedThrough
	for i := range l.orders {
		o := &l.orders[i]
		if l.head.Alliance.Mode == clearing.Test && o.Command == nil {
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

// segment decides orders from index first on, as far as the work that falls due is in
// memory, and saves; the last segment commits. It returns the index of the next order.
func (l *locked) segment(ctx context.Context, first int) (next int, err error) {
	through := l.instants[len(l.instants)-1]
	if err := l.state.LoadDue(ctx, l.db, through); err != nil {
		return first, err
	}
	if err := l.load(ctx, l.db, &pgx.Batch{}, l.orders[first:], through); err != nil {
		return first, err
	}
	for next = first; next < len(l.orders); next++ {
		at := l.instants[next]
		until := earliest(at, l.deadline(), l.cutoff())
		if err := l.runDue(until); err != nil {
			return next, err
		}
		if !l.state.LoadedThrough(until) {
			return next, l.save(ctx, false) // the next segment loads more
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
			if err := l.openWindow(ctx, window.Of(at, l.head.Alliance.Location)); err != nil {
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

// save writes the segment. The last one also writes the head and commits.
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
