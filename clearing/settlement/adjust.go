package settlement

import "time"

// PositionAdjusted is the type of an adjustment's transaction.
const PositionAdjusted = "position.adjusted"

// Adjust corrects the books between two parties in the open window. Corrects is the
// transaction that it is about, or 0.
type Adjust struct {
	command
	From     string // whose position is lowered
	To       string // whose position is raised
	Amount   string
	Reason   string
	Corrects int64
}

var adjust = definition[Adjust]{
	labels: labels{PositionAdjusted: {Chinese: "调账", English: "Adjustment"}},
	names:  func(c Adjust, n *names) { n.transaction(c.Corrects) },
	decide: one((*State).adjust),
}

func (s *State) adjust(c Adjust, _ time.Time) (*posting, error) {
	for _, party := range []string{c.From, c.To} {
		if err := s.knownParty(party); err != nil {
			return nil, err
		}
	}
	if c.From == c.To {
		return nil, refuse(CodeUnknownParty, "an adjustment is between two parties, and %q is on both sides", c.From)
	}
	amount, err := s.parseAmount(c.Amount)
	if err != nil {
		return nil, err
	}
	p := newPosting(PositionAdjusted)
	p.Merchant = merchantOf(c.To)
	data := map[string]string{"amount": amount.String(), "from": c.From, "to": c.To, "reason": c.Reason}
	if c.Corrects != 0 {
		if _, ok := s.Transactions[c.Corrects]; !ok {
			return nil, refuse(CodeUnknownLine, "there is no transaction %s that could be corrected", lineID(c.Corrects))
		}
		p.Corrects = c.Corrects
		data["corrects"] = lineID(c.Corrects)
	}
	p.move(clearingOf(c.From), clearingOf(c.To), amount)
	for _, party := range []string{c.From, c.To} {
		p.record(Event{Type: PositionAdjusted, Party: party, Data: data})
	}
	return p, nil
}
