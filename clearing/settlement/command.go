package settlement

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
)

// commands lists all commands. Each is declared in the file of its name.
var commands = []rule{
	approve, openDispute, adjustDispute, refuseDispute, withdrawDispute, adjust,
	lodgeDeposit, drawDeposit, returnDeposit, remitTax, receivePayment, returnPayment,
	sendPayouts, confirmPayout, returnPayout, importStatement,
	matchLine, linkLine, suspendLine, giveBackLine, tickOffLine,
	giveNotice, reinstate,
}

// command marks a type as a command about closed windows.
type command struct{}

// SettlementCommand marks the type as a [sequencer.SettlementCommand].
func (command) SettlementCommand() {}

// labels are what people read for the types of transactions.
type labels map[ledger.Type]ledger.Label

// definition declares a command.
type definition[C sequencer.SettlementCommand] struct {
	// labels are of the types of transactions that it makes; a type that several
	// make is declared once.
	labels labels
	// names adds what has to be read for the command beside what is open; nil:
	// nothing.
	names func(C, *names)
	// decide returns the postings that the command makes, the last of which stands
	// for it; or a *clearing.Refusal, and then nothing has changed.
	decide func(*State, C, time.Time) ([]*posting, error)
}

// rule is a definition of whatever command.
type rule interface {
	addLabels(labels)
	addNames(command any, n *names) bool
	apply(s *State, command any, at time.Time) (postings []*posting, known bool, err error)
}

func (d definition[C]) addLabels(all labels) { maps.Copy(all, d.labels) }

// addNames reports whether the command is of the defined type.
func (d definition[C]) addNames(command any, n *names) bool {
	c, ok := command.(C)
	if ok && d.names != nil {
		d.names(c, n)
	}
	return ok
}

// apply decides the command if it is of the defined type, which known says.
func (d definition[C]) apply(s *State, command any, at time.Time) (postings []*posting, known bool, err error) {
	c, ok := command.(C)
	if !ok {
		return nil, false, nil
	}
	postings, err = d.decide(s, c, at)
	return postings, true, err
}

// one makes the decision of a command that makes a single posting.
func one[C sequencer.SettlementCommand](decide func(*State, C, time.Time) (*posting, error)) func(*State, C, time.Time) ([]*posting, error) {
	return func(s *State, c C, at time.Time) ([]*posting, error) {
		p, err := decide(s, c, at)
		if err != nil {
			return nil, err
		}
		s.settleDone(p, at)
		return []*posting{p}, nil
	}
}

// Decide says what a command at an instant means: the postings that it makes, in their
// order, the last of which stands for the command unless it follows from it; or a
// *clearing.Refusal, and then nothing has changed. What happens by itself at or before the instant must
// have been done.
func (s *State) Decide(command sequencer.SettlementCommand, at time.Time) ([]*posting, error) {
	for _, r := range commands {
		postings, known, err := r.apply(s, command, at)
		if !known {
			continue
		}
		if err != nil {
			return nil, err
		}
		return s.tryLinesAgain(postings, at)
	}
	return nil, fmt.Errorf("settlement has no command %T", command)
}

// tryLinesAgain adds the postings of lines of bank statements that waited for what has
// happened.
func (s *State) tryLinesAgain(postings []*posting, at time.Time) ([]*posting, error) {
	matched, err := s.matchLines(at)
	for _, p := range matched {
		p.follows = true
	}
	postings = append(postings, matched...)
	s.keepBookings(postings)
	return postings, err
}

// Labels returns what people read for each type of transaction that this package
// makes.
func Labels() map[ledger.Type]ledger.Label {
	all := make(labels)
	for _, r := range commands {
		r.addLabels(all)
	}
	for _, d := range deadlines {
		maps.Copy(all, d.labels)
	}
	return all
}

// WithoutRequest returns the types of transactions that may come about without a request
// of their own: by silence, at a deadline, as lines of a bank statement, or before the one
// that stands for the request.
func WithoutRequest() []ledger.Type {
	types := []ledger.Type{
		SettlementApproved, DisputeRefused, DisputeAdjusted, PaymentReceived, ReceiptReturned, PaymentSetOff, PayoutConfirmed, PayoutReturned,
		LineUnmatched, LineLinked, LineSuspended,
	}
	for _, d := range deadlines {
		types = slices.AppendSeq(types, maps.Keys(d.labels))
	}
	return types
}
