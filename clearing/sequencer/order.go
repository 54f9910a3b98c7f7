package sequencer

import (
	"encoding/json"
	"time"

	"github.com/lianka/lianka/clearing"
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
	Refusal  *clearing.Refusal
	Replayed bool  // an earlier order had the key and the content
	Err      error // the order could not be decided; nothing of it happened
}
