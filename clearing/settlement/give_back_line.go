package settlement

import "time"

// LineGivenBack is the type of money that was given back to who had paid it.
const LineGivenBack = "statement.line_given_back"

// GiveBackLine books that money which came in by mistake was paid back. The line in which
// that shows is linked with the transaction later.
type GiveBackLine struct {
	command
	Line int64 // the transaction that took it in
	Note string
}

var giveBackLine = definition[GiveBackLine]{
	labels: labels{LineGivenBack: {Chinese: "退还误付款项", English: "Bank line given back"}},
	names:  func(c GiveBackLine, n *names) { n.bankLine(c.Line) },
	decide: (*State).giveBackLine,
}

func (s *State) giveBackLine(c GiveBackLine, _ time.Time) ([]*posting, error) {
	l, err := s.openLine(c.Line)
	if err != nil {
		return nil, err
	}
	if !l.Credit {
		return nil, refuse(CodeLineDiffers, "the line of %s is of money that went out; nothing came in that could be given back", lineID(l.Seq))
	}
	var postings []*posting
	if l.Outcome != InSuspense {
		p, err := s.suspend(l, "")
		if err != nil {
			return nil, err
		}
		postings = append(postings, p)
	}
	l.close(GivenBack, s.Next+int64(len(postings)))
	p := lineResolved(LineGivenBack, l, "note", c.Note)
	p.move(suspense(), custody(), l.Amount)
	return append(postings, p), nil
}
