package settlement

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Deadline returns the earliest instant at which something comes about by itself:
// a review ends, a payment is due or its grace is over, a merchant leaves. Zero:
// there is none.
func (s *State) Deadline() time.Time {
	var first time.Time
	consider := func(at time.Time) {
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	for _, x := range s.Settlements {
		if x.Phase == InReview {
			consider(x.ReviewUntil)
		}
		for _, o := range x.Obligations {
			if o.Outstanding() > 0 {
				consider(o.RemindAt)
				consider(o.DefaultAt)
			}
		}
	}
	for _, shop := range s.Shops {
		if !shop.Left {
			consider(shop.LeavesAt)
		}
	}
	return first
}

// RunDeadline does what comes about first: at one instant a review ends, the oldest
// first; then reminders; then a default; then a merchant leaves.
func (s *State) RunDeadline() (*posting, error) {
	at := s.Deadline()
	a, err := s.runDeadline(at)
	if err == nil {
		s.finish(a, at)
	}
	return a, err
}

func (s *State) runDeadline(at time.Time) (*posting, error) {
	for _, x := range s.Settlements {
		if x.Phase == InReview && !x.ReviewUntil.After(at) {
			return s.approve(x, at, "consent")
		}
	}
	if a := s.remind(at); len(a.events) > 0 {
		return a, nil
	}
	for _, x := range s.Settlements {
		for _, o := range x.Obligations {
			if !o.DefaultAt.IsZero() && !o.DefaultAt.After(at) && o.Outstanding() > 0 {
				return s.defaults(x, o)
			}
		}
	}
	for _, code := range slices.Sorted(maps.Keys(s.Shops)) {
		if shop := s.Shops[code]; !shop.Left && !shop.LeavesAt.IsZero() && !shop.LeavesAt.After(at) {
			return s.leave(shop), nil
		}
	}
	return nil, fmt.Errorf("nothing comes about at %s", at)
}
