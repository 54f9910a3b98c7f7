package api

import (
	"cmp"
	"context"
	"slices"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/merchant/access"
)

// GetPositions returns the positions in the open window that the caller may see.
func (h *handlers) GetPositions(ctx context.Context, _ routes.GetPositionsRequestObject) (routes.GetPositionsResponseObject, error) {
	sc := scopeOf(ctx)
	var answer routes.GetPositions200JSONResponse
	err := h.setupSnapshot(ctx, func(db ledger.Querier, head *clearing.Head, setup *alliance.Setup) error {
		merchants := make([]string, 0, len(setup.Merchants))
		for code := range setup.Merchants {
			merchants = append(merchants, code)
		}
		positions, err := window.Positions(ctx, db, head.Alliance, merchants)
		if err != nil {
			return err
		}
		positions = sc.ownPositions(positions)
		slices.SortFunc(positions, func(a, b window.Position) int { return cmp.Compare(a.Party, b.Party) })
		answer = routes.GetPositions200JSONResponse{Window: openWindow(head), Items: each(positions, openPosition)}
		return nil
	})
	return answer, err
}

// ownPositions returns the positions that the caller may see.
func (s *scope) ownPositions(positions []window.Position) []window.Position {
	return slices.DeleteFunc(positions, func(p window.Position) bool { return !s.Principal.Sees(access.Positions, p.Party) })
}

func openPosition(p window.Position) spec.OpenPosition {
	return spec.OpenPosition{Party: p.Party, Opening: p.Opening.String(), Movement: p.Movement.String(), Standing: p.Carried.String()}
}

// GetTrialBalance returns the balances of all accounts by their kind.
func (h *handlers) GetTrialBalance(ctx context.Context, _ routes.GetTrialBalanceRequestObject) (routes.GetTrialBalanceResponseObject, error) {
	var answer routes.GetTrialBalance200JSONResponse
	err := h.snapshot(ctx, func(db ledger.Querier, head *clearing.Head) error {
		lines, err := store.TrialBalance(ctx, db, head.Alliance)
		answer = routes.GetTrialBalance200JSONResponse{
			LastTransaction: transactionID(head.LastSeq),
			Items: each(lines, func(l ledger.Line) spec.TrialBalanceLine {
				return spec.TrialBalanceLine{Account: spec.AccountKind(l.Kind.String()), Balance: l.Balance.String()}
			}),
		}
		return err
	})
	return answer, err
}

// windows returns the windows of a request's circle, the newest first, beginning
// after a cursor.
func (h *handlers) windows(ctx context.Context, cursor *string) ([]window.State, error) {
	sc := scopeOf(ctx)
	if _, err := sc.Principal.Confined(access.Settlements); err != nil {
		return nil, err
	}
	before, err := readCursor(sc.operation.id, cursor)
	if err != nil {
		return nil, err
	}
	all, err := window.List(ctx, h.pool, sc.alliance.ID)
	if before != "" {
		all = slices.DeleteFunc(all, func(w window.State) bool { return w.Period >= before })
	}
	return all, clearing.Unavailable(err)
}

func periodOf(w window.State) string { return w.Period }

// ListWindows returns the windows, the newest first.
func (h *handlers) ListWindows(ctx context.Context, r routes.ListWindowsRequestObject) (routes.ListWindowsResponseObject, error) {
	size := pageSize(r.Params.Limit)
	all, err := h.windows(ctx, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	page, next := cut(all, size, scopeOf(ctx).operation.id, periodOf)
	return routes.ListWindows200JSONResponse{NextCursor: next, Items: each(page, func(w window.State) spec.WindowState {
		view := spec.WindowState{
			Period: w.Period, State: spec.WindowStateStateOpen, OpensAt: w.OpensAt, CutoffAt: w.CutoffAt,
			FirstTransaction: transactionID(w.FirstSeq), LastTransaction: transactionID(w.ClosedSeq),
		}
		if w.ClosedSeq > 0 {
			view.State = spec.WindowStateStateClosed
		}
		return view
	})}, nil
}
