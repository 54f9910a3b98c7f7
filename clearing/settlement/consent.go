package settlement

import "time"

// consent: nobody objected until the end of the review, or what was objected to is
// kept out, so the settlement is approved.
var consent = deadline{
	each: func(s *State, each func(time.Time)) {
		for _, x := range s.Settlements {
			if x.Phase == InReview {
				each(x.ReviewUntil)
			}
		}
	},
	run: func(s *State, at time.Time) (*posting, error) {
		for _, x := range s.Settlements {
			if x.Phase == InReview && reached(x.ReviewUntil, at) {
				return s.approve(x, at, "consent")
			}
		}
		return nil, nil
	},
}
