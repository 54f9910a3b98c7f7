package settlement

import "time"

// DisputeWithdrawn is the type of what taking a dispute back makes.
const DisputeWithdrawn = "dispute.withdrawn"

// WithdrawDispute takes a dispute back. Party is who asks; empty: the organiser.
type WithdrawDispute struct {
	command
	Dispute int64
	Party   string
}

var withdrawDispute = definition[WithdrawDispute]{
	labels: labels{DisputeWithdrawn: {Chinese: "异议转入", English: "Dispute withdrawn"}},
	names:  func(c WithdrawDispute, n *names) { n.dispute(c.Dispute) },
	decide: one(func(s *State, c WithdrawDispute, at time.Time) (*posting, error) {
		x, d, err := s.openDisputeOf(c.Dispute, c.Party)
		if err != nil {
			return nil, err
		}
		return s.closeDispute(x, d, Withdrawn, DisputeWithdrawn, "", at)
	}),
}
