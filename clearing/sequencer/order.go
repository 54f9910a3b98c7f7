package sequencer

import (
	"encoding/json"
	"time"

	"github.com/lianka/lianka/clearing"
)

// Order is a command for the rule book. Caller and Key make it idempotent: the same key
// with the same Hash gets the first answer again, with another Hash it is refused. At is
// when it happens; a test circle uses its own clock instead.
//
// Presented is what was shown beside the command, such as a code that it uses up; the rule book
// knows what it is. It is no part of the content: a retry gets the first answer whatever it shows.
//
// An order without a Command only advances time to At: it does what falls due, opens no
// window and is not recorded. In a test circle it sets the clock, which never goes back.
type Order struct {
	Caller  string
	Key     string
	Hash    [32]byte
	At      time.Time
	Command any

	Presented any // nil: nothing

	Card   string // that HeldBy has to hold when the order is decided
	HeldBy string // a member; "": it does not matter who holds a card
}

// Outcome is the result of an order: Seq and Answer if it was booked, Refusal if a rule
// forbids it, Err if it could not be decided. An order without a command has none of them.
type Outcome struct {
	Seq      int64           // the transaction, if there is one
	Answer   json.RawMessage // as it was given the first time
	Refusal  *clearing.Refusal
	Replayed bool  // an earlier order had the key and the content
	Err      error // the order could not be decided; nothing of it happened
}
