package clearing

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"lianka/clearing/ledger"
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

// Book is a rule book at work on some orders of a circle. It holds in memory what
// they name and what falls due, decides, and writes at the end what changed. A
// Book is used once, by one goroutine, under the lock of the head.
type Book interface {
	// Read queues the reads that need no more than the names in the orders. The
	// results arrive after the head, on which Read was told to look.
	Read(batch *pgx.Batch)
	// Load reads the rest of what the orders need, and what falls due at or before
	// an instant. It returns the instant through which all that falls due is
	// loaded, which is earlier if there was too much of it.
	Load(ctx context.Context, db ledger.Session, through time.Time) (loaded time.Time, err error)
	// NextDue returns the instant of the earliest loaded work that falls due.
	NextDue() (time.Time, bool)
	// RunDue does that work. The transaction gets the number seq and the period.
	RunDue(seq int64, period string) (ledger.Transaction, error)
	// Decide decides an order. The transaction gets the number seq and the
	// period. The error is a *Refusal if a rule forbids the order.
	Decide(order Order, at time.Time, seq int64, period string) (ledger.Transaction, json.RawMessage, error)
	// Save queues the writes of all that changed beside the ledger.
	Save(batch *pgx.Batch) error

	// Policy returns what the terms say of the month-end.
	Policy() Policy
	// TermsVersion returns the version of the terms in force.
	TermsVersion() int
	// Merchants returns the codes of all merchants of the circle.
	Merchants() []string
	// Payables returns each member's payable commission that is above zero.
	Payables(ctx context.Context, db ledger.Session) ([]Payable, error)
	// Pay queues the writes of the members' payouts when a window closes, and of
	// their statements.
	Pay(batch *pgx.Batch, period string, paid []Payable)
}

// Rules opens rule books. The head is filled by the time that the results of
// Book.Read arrive.
type Rules interface {
	Open(circle int64, head *Head, orders []Order) Book
}
