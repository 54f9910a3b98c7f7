package settlement

import "time"

// LineTickedOff is the type of a line of which nothing is to be booked.
const LineTickedOff = "statement.line_ticked_off"

// TickOffLine says that nothing is to be booked for a line, and why; or that it is another
// line, in the words of another file.
type TickOffLine struct {
	command
	Line   int64 // the transaction that took it in
	SameAs int64 // the transaction that took in the other line; 0: there is none
	Reason string
}

var tickOffLine = definition[TickOffLine]{
	labels: labels{LineTickedOff: {Chinese: "银行流水核销", English: "Bank line ticked off"}},
	names: func(c TickOffLine, n *names) {
		n.bankLine(c.Line)
		n.bankLine(c.SameAs)
	},
	decide: one((*State).tickOffLine),
}

func (s *State) tickOffLine(c TickOffLine, _ time.Time) (*posting, error) {
	l, err := s.openLine(c.Line)
	if err != nil {
		return nil, err
	}
	if l.Outcome == InSuspense {
		return nil, refuse(CodeLineResolved, "the line of %s is booked in suspense; say what it is for, or give it back", lineID(l.Seq))
	}
	same, twin := "", int64(0)
	if c.SameAs != 0 {
		other, err := s.line(c.SameAs)
		if err != nil {
			return nil, err
		}
		if other == l || other.Credit != l.Credit || other.Amount != l.Amount {
			return nil, refuse(CodeLineDiffers, "the line of %s is of another amount or goes the other way, and can't be the same", lineID(other.Seq))
		}
		twin, same = other.Seq, lineID(other.Seq)
	}
	l.close(TickedOff, s.Next)
	l.Twin = twin
	return lineResolved(LineTickedOff, l, "reason", c.Reason, "same_as", same), nil
}
