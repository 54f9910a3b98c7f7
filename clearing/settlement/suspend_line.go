package settlement

import "time"

// LineSuspended is the type of a line that was put into suspense.
const LineSuspended = "statement.line_suspended"

// SuspendLine books a line that nobody can explain yet, so that custody is what the bank
// says. It waits on: what it was for is said later.
type SuspendLine struct {
	command
	Line int64 // the transaction that took it in
	Note string
}

var suspendLine = definition[SuspendLine]{
	labels: labels{LineSuspended: {Chinese: "银行流水暂记", English: "Bank line put into suspense"}},
	names:  func(c SuspendLine, n *names) { n.bankLine(c.Line) },
	decide: one((*State).suspendLine),
}

func (s *State) suspendLine(c SuspendLine, _ time.Time) (*posting, error) {
	l, err := s.openLine(c.Line)
	if err != nil {
		return nil, err
	}
	return s.suspend(l, c.Note)
}

func (s *State) suspend(l *ImportedLine, note string) (*posting, error) {
	switch {
	case l.Outcome == InSuspense:
		return nil, refuse(CodeLineResolved, "the line of %s is in suspense already", lineID(l.Seq))
	case l.Amount.IsZero():
		return nil, refuse(CodeLineDiffers, "the amount of the line could not be read; tick it off, and book by hand what it says")
	}
	l.Outcome, l.changed = InSuspense, true
	p := lineResolved(LineSuspended, l, "note", note)
	p.line = l
	if l.Credit {
		p.move(custody(), suspense(), l.Amount)
	} else {
		p.move(suspense(), custody(), l.Amount)
	}
	return p, nil
}
