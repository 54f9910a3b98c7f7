package clearing

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/ledger"
)

// Order is a command on its way to the rule book. Caller and Key make it
// idempotent: the same key with the same Hash is answered with the first answer,
// with another one it is refused. At is when it happens; a test circle goes by
// its own clock instead.
//
// An order without a Command lets time pass, to At and no further: it does what
// falls due, opens nothing and is not recorded. In a test circle it moves the
// clock, which it may not move back.
type Order struct {
	Caller  string
	Key     string
	Hash    [32]byte
	At      time.Time
	Command any
}

// Outcome is what became of an order. Exactly one of Answer, Refusal and Err is
// set, except for an order without a command, which has none of them.
type Outcome struct {
	Seq      int64           // the transaction, if there is one
	Answer   json.RawMessage // as it was given the first time
	Refusal  *Refusal
	Replayed bool  // an earlier order had the key and the content
	Err      error // the order could not be decided; nothing of it happened
}

// Book is a rule book at work on a circle. It holds in memory what orders name,
// and what falls due up to some instant; decides; and writes what has changed. It
// goes on from batch to batch, used by one goroutine at a time.
type Book interface {
	// Name prepares for orders, and for what falls due at or before an instant: it
	// queues the reads of whatever they name that is not in memory.
	Name(reads *pgx.Batch, orders []Order, through time.Time)
	// Load reads what the circle is set up with, if that is not in memory. It comes
	// after what Name has queued.
	Load(ctx context.Context, db ledger.Querier) error
	// Holds reports whether all that falls due at or before an instant is in
	// memory.
	Holds(through time.Time) bool
	// LoadDue reads what falls due at or before an instant, or the earliest of it
	// if that is too much. It is called under the lock of the head, with nothing
	// that is still to be saved.
	LoadDue(ctx context.Context, db ledger.Session, through time.Time) error
	// NextDue returns the instant of the earliest loaded work that falls due.
	NextDue() (time.Time, bool)
	// RunDue does that work. The transaction gets the number seq and the period.
	RunDue(seq int64, period string) (ledger.Transaction, error)
	// Decide decides an order. The transaction gets the number seq and the
	// period. The error is a *Refusal if a rule forbids the order.
	Decide(order Order, at time.Time, seq int64, period string) (ledger.Transaction, json.RawMessage, error)
	// Save queues the writes of all that has changed beside the ledger since the
	// last time, and lets go of what was not used lately.
	Save(batch *pgx.Batch) error
	// Size returns how many things are in memory.
	Size() int

	// Policy returns what the terms say of the month-end.
	Policy() Policy
	// TermsVersion returns the version of the terms in force.
	TermsVersion() int
	// Shops returns the merchants of the circle, in the order of their codes.
	Shops() []Shop
	// Desk returns a desk for a batch that is decided under the lock.
	Desk() (Desk, error)
	// Payables returns each member's payable commission that is above zero.
	Payables(ctx context.Context, db ledger.Session) ([]Payable, error)
	// Pay queues the writes of the members' payouts when a window closes, and of
	// their statements.
	Pay(batch *pgx.Batch, period string, paid []Payout)
}

// Rules opens rule books. The head and the balances are filled by the time that
// the book is used, and are the circle's as of the newest transaction from then
// on. The book remembers as many cards as [Sequencer.Remember] says.
type Rules interface {
	Open(circle int64, head *Head, balances *ledger.Balances, remember int) Book
}
