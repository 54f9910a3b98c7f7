package settlement

import "time"

// DisputeRefused is the type of a refused dispute.
const DisputeRefused = "dispute.refused"

// RefuseDispute answers a dispute with no.
type RefuseDispute struct {
	command
	Dispute int64
	Answer  string
}

var refuseDispute = definition[RefuseDispute]{
	labels: labels{DisputeRefused: {Chinese: "异议转入", English: "Dispute refused"}},
	names:  func(c RefuseDispute, n *names) { n.dispute(c.Dispute) },
	decide: one(func(s *State, c RefuseDispute, at time.Time) (*posting, error) {
		x, d, err := s.openDisputeOf(c.Dispute, "")
		if err != nil {
			return nil, err
		}
		return s.closeDispute(x, d, Refused, DisputeRefused, c.Answer, at)
	}),
}
