package sequencer

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
)

// Rules is a rule book. Open returns the state of a circle, which reads head and
// balances: both are filled before it is used, and follow every transaction from then
// on. The state remembers as many cards as [Sequencer.Remember] says.
type Rules interface {
	Open(allianceID int64, head *clearing.Head, balances *ledger.Balances, remember int) AllianceState
}

// AllianceState is what the rule book knows of a circle. It lives from batch to batch and
// is used by one goroutine at a time.
type AllianceState interface {
	Decider
	StateStore
	MonthEnd
}

// Decider decides from what is in memory.
//
// What a command causes right after itself is work that falls due at the command's own
// instant. It is run in the same batch, behind the command and before any other. It may
// cause more work at that instant. Because none of it is ever left over, it does not lower
// Head.NextDueAt; all work that falls due later does.
type Decider interface {
	// Decide decides an order. The transaction gets the number seq and the period. The
	// error is a *clearing.Refusal if a rule forbids the order.
	Decide(order Order, at time.Time, seq int64, period string) (ledger.Transaction, error)
	// Answer returns the answer to the order that was decided last. It is asked for when
	// what the order caused is done, and names that too.
	Answer() (json.RawMessage, error)
	// NextDue returns the instant of the earliest loaded work that falls due.
	NextDue() (time.Time, bool)
	// RunDue does that work. The transaction gets the number seq and the period.
	RunDue(seq int64, period string) (ledger.Transaction, error)
}

// StateStore reads the state into memory and writes what has changed.
type StateStore interface {
	// LoadSetup reads what the circle is set up with, if that is not in memory. It is
	// called before QueueReads.
	LoadSetup(ctx context.Context, db ledger.Querier) error
	// QueueReads queues the reads of what orders name, also for what they cause at their
	// own instant, and of what the work names that falls due at or before an instant, as
	// far as it is not in memory.
	QueueReads(reads *pgx.Batch, orders []Order, through time.Time)
	// QueueFurtherReads queues the reads of what follows from what was read: whose card it
	// is, for example. It is called after each reading until it queues nothing.
	QueueFurtherReads(reads *pgx.Batch)
	// LoadedThrough reports whether all work that falls due at or before an instant is in
	// memory. What a command then causes at that instant is added to it.
	LoadedThrough(at time.Time) bool
	// LoadDue reads the work that falls due at or before an instant, or the earliest of it
	// if that is too much. It is called under the lock of the head, when everything is
	// saved.
	LoadDue(ctx context.Context, db ledger.Session, through time.Time) error
	// QueueWrites queues the writes of all that has changed beside the ledger since the
	// last time, and forgets what was not used lately.
	QueueWrites(writes *pgx.Batch) error
	// Size returns how many things are in memory.
	Size() int
}

// MonthEnd is what a cut-off needs of the rule book.
type MonthEnd interface {
	// Policy returns what the terms say of the month-end.
	Policy() window.Policy
	// TermsVersion returns the version of the terms in force.
	TermsVersion() int
	// Merchants returns the merchants of the circle, in the order of their codes.
	Merchants() []clearing.Merchant
	// Processor returns a settlement processor for one batch, which is decided under the
	// lock.
	Processor() (SettlementProcessor, error)
	// Payables returns each member's payable commission that is above zero.
	Payables(ctx context.Context, db ledger.Session) ([]window.Payable, error)
	// QueuePayouts queues the writes of the members' payouts when a window closes, and of
	// their statements.
	QueuePayouts(writes *pgx.Batch, period string, paid []window.Payout)
}

// SettlementCommand is a command about closed windows. It is decided by the
// [SettlementProcessor], under the lock of the head: such commands are few beside
// those of the tills.
type SettlementCommand interface{ SettlementCommand() }

// SettlementDecision is what an order about closed windows means.
type SettlementDecision struct {
	Transactions []ledger.Transaction // the first has the number that was asked for
	Seq          int64                // of the one that stands for the order
	Answer       json.RawMessage      // names that one
}

// SettlementProcessor decides what happens to closed windows until they are settled. It
// reads what it needs under the lock of the head, and serves for one batch. Its
// transactions come numbered, without period, terms and instant.
type SettlementProcessor interface {
	// Load reads what is not settled, and what orders name beside it. It is called
	// when everything is saved, and may be called again.
	Load(ctx context.Context, db ledger.Session, orders []Order) error
	// Deadline returns the earliest instant at which something happens by itself; zero:
	// there is none.
	Deadline() time.Time
	// RunDeadline does what happens at the deadline. The first transaction gets the
	// number seq. It is called again as long as Deadline stays the same.
	RunDeadline(seq int64) ([]ledger.Transaction, error)
	// Decide decides an order. The error is a *clearing.Refusal if a rule forbids it, and
	// then nothing has happened.
	Decide(order Order, at time.Time, seq int64) (SettlementDecision, error)
	// Take takes over a window that is closing.
	Take(window.Closing) error
	// Save queues the writes of all that has changed.
	Save(writes *pgx.Batch) error
}
