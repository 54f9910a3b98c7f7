package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// Command is what a caller asks of a circle. Codes are the caller's own text. Amounts
// are unparsed decimal strings in major units: the rule book checks them. A nil pointer
// means that a field was not given.
type Command interface {
	// Event returns the type of the command's event, under which its kind is
	// registered.
	Event() ledger.Type
}

// Reference names a transaction: by its number, or by the caller and key of the
// request that made it.
type Reference struct {
	Seq    int64
	Caller string
	Key    string
}

// Redemption holds the fields that all commands that use a card have in common.
type Redemption struct {
	// OccurredAt is when it happened, if the till was offline and uploads it late;
	// nil: now.
	OccurredAt *time.Time
}

func (r Redemption) redemption() Redemption { return r }

// redeemedCommand is a command that uses a card at a merchant.
type redeemedCommand interface {
	Command
	redemption() Redemption
	at() string // the merchant
}

// Decide decides a command at an instant. It returns the record of the transaction,
// not yet numbered, or a *clearing.Refusal. It changes nothing.
//
// Checks run in a fixed order: what is named, the amounts, the card, the entitlement,
// the debit cap. The first that fails is the answer. All work that is due at or before
// the instant must have been done.
func (s *State) Decide(command Command, at time.Time) (Record, error) {
	kind := s.Registry.Kind(command.Event())
	if kind == nil || kind.Command == nil {
		return Record{}, &UnknownCommandError{Event: command.Event()}
	}
	return kind.Command.Decide(s, command, at)
}

// NextDue returns the instant of the earliest work on the agenda.
func (s *State) NextDue() (time.Time, bool) {
	work, ok := s.Due.Next()
	return work.At, ok
}

// RunDue removes the earliest work from the agenda and returns its record. It may be
// called only if NextDue found work.
func (s *State) RunDue() (Record, error) {
	work, _ := s.Due.Pop()
	s.noteEnded(work)
	kind := s.Registry.Kind(work.Kind)
	if kind == nil || kind.Due == nil {
		return Record{}, &UnknownCommandError{Event: work.Kind}
	}
	return kind.Due.Run(s, work)
}
