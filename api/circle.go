package api

import (
	"context"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
)

// snapshot runs a function that reads the head of a request's circle and more,
// all at one instant.
func (s *Server) snapshot(ctx context.Context, f func(db ledger.Querier, head *clearing.Head) error) error {
	return clearing.ReadConsistent(ctx, s.pool, func(db ledger.Querier) error {
		head, err := clearing.ReadHead(ctx, db, scopeOf(ctx).circle.ID)
		if err != nil {
			return err
		}
		return f(db, &head)
	})
}

// setup returns what a request's circle was set up with.
func (s *Server) setup(ctx context.Context) (*alliance.Setup, error) {
	head, err := clearing.ReadHead(ctx, s.pool, scopeOf(ctx).circle.ID)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	setup, err := s.setups.Setup(ctx, s.pool, &head)
	return setup, clearing.Unavailable(err)
}

// GetCircle returns the circle of the key.
func (h *handlers) GetCircle(ctx context.Context, _ routes.GetCircleRequestObject) (routes.GetCircleResponseObject, error) {
	var answer routes.GetCircle200JSONResponse
	err := h.snapshot(ctx, func(db ledger.Querier, head *clearing.Head) error {
		setup, err := h.setups.Setup(ctx, db, head)
		if err != nil {
			return err
		}
		c := head.Circle
		answer = routes.GetCircle200JSONResponse{
			Code: c.Code, Name: c.Name, Currency: c.Currency.Code(), Timezone: c.Location.String(), Mode: spec.CircleMode(c.Mode),
			Clock: timeIn(head, scopeOf(ctx).now), Window: openWindow(head), TermsVersion: len(setup.Terms),
			LastTransaction: transactionID(head.LastSeq), CreatedAt: c.CreatedAt,
		}
		return nil
	})
	return answer, err
}

// timeIn returns the time in a circle. It never goes back, whatever the server's
// clock does.
func timeIn(head *clearing.Head, now time.Time) time.Time {
	if head.Circle.Mode == clearing.Test {
		now = head.Clock
	}
	if now.Before(head.BookedThrough) {
		now = head.BookedThrough
	}
	return now.UTC()
}

// openWindow returns the open window of a circle; there is none before its first
// command.
func openWindow(head *clearing.Head) *spec.Window {
	if head.Period == "" {
		return nil
	}
	w := window.Of(head.CutoffAt.Add(-time.Nanosecond), head.Circle.Location)
	return &spec.Window{Period: w.Period, OpensAt: w.OpensAt, CutoffAt: w.CutoffAt}
}

// transactionID returns the name of a transaction, nil if there is none.
func transactionID(seq int64) *string {
	if seq == 0 {
		return nil
	}
	id := ledger.ID(seq)
	return &id
}
