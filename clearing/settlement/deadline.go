package settlement

import (
	"fmt"
	"time"
)

// deadlines are what happens by itself. At one instant they come in this order:
// disputes that nobody answered are answered; reviews end, the oldest first; parties are
// reminded; one defaults after the other; merchants leave.
var deadlines = []deadline{answer, consent, remind, defaults, leave}

// deadline declares what happens by itself at an instant.
type deadline struct {
	// labels are of the types of transactions that it makes.
	labels labels
	// each calls a function with every instant at which it happens.
	each func(*State, func(time.Time))
	// run does what is due first at or before an instant; nil: nothing is.
	run func(*State, time.Time) (*posting, error)
}

// Deadline returns the earliest instant at which something happens by itself: the time
// to answer a dispute is over, a review ends, a payment is due or its grace is over, a
// merchant leaves. Zero: there is none.
func (s *State) Deadline() time.Time {
	var first time.Time
	for _, d := range deadlines {
		d.each(s, func(at time.Time) {
			if !at.IsZero() && (first.IsZero() || at.Before(first)) {
				first = at
			}
		})
	}
	return first
}

// RunDeadline does what happens first, and what follows from it.
func (s *State) RunDeadline() ([]*posting, error) {
	at := s.Deadline()
	for _, d := range deadlines {
		p, err := d.run(s, at)
		if err != nil {
			return nil, err
		}
		if p != nil {
			s.settleDone(p, at)
			return s.tryLinesAgain([]*posting{p}, at)
		}
	}
	return nil, fmt.Errorf("nothing is due at %s", at)
}

// reached reports whether an instant is set, and not after another.
func reached(due, at time.Time) bool { return !due.IsZero() && !due.After(at) }

// eachOutstanding calls a function with all obligations of which something is still to
// be paid, the oldest first.
func (s *State) eachOutstanding(each func(*Lifecycle, *Obligation)) {
	for _, x := range s.Settlements {
		for _, o := range x.Obligations {
			if o.Outstanding().Sign() > 0 {
				each(x, o)
			}
		}
	}
}
