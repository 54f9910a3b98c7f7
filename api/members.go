package api

import (
	"context"
	"strconv"

	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// ListCommissions returns a page of members with what they earned, in the order of
// their codes.
func (h *handlers) ListCommissions(ctx context.Context, r routes.ListCommissionsRequestObject) (routes.ListCommissionsResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	after, err := readCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := store.MemberAccounts(ctx, h.pool, sc.alliance, after, size+1)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	found, next := cut(found, size, sc.operation.id, func(m store.MemberAccount) string { return m.Code })
	return routes.ListCommissions200JSONResponse{NextCursor: next, Items: each(found, func(m store.MemberAccount) spec.Member {
		return spec.Member{
			Member: m.Code, Referrer: given(m.Referrer), Second: given(m.Second), Pending: m.Pending.String(), Payable: m.Payable.String(),
			Earned: m.Earned.String(), ClawedBack: m.ClawedBack.String(), Paid: m.Paid.String(),
		}
	})}, nil
}

// GetMember returns a member with a page of the commissions, sale by sale.
func (h *handlers) GetMember(ctx context.Context, r routes.GetMemberRequestObject) (routes.GetMemberResponseObject, error) {
	sc := scopeOf(ctx)
	if err := sc.grant.CheckMember("member", r.Member); err != nil {
		return nil, err
	}
	size := pageSize(r.Params.Limit)
	before, err := readNumberCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	var answer routes.GetMember200JSONResponse
	err = clearing.ReadConsistent(ctx, h.pool, func(db ledger.Querier) error {
		m, err := store.FindMember(ctx, db, sc.alliance, r.Member)
		if err != nil {
			return err
		}
		earned, err := store.EarnedCommissions(ctx, db, sc.alliance, r.Member, before, size+1)
		if err != nil {
			return err
		}
		earned, next := cut(earned, size, sc.operation.id, func(c store.EarnedCommission) string { return strconv.FormatInt(c.SaleSeq, 10) })
		answer = routes.GetMember200JSONResponse{
			Member: m.Code, Referrer: given(m.Referrer), Second: given(m.Second), Pending: m.Pending.String(), Payable: m.Payable.String(),
			Earned: m.Earned.String(), ClawedBack: m.ClawedBack.String(), Paid: m.Paid.String(),
			Commissions: each(earned, commission), NextCursor: next,
		}
		return nil
	})
	return answer, err
}

func commission(c store.EarnedCommission) spec.Commission {
	return spec.Commission{
		Sale: ledger.ID(c.SaleSeq), Level: c.Level, Amount: c.Amount.String(), ReleaseAt: c.ReleaseAt, State: spec.CommissionState(c.State),
	}
}
