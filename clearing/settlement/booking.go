package settlement

import (
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Booking is what a transaction of this package moved in custody, and the line of a bank
// statement that shows it. What no line shows was booked by hand and is still to be found
// on a statement.
type Booking struct {
	Seq    int64        // the transaction
	Amount money.Amount // above zero: into custody
	Line   int64        // the transaction that took in the line; 0: none shows it yet

	unsaved bool
	changed bool
}

// keepBookings notes what postings move in custody, and numbers the lines that they take in.
func (s *State) keepBookings(postings []*posting) {
	for i, p := range postings {
		seq, line := s.Next+int64(i), int64(0)
		if l := p.line; l != nil {
			if l.Seq == 0 {
				l.Seq = seq
			} else if l.ResolvedSeq == 0 && !l.Open {
				l.ResolvedSeq = seq
			}
			line = l.Seq
		}
		moved := s.zero()
		for _, e := range p.Entries {
			if e.Account == custody() {
				moved = moved.Plus(e.Amount)
			}
		}
		if !moved.IsZero() {
			s.Bookings[seq] = &Booking{Seq: seq, Amount: moved, Line: line, unsaved: true}
		}
		for _, shown := range p.shows {
			s.show(shown, line)
		}
	}
}

// show notes that a line shows what a transaction booked by hand.
func (s *State) show(seq, line int64) {
	if seq == 0 {
		return
	}
	b := s.Bookings[seq]
	if b == nil { // it was not read, and is changed where it is kept
		b = &Booking{Seq: seq}
		s.Bookings[seq] = b
	}
	b.Line, b.changed = line, true
}

// outOfSuspense makes a posting about a line that is in suspense take its amount from there:
// custody has it already. A posting that only says that the line is of something booked by
// hand takes the second booking back.
func outOfSuspense(p *posting, l *ImportedLine) {
	if l.Outcome != InSuspense {
		return
	}
	moved := false
	for i := range p.Entries {
		if p.Entries[i].Account == custody() {
			p.Entries[i].Account, moved = suspense(), true
		}
	}
	if moved {
		return
	}
	if l.Credit {
		p.move(suspense(), custody(), l.Amount)
	} else {
		p.move(custody(), suspense(), l.Amount)
	}
}

// suspense holds what came into custody or left it and nobody knows yet what for.
func suspense() ledger.Account { return ledger.Account{Kind: ledger.Suspense} }
