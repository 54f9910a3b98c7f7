package alliance

import (
	"fmt"
	"slices"
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// Kind is a kind of transaction that the rule book makes, and all that the rest of
// the program knows of it: reading events and bodies, loading and saving, receipts,
// statements, exports and the audit walk the [Registry] of kinds and know no type
// by name.
type Kind struct {
	// Type names the event in a file, the command in a batch and the transaction in
	// the ledger.
	Type ledger.Type
	// Label names the movement for people.
	Label ledger.Label

	// Command is what asks for such a transaction; nil: nobody can.
	Command *CommandKind
	// Due says how the transaction is made by itself; nil: it isn't.
	Due *DueKind

	// Create puts a card that the record brings into being into the state, before
	// its entries are posted; nil: it brings none.
	Create func(s *State, r *Record)
	// Apply folds into the state what the record changes beside balances, points
	// and uses; nil: nothing. It is called after those.
	Apply func(s *State, card *Card, r *Record) error
	// Schedules returns the work that falls due because of the record. It is asked
	// when the record is booked, and again for work that was read back, so it goes
	// by the record alone; nil: there is none.
	Schedules func(r *Record) []DueWork

	// UsesCard says that the transaction counts as use of its card while it is not
	// reversed in full: such a card's sale can't be reversed.
	UsesCard bool
	// CoolingOff says that while it stands, the card may still be given back in its
	// cooling-off time.
	CoolingOff bool
	// Consumption says that it is a bill at a merchant: its amount and points count for the
	// card's growth, and gifts may follow it.
	Consumption bool
	// OffCard says that the transaction concerns no card. A card's code may be any
	// text, the empty one too, so a record can't say that by itself.
	OffCard bool
	// Totals adds to the sums of the card by which it is refunded, in minor units; what is
	// reversed is added with a minus. nil: it adds nothing.
	Totals func(card *Card, amount, bonus int64)
	// Commission says what its entries on members' accounts do.
	Commission CommissionEffect
	// Undoes says that the transaction undoes the one that it corrects.
	Undoes bool
	// Reversal says how it is undone; nil: it can't be.
	Reversal *Reversal
}

// CommissionEffect is what the entries of a transaction on members' commission
// accounts do.
type CommissionEffect int

// The effects on commission.
const (
	CommissionUnchanged  CommissionEffect = iota
	CommissionEarned                      // a sale earns it
	CommissionReleases                    // it becomes payable
	CommissionClawedBack                  // it is taken back
)

// CommandKind is a command: how it is read, what it names, what it means.
type CommandKind struct {
	// Fields are what an event says beside at, id and type, in the order in which
	// the documentation lists them.
	Fields []Field
	// Read makes the command of the fields that were given.
	Read func(v Values) Command
	// Names tells a loader what the command names.
	Names func(c Command, l Loader)
	// Decide says what the command means; see [State.Decide].
	Decide func(s *State, c Command, at time.Time) (Record, error)
	// Late says that it may be uploaded after it happened. Its command embeds
	// [Redemption].
	Late bool
	// Takes says that the command takes something from a card, so that a code of the card may
	// be asked for. Its command is a [Taking].
	Takes bool
}

// DueKind is work that is done by itself.
type DueKind struct {
	// Rank is its place among the work of one instant.
	Rank Rank
	// Names tells a loader what the work names; nil: nothing.
	Names func(w DueWork, l Loader)
	// Run returns the record of what the work means.
	Run func(s *State, w DueWork) (Record, error)
}

// Reversal says how transactions of a kind are undone. Undoing one mirrors its
// entries and gives back its uses and points, unless Mirror says otherwise.
type Reversal struct {
	// InParts says that a part of its amount may be undone.
	InParts bool
	// Check refuses what the card forbids; nil: nothing but a cancelled card.
	Check func(o *Original, card *Card) error
	// Mirror adds the entries that undo a part of the original, which is zero unless
	// InParts; nil: all entries of the original, mirrored. It returns what is left
	// of the original.
	Mirror func(s *State, b *entryBuilder, o *Original, part int64) (left int64, err error)
	// Apply folds in what undoing it changes beside balances, points and uses; nil:
	// nothing.
	Apply func(s *State, card *Card, o *Original)
}

// Loader is told what a command or due work names, so that it is in the state by
// the time of the decision. What is unknown is told too.
//
// What a card is includes what it has become if it was replaced, its gifts with their
// coupons, and its growth of the last 36 windows. The sums of campaigns and items are few;
// they are always in the state.
type Loader interface {
	Card(code string)
	Member(code string)
	// Position asks for a merchant's position and what it owes for closed months,
	// because its debit cap may be asked for.
	Position(merchant string)
	// Uploads asks for what a merchant has uploaded late in the open window.
	Uploads(merchant string)
	// Original asks for a transaction that is to be reversed, and for its card.
	Original(of Reference)
	// Hold asks for a hold that is to end: the transaction that placed it, what has become
	// of it, its card, and what its merchant has uploaded late in the open window.
	Hold(of Reference)
	// Sale asks for a card and for the sale of it.
	Sale(card string)
	// Use asks for a card that is used for an amount or less, as a command writes it, and for
	// what decides on the gifts that this may cause ([State.UseCauses]). In a circle without
	// campaigns it is Card.
	Use(card, amount string)
	// Gifts asks for a card that may get gifts, or be used for any amount, and for what
	// decides on these: GiftsTo of who has the card. In a circle without campaigns it is Card.
	Gifts(card string)
	// GiftsTo asks for a member who has or gets a card, and for what decides on gifts: what
	// campaigns gave to the member ([State.Gifted]), its referrer, if it has one, and the
	// position of each merchant that funds a campaign. In a circle without campaigns it is
	// Member.
	GiftsTo(member string)
	// Referrer asks for a member who brings another, what campaigns gave to it, and the cards
	// that it has ([State.Holders]): the newest may get a gift. In a circle without campaigns it
	// is Member.
	Referrer(member string)
}

// Registry is the kinds of transactions that a rule book makes. It is complete
// when it is made, and safe for use by many goroutines.
type Registry struct {
	kinds []*Kind
	types []ledger.Type // of the same; comparing a few short texts is cheaper than hashing one
}

// NewRegistry returns a registry of kinds, in their order. It panics on a kind that
// is incomplete or named twice: that is a mistake in the program.
func NewRegistry(kinds ...*Kind) *Registry {
	r := &Registry{kinds: kinds, types: make([]ledger.Type, 0, len(kinds))}
	for _, k := range kinds {
		if err := k.check(); err != nil {
			panic(fmt.Sprintf("kind %q: %v", k.Type, err))
		}
		if r.Kind(k.Type) != nil {
			panic(fmt.Sprintf("kind %q is registered twice", k.Type))
		}
		r.types = append(r.types, k.Type)
	}
	return r
}

func (k *Kind) check() error {
	switch c := k.Command; {
	case k.Type == "" || k.Label.Chinese == "" || k.Label.English == "":
		return fmt.Errorf("it has no type, or no label in both languages")
	case (c == nil) == (k.Due == nil):
		return fmt.Errorf("it is either asked for or falls due")
	case c != nil && (c.Read == nil || c.Names == nil || c.Decide == nil):
		return fmt.Errorf("its command can't be read, loaded or decided")
	case k.Due != nil && k.Due.Run == nil:
		return fmt.Errorf("its work can't be done")
	}
	return nil
}

// Kinds returns all kinds, in their order. The slice is shared and must not be
// changed.
func (r *Registry) Kinds() []*Kind { return r.kinds }

// Kind returns the kind of a type; nil: transactions of that type are not the rule
// book's, but the clearing house's.
func (r *Registry) Kind(t ledger.Type) *Kind {
	if i := slices.Index(r.types, t); i >= 0 {
		return r.kinds[i]
	}
	return nil
}

// Label returns what the transactions of a type are called, and whether they are
// the rule book's.
func (r *Registry) Label(t ledger.Type) (ledger.Label, bool) {
	if k := r.Kind(t); k != nil {
		return k.Label, true
	}
	return ledger.Label{}, false
}

// command adapts the functions of a command to its own type.
func command[C Command](fields []Field, read func(Values) C, names func(C, Loader), decide func(*State, C, time.Time) (Record, error)) *CommandKind {
	var none C
	_, takes := Command(none).(Taking)
	return &CommandKind{
		Fields: fields,
		Takes:  takes,
		Read:   func(v Values) Command { return read(v) },
		Names: func(c Command, l Loader) {
			if c, ok := c.(C); ok {
				names(c, l)
			}
		},
		Decide: func(s *State, c Command, at time.Time) (Record, error) {
			typed, ok := c.(C)
			if !ok {
				return Record{}, fmt.Errorf("%T is no %s command", c, c.Event())
			}
			return decide(s, typed, at)
		},
	}
}

// redemption is command for a card's use at a merchant, which may be uploaded after
// it happened, and is refused if the card's home did not pay.
func redemption[C redeemedCommand](fields []Field, read func(Values) C, names func(C, Loader), decide func(*State, C, time.Time) (Record, error)) *CommandKind {
	k := command(fields, read,
		func(c C, l Loader) {
			names(c, l)
			if at := c.redemption(); at.OccurredAt != nil {
				l.Uploads(c.at())
			}
		},
		func(s *State, c C, at time.Time) (Record, error) {
			r, err := decide(s, c, at)
			if err == nil {
				err = s.checkRedemption(&r, c.redemption(), at)
			}
			return r, err
		})
	k.Late = true
	return k
}
