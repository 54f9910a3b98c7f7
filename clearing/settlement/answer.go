package settlement

import (
	"time"

	"github.com/lianka/lianka/clearing"
)

// silence is the answer of a dispute that nobody answered.
const silence = "not answered in time"

// answer: a dispute was not answered in time, so it is answered as the terms say. An
// adjustment is against the organiser, who should have answered, and gives back what the
// line took from the party. From a line in the party's favour no such amount follows, and
// the organiser's own disputes have no other side: those are refused.
var answer = deadline{
	each: func(s *State, each func(time.Time)) {
		for _, x := range s.Settlements {
			for _, d := range x.Disputes {
				if d.Verdict == Open {
					each(d.AnswerBy)
				}
			}
		}
	},
	run: func(s *State, at time.Time) (*posting, error) {
		for _, x := range s.Settlements {
			for _, d := range x.Disputes {
				if d.Verdict == Open && reached(d.AnswerBy, at) {
					return s.answerSilence(x, d, at)
				}
			}
		}
		return nil, nil
	},
}

func (s *State) answerSilence(x *Lifecycle, d *Dispute, at time.Time) (*posting, error) {
	var p *posting
	var err error
	if x.Policy.AdjustSilent && d.Effect.Sign() < 0 && d.Party != clearing.Organiser {
		p, err = s.adjustInFavour(x, d, clearing.Organiser, d.Effect.Abs(), silence, at)
	} else {
		p, err = s.closeDispute(x, d, Refused, DisputeRefused, silence, at)
	}
	if err != nil {
		return nil, err
	}
	p.events[0].Data["by"] = "silence"
	return p, nil
}
