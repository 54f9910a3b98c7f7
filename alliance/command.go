package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// Command is an order to a circle. Codes are texts of the caller; amounts are
// decimal strings in major units, because whether they are amounts is for the
// rule book to say. A nil pointer means that a field was not given.
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

// Redemption is what the commands by which a card is used have in common.
type Redemption struct {
	// OccurredAt is when it happened, if the till was offline then and uploads it
	// later; nil: now.
	OccurredAt *time.Time
}

func (r Redemption) redemption() Redemption { return r }

// redeemedCommand is a command by which a card is used at a merchant.
type redeemedCommand interface {
	Command
	redemption() Redemption
	at() string // the merchant
}

// Decide says what a command at an instant means: the record of the transaction
// that it makes, without its number, or a *clearing.Refusal. It changes nothing.
//
// What is wrong is looked for in one order: what is named, the amounts, the
// card, the entitlement, the debit cap; the first that fails is the answer.
// Work that falls due at or before the instant must have been done.
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

// RunDue takes the earliest work off the agenda and returns the record of what
// it means. It may be called only after NextDue found some.
func (s *State) RunDue() (Record, error) {
	work, _ := s.Due.Pop()
	s.noteEnded(work)
	kind := s.Registry.Kind(work.Kind)
	if kind == nil || kind.Due == nil {
		return Record{}, &UnknownCommandError{Event: work.Kind}
	}
	return kind.Due.Run(s, work)
}
