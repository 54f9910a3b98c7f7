package api

import (
	"context"
	"errors"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
)

// snapshot runs a function that reads the head of a request's circle and more, in
// one snapshot of the database.
func (s *Server) snapshot(ctx context.Context, f func(db ledger.Querier, head *clearing.Head) error) error {
	return clearing.ReadConsistent(ctx, s.pool, func(db ledger.Querier) error {
		head, err := clearing.ReadHead(ctx, db, scopeOf(ctx).alliance.ID)
		if err != nil {
			return err
		}
		return f(db, &head)
	})
}

// setupSnapshot is snapshot with the setup of the circle as of its head.
func (s *Server) setupSnapshot(ctx context.Context, f func(db ledger.Querier, head *clearing.Head, setup *alliance.Setup) error) error {
	return s.snapshot(ctx, func(db ledger.Querier, head *clearing.Head) error {
		setup, err := s.setups.Setup(ctx, db, head)
		if err != nil {
			return err
		}
		return f(db, head, setup)
	})
}

// setup returns the setup of a request's circle.
func (s *Server) setup(ctx context.Context) (*alliance.Setup, error) {
	head, err := clearing.ReadHead(ctx, s.pool, scopeOf(ctx).alliance.ID)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	setup, err := s.setups.Setup(ctx, s.pool, &head)
	return setup, clearing.Unavailable(err)
}

// GetCircle returns the circle of the key.
func (h *handlers) GetCircle(ctx context.Context, _ routes.GetCircleRequestObject) (routes.GetCircleResponseObject, error) {
	var answer routes.GetCircle200JSONResponse
	err := h.setupSnapshot(ctx, func(db ledger.Querier, head *clearing.Head, setup *alliance.Setup) error {
		c := head.Alliance
		answer = routes.GetCircle200JSONResponse{
			Code: c.Code, Name: c.Name, Currency: c.Currency.Code(), Timezone: c.Location.String(), Mode: spec.CircleMode(c.Mode),
			Clock: head.TimeOf(scopeOf(ctx).now), Window: openWindow(head), TermsVersion: len(setup.Terms),
			LastTransaction: transactionID(head.LastSeq), CreatedAt: c.CreatedAt,
		}
		return nil
	})
	return answer, err
}

// openWindow returns the open window of a circle, nil before its first command.
func openWindow(head *clearing.Head) *spec.Window {
	if head.Period == "" {
		return nil
	}
	w := window.Of(head.CutoffAt.Add(-time.Nanosecond), head.Alliance.Location)
	return &spec.Window{Period: w.Period, OpensAt: w.OpensAt, CutoffAt: w.CutoffAt}
}

// transactionID returns the id of a transaction, nil for none.
func transactionID(seq int64) *string {
	if seq == 0 {
		return nil
	}
	id := ledger.ID(seq)
	return &id
}

// maxChanges is how often a change of the setup is tried while work falls due.
const maxChanges = 5

// change runs a change of the circle's setup in a transaction. What has fallen due
// is done first, by the setup that was in force then.
func (h *handlers) change(ctx context.Context, f func(clearing.Tx) error) error {
	sc := scopeOf(ctx)
	for attempt := 1; ; attempt++ {
		err := clearing.Write(ctx, h.pool, f)
		if !errors.Is(err, alliance.ErrOverdue) || attempt == maxChanges {
			return err
		}
		if err := h.sequencer.Advance(ctx, sc.alliance.ID, sc.now); err != nil {
			return err
		}
	}
}

// keep reads a body as a document of the domain and has it kept as a part of the circle's setup.
func keep[Document, Kept any](ctx context.Context, h *handlers, body any, add func(ctx context.Context, tx clearing.Tx, allianceID int64, d Document, at time.Time) (Kept, error)) (kept Kept, err error) {
	sc := scopeOf(ctx)
	document, err := convert[Document](body)
	if err != nil {
		return kept, err
	}
	err = h.change(ctx, func(tx clearing.Tx) error {
		kept, err = add(ctx, tx, sc.alliance.ID, document, sc.now)
		return err
	})
	return kept, err
}

// maxAdvance is how many years a test clock may be moved at once. Closing each
// month on the way takes its time.
const maxAdvance = 2

// GetTestClock returns the clock of a test circle.
func (h *handlers) GetTestClock(ctx context.Context, _ routes.GetTestClockRequestObject) (routes.GetTestClockResponseObject, error) {
	head, err := h.testHead(ctx)
	return routes.GetTestClock200JSONResponse{Clock: head.TimeOf(scopeOf(ctx).now), Window: openWindow(&head)}, err
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
	if err := h.sequencer.Advance(ctx, head.Alliance.ID, r.Body.To); err != nil {
		return nil, err
	}
	head, err = h.testHead(ctx)
	return routes.AdvanceTestClock200JSONResponse{Clock: head.TimeOf(scopeOf(ctx).now), Window: openWindow(&head)}, err
}

// testHead returns the head of a request's circle, which must be a test circle.
func (h *handlers) testHead(ctx context.Context) (clearing.Head, error) {
	sc := scopeOf(ctx)
	if sc.alliance.Mode != clearing.Test {
		return clearing.Head{}, problem.New(problem.CodeLiveAlliance, "", "this circle runs on the server's clock")
	}
	head, err := clearing.ReadHead(ctx, h.pool, sc.alliance.ID)
	return head, clearing.Unavailable(err)
}
