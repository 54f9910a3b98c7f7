package api

import (
	"context"
	"encoding/hex"
	"slices"

	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/merchant/access"
)

// ListSettlements returns a page of closed months, the newest first.
func (h *handlers) ListSettlements(ctx context.Context, r routes.ListSettlementsRequestObject) (routes.ListSettlementsResponseObject, error) {
	size := pageSize(r.Params.Limit)
	all, err := h.windows(ctx, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(w window.State) bool { return w.ClosedSeq == 0 })
	page, next := cut(all, size, scopeOf(ctx).operation.id, periodOf)
	phases, err := settlement.Phases(ctx, h.pool, scopeOf(ctx).alliance.ID, each(page, periodOf))
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	return routes.ListSettlements200JSONResponse{NextCursor: next, Items: each(page, func(w window.State) spec.SettlementSummary {
		return spec.SettlementSummary{
			Period: w.Period, State: spec.SettlementState(phases[w.Period]), OpensAt: w.OpensAt, CutoffAt: w.CutoffAt,
			FirstTransaction: ledger.ID(w.FirstSeq), LastTransaction: ledger.ID(w.ClosedSeq),
		}
	})}, nil
}

// GetSettlement returns the settlement of a closed month, as far as the caller may
// see it.
func (h *handlers) GetSettlement(ctx context.Context, r routes.GetSettlementRequestObject) (routes.GetSettlementResponseObject, error) {
	sc := scopeOf(ctx)
	found, err := window.Find(ctx, h.pool, sc.alliance, r.Period)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	life, err := settlement.Find(ctx, h.pool, sc.alliance.ID, r.Period)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	var saved *spec.Netting
	if sc.Principal.Sees(access.Nettings) {
		saved = netting(&found)
	}
	transfers := slices.DeleteFunc(found.Transfers, func(t window.Transfer) bool { return !sc.Principal.Sees(access.Transfers, t.From, t.To) })
	return routes.GetSettlement200JSONResponse{
		Period: found.Period, State: spec.SettlementState(life.Phase), ReviewUntil: life.ReviewUntil, ApprovedAt: instant(life.ApprovedAt), SettledAt: instant(life.SettledAt),
		Digest: hex.EncodeToString(found.Digest[:]), Netting: saved, OpensAt: found.OpensAt, CutoffAt: found.CutoffAt,
		FirstTransaction: ledger.ID(found.FirstSeq), LastTransaction: ledger.ID(found.ClosedSeq),
		Positions: each(sc.ownPositions(found.Positions), func(p window.Position) spec.SettledPosition {
			return spec.SettledPosition{
				Party: p.Party, Opening: p.Opening.String(), Movement: p.Movement.String(),
				Transfer: p.Transfer.String(), Carried: p.Carried.String(), Movements: movements(p, func(minor int64) string { return sc.alliance.Currency.Minor(minor).String() }),
			}
		}),
		Transfers: each(transfers, func(t window.Transfer) spec.Transfer {
			return spec.Transfer{From: t.From, To: t.To, Amount: t.Amount.String()}
		}),
	}, nil
}

// ListSettlementCommissions returns a page of what members had earned when a month
// closed.
func (h *handlers) ListSettlementCommissions(
	ctx context.Context, r routes.ListSettlementCommissionsRequestObject,
) (routes.ListSettlementCommissionsResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	after, err := readCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	if _, err := window.Find(ctx, h.pool, sc.alliance, r.Period); err != nil {
		return nil, clearing.Unavailable(err)
	}
	found, err := store.CommissionStatements(ctx, h.pool, sc.alliance, r.Period, after, size+1)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	found, next := cut(found, size, sc.operation.id, func(s store.CommissionStatement) string { return s.Member })
	return routes.ListSettlementCommissions200JSONResponse{
		NextCursor: next,
		Items: each(found, func(s store.CommissionStatement) spec.CommissionStatement {
			return spec.CommissionStatement{
				Period: s.Period, Member: s.Member, Pending: s.Pending.String(), Payable: s.Payable.String(), Paid: s.Paid.String(), Withheld: s.Withheld.String(),
			}
		}),
	}, nil
}
