package clearing

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/ledger"
)

// DeskCommand is a command about closed windows: it is decided by the [Desk], under
// the lock of the head. Such commands are few beside those at the tills.
type DeskCommand interface{ DeskCommand() }

// Desk is where closed windows are worked on until they are settled. It reads what
// is not settled yet, under the lock of the head, and serves for one batch.
// Transactions come from it numbered, without period, terms and instant.
type Desk interface {
	// Load reads what is not settled, and what orders name beside it. It is called
	// with nothing that is still to be saved, and may be called again.
	Load(ctx context.Context, db ledger.Session, orders []Order) error
	// Deadline returns the earliest instant at which something comes about by
	// itself; zero: there is none.
	Deadline() time.Time
	// RunDeadline does what comes about at the deadline. The first transaction gets
	// the number seq. It is called again while Deadline stays.
	RunDeadline(seq int64) ([]ledger.Transaction, error)
	// Decide decides an order; the answer names the last transaction. The error is a
	// *Refusal if a rule forbids it, and then nothing has happened.
	Decide(order Order, at time.Time, seq int64) ([]ledger.Transaction, json.RawMessage, error)
	// Take takes over a window that is closing.
	Take(Closing) error
	// Save queues the writes of all that has changed.
	Save(writes *pgx.Batch) error
}

// Closing is a window that has closed: its snapshot, and the commission that was
// paid with it.
type Closing struct {
	Settlement
	Payouts []Payout
	Policy  Policy
	AtOnce  bool // all of it counts as paid
}

// Shop is what the clearing house is to know of a merchant.
type Shop struct {
	Code      string
	Suspended bool      // it did not pay, and neither sells nor tops up
	LeavesAt  time.Time // notice was given; zero: it stays
	Left      bool      // that instant has come
}

// sitDown makes sure that there is a desk at which orders can be decided.
func (l *locked) sitDown(ctx context.Context, orders []Order) error {
	if l.desk == nil {
		desk, err := l.book.Desk()
		if err != nil {
			return err
		}
		l.desk = desk
	}
	return l.desk.Load(ctx, l.db, orders)
}

// decideAtDesk decides an order about closed windows. Whatever went before must be
// saved, and what it decides is to be saved before anything else.
func (l *locked) decideAtDesk(ctx context.Context, i int) error {
	order, outcome := &l.orders[i], &l.outcomes[i]
	var answered bool
	if *outcome, answered = l.answeredBefore(order); answered {
		return nil
	}
	if err := l.sitDown(ctx, l.orders[i:i+1]); err != nil {
		return err
	}
	transactions, answer, err := l.desk.Decide(*order, l.instants[i], l.head.LastSeq+1)
	if err == nil {
		err = l.postFrom(l.instants[i], transactions)
	}
	return l.conclude(i, l.head.LastSeq, answer, err)
}

// postFrom posts transactions of the desk at an instant, in the open window.
func (l *locked) postFrom(at time.Time, transactions []ledger.Transaction) error {
	for _, t := range transactions {
		t.BookedAt, t.Period, t.Terms = at, l.head.Window.Period, l.book.TermsVersion()
		if err := l.post(t); err != nil {
			return err
		}
	}
	return nil
}

// runDeadline does what comes about by itself at the deadline, and saves.
func (l *locked) runDeadline(ctx context.Context) error {
	if err := l.sitDown(ctx, nil); err != nil {
		return err
	}
	for at := l.desk.Deadline(); !at.IsZero() && !at.After(l.head.DeadlineAt); at = l.desk.Deadline() {
		transactions, err := l.desk.RunDeadline(l.head.LastSeq + 1)
		if err != nil {
			return err
		}
		if err := l.postFrom(l.head.DeadlineAt, transactions); err != nil {
			return err
		}
	}
	l.head.BookedThrough = l.head.DeadlineAt
	return l.save(ctx, false)
}
