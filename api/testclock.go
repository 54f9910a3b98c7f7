package api

import (
	"context"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/clearing"
)

// maxAdvance is how many years a test clock may be moved at once. Each month on
// the way is closed, which takes its time.
const maxAdvance = 2

// GetTestClock returns the clock of a test circle.
func (h *handlers) GetTestClock(ctx context.Context, _ routes.GetTestClockRequestObject) (routes.GetTestClockResponseObject, error) {
	head, err := h.testHead(ctx)
	return routes.GetTestClock200JSONResponse{Clock: timeIn(&head, scopeOf(ctx).now), Window: openWindow(&head)}, err
}

// AdvanceTestClock moves the clock of a test circle forward.
func (h *handlers) AdvanceTestClock(ctx context.Context, r routes.AdvanceTestClockRequestObject) (routes.AdvanceTestClockResponseObject, error) {
	head, err := h.testHead(ctx)
	if err != nil {
		return nil, err
	}
	if r.Body.To.After(head.Clock.AddDate(maxAdvance, 0, 0)) {
		return nil, problem.Malformed("to", "is more than two years from where the clock stands; go there in steps")
	}
	if err := h.sequencer.Advance(ctx, head.Circle.ID, r.Body.To); err != nil {
		return nil, err
	}
	head, err = h.testHead(ctx)
	return routes.AdvanceTestClock200JSONResponse{Clock: timeIn(&head, scopeOf(ctx).now), Window: openWindow(&head)}, err
}

// testHead returns the head of a request's circle, which must be a test circle.
func (h *handlers) testHead(ctx context.Context) (clearing.Head, error) {
	sc := scopeOf(ctx)
	if sc.circle.Mode != clearing.Test {
		return clearing.Head{}, &problem.Problem{Code: problem.CodeLiveCircle, Detail: "this circle runs on the server's clock"}
	}
	head, err := clearing.ReadHead(ctx, h.pool, sc.circle.ID)
	return head, clearing.Unavailable(err)
}
