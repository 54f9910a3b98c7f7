package settlement

import (
	"maps"
	"slices"
	"time"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
)

// Posting is what a command or a deadline has made: a transaction, and its events.
type Posting struct {
	ledger.Transaction
	Events  []Event
	Follows bool // from the others
}

// Do is Decide with postings that a test can look into.
func (s *State) Do(command sequencer.SettlementCommand, at time.Time) ([]Posting, error) {
	made, err := s.Decide(command, at)
	postings := make([]Posting, len(made))
	for i, a := range made {
		postings[i] = Posting{a.Transaction, a.events, a.follows}
	}
	return postings, err
}

// Elapse is RunDeadline with postings that a test can look into.
func (s *State) Elapse() ([]Posting, error) {
	made, err := s.RunDeadline()
	postings := make([]Posting, len(made))
	for i, a := range made {
		postings[i] = Posting{a.Transaction, a.events, a.follows}
	}
	return postings, err
}

// State returns what the processor works on.
func (p *Processor) State() *State { return &p.state }

// Remember is what an import reads of the lines that were imported before.
func (s *State) Remember() {
	s.Earlier = slices.Clone(s.Lines)
	s.Twins = make(map[identity]int64)
	for _, t := range s.NewTwins {
		s.Twins[identity{t.Fingerprint, t.Occurrence}] = t.Seq
	}
}

// Copy returns a state that shares nothing with this one, and has no Balance.
func (s *State) Copy() *State {
	c := *s
	c.Balance = nil
	c.Merchants, c.Accounts, c.Transactions = maps.Clone(s.Merchants), maps.Clone(s.Accounts), maps.Clone(s.Transactions)
	for code, merchant := range c.Merchants {
		c.Merchants[code] = pointerTo(*merchant)
	}
	c.Settlements = slices.Clone(s.Settlements)
	for i, settled := range c.Settlements {
		x := pointerTo(*settled)
		c.Settlements[i] = x
		x.Obligations, x.Disputes, x.Creditors = slices.Clone(x.Obligations), slices.Clone(x.Disputes), slices.Clone(x.Creditors)
		for j, o := range x.Obligations {
			x.Obligations[j] = pointerTo(*o)
			x.Obligations[j].Bearers, x.Obligations[j].Payments = slices.Clone(o.Bearers), slices.Clone(o.Payments)
		}
		for j, d := range x.Disputes {
			x.Disputes[j] = pointerTo(*d)
			x.Disputes[j].DisputedAmounts = slices.Clone(d.DisputedAmounts)
		}
	}
	c.Runs = slices.Clone(s.Runs)
	for i, run := range c.Runs {
		c.Runs[i] = pointerTo(*run)
		c.Runs[i].Orders = slices.Clone(run.Orders)
	}
	c.Lines = slices.Clone(s.Lines)
	for i, l := range s.Lines {
		c.Lines[i] = pointerTo(*l)
	}
	c.Bookings = maps.Clone(s.Bookings)
	for seq, b := range c.Bookings {
		c.Bookings[seq] = pointerTo(*b)
	}
	return &c
}

// Unmark returns copies of the settlements as they would be read back: without the
// digest, which is written once, and with nothing for what is empty.
func (s *State) Unmark() []*Lifecycle {
	c := s.Copy()
	for _, x := range c.Settlements {
		x.digest = [32]byte{}
		for _, o := range x.Obligations {
			if len(o.Bearers) == 0 {
				o.Bearers = nil
			}
		}
		for _, d := range x.Disputes {
			if len(d.DisputedAmounts) == 0 {
				d.DisputedAmounts = nil
			}
		}
	}
	return c.Settlements
}

func pointerTo[T any](v T) *T { return &v }
