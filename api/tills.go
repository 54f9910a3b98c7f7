package api

import (
	"context"
	"errors"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/signin"
)

// ListTills returns a page of paired tills.
func (h *handlers) ListTills(ctx context.Context, r routes.ListTillsRequestObject) (routes.ListTillsResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	after, err := readCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	tills, err := signin.Tills(ctx, h.pool, sc.alliance.ID, sc.grant.Merchant(), sc.now, after, size+1)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	tills, next := cut(tills, size, sc.operation.id, func(t signin.Till) string { return t.ID })
	return routes.ListTills200JSONResponse{NextCursor: next, Items: each(tills, tillView)}, nil
}

func tillView(t signin.Till) spec.Till {
	return spec.Till{TillID: t.ID, Shop: t.Merchant, Till: t.Name, MadeAt: t.MadeAt, PairedAt: instant(t.PairedAt), ExpiresAt: instant(t.ExpiresAt)}
}

// OfferTill makes a code by which a device becomes a till.
func (h *handlers) OfferTill(ctx context.Context, r routes.OfferTillRequestObject) (routes.OfferTillResponseObject, error) {
	sc := scopeOf(ctx)
	shop, err := sc.shop(r.Body.Shop)
	if err != nil {
		return nil, err
	}
	var till signin.Till
	var code string
	err = clearing.Write(ctx, h.pool, func(tx clearing.Tx) (err error) {
		till, code, err = signin.OfferTill(ctx, tx, sc.alliance.ID, shop, r.Body.Till, sc.now)
		return err
	})
	return routes.OfferTill201JSONResponse{Code: code, Details: tillView(till)}, unknownShop(err)
}

// RevokeTill makes a device no till any more.
func (h *handlers) RevokeTill(ctx context.Context, r routes.RevokeTillRequestObject) (routes.RevokeTillResponseObject, error) {
	sc := scopeOf(ctx)
	till, err := signin.FindTill(ctx, h.pool, sc.alliance.ID, r.TillID)
	if err == nil {
		err = sc.grant.Check("till", till.Merchant)
	}
	if errors.Is(err, signin.ErrTillUnknown) {
		err = problem.Absent("till") // as it is said of another shop's
	}
	if err != nil {
		return nil, err
	}
	return routes.RevokeTill204Response{}, clearing.Write(ctx, h.pool, func(tx clearing.Tx) error {
		return signin.RevokeTill(ctx, tx, sc.alliance.ID, r.TillID, sc.now)
	})
}

// PairTill makes the device that asks a till.
func (h *handlers) PairTill(ctx context.Context, r routes.PairTillRequestObject) (routes.PairTillResponseObject, error) {
	sc := scopeOf(ctx)
	if err := h.sessionsWork(); err != nil {
		return nil, err
	}
	if err := h.named(ctx, r.Body.Circle); err != nil {
		return nil, err
	}
	till, token, err := signin.PairTill(ctx, h.pool, sc.alliance.ID, r.Body.Code, sc.now)
	if err != nil {
		return nil, err
	}
	view, err := h.paired(ctx, till)
	return routes.PairTill201JSONResponse{
		Body: view, Headers: routes.PairTill201ResponseHeaders{SetCookie: newCookie(tillCookie, token, signin.TillLasts)},
	}, err
}

// GetTill returns the till that the device is that asks.
func (h *handlers) GetTill(ctx context.Context, _ routes.GetTillRequestObject) (routes.GetTillResponseObject, error) {
	till, err := signin.AuthenticateTill(ctx, h.pool, scopeOf(ctx).till)
	if err != nil {
		return nil, err
	}
	view, err := h.paired(ctx, till)
	return routes.GetTill200JSONResponse(view), err
}

// maxCashiers is how many a paired till shows.
const maxCashiers = 200

// paired returns a till as its device is shown it, with who can sign in there.
func (h *handlers) paired(ctx context.Context, t signin.Till) (spec.PairedTill, error) {
	sc := scopeOf(ctx)
	var err error
	if sc.alliance, err = h.alliance(ctx, t.AllianceID); err != nil {
		return spec.PairedTill{}, err
	}
	staff, err := signin.ListStaff(ctx, h.pool, t.AllianceID, t.Merchant, "", maxCashiers)
	if err != nil {
		return spec.PairedTill{}, clearing.Unavailable(err)
	}
	view := spec.PairedTill{TillID: t.ID, Circle: sc.alliance.Code, Shop: t.Merchant, Till: t.Name, Staff: []spec.TillStaff{}}
	for i := range staff {
		if staff[i].HasPIN {
			view.Staff = append(view.Staff, spec.TillStaff{Staff: staff[i].ID, Name: staff[i].Name})
		}
	}
	return view, nil
}
