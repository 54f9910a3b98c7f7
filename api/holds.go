package api

import (
	"context"
	"slices"
	"strconv"

	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/merchant/access"
)

// ListHolds returns a page of open holds, in the order in which they were placed.
func (h *handlers) ListHolds(ctx context.Context, r routes.ListHoldsRequestObject) (routes.ListHoldsResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	after, err := readNumberCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	merchant, err := sc.grant.At(r.Params.Merchant)
	if err != nil {
		return nil, err
	}
	if r.Params.Card != nil && r.Params.Merchant == nil {
		merchant = nil // of its own cards a shop sees all
	}
	var holds []store.OpenHold
	err = h.snapshot(ctx, func(db ledger.Querier, head *clearing.Head) error {
		filter := store.HoldFilter{Card: r.Params.Card, Merchant: merchant, After: after, Limit: size + 1}
		holds, err = store.OpenHolds(ctx, db, sc.alliance, filter, head.TimeOf(sc.now))
		return err
	})
	if err != nil {
		return nil, err
	}
	holds, next := cut(holds, size, sc.operation.id, func(hold store.OpenHold) string { return strconv.FormatInt(hold.Seq, 10) })
	holds = slices.DeleteFunc(holds, func(hold store.OpenHold) bool { return !sc.sees(&hold) })
	return routes.ListHolds200JSONResponse{
		Items:      each(holds, func(hold store.OpenHold) spec.OpenHold { return openHold(&hold) }),
		NextCursor: next,
	}, nil
}

// sees reports whether the caller sees a hold: it placed it, or sold the card.
func (s *scope) sees(h *store.OpenHold) bool {
	return s.Principal.SeesOf(access.Holds, h.Member, h.Merchant, h.Home)
}

func openHold(h *store.OpenHold) spec.OpenHold {
	return spec.OpenHold{
		Transaction: ledger.ID(h.Seq), Card: h.Card, Merchant: h.Merchant, Amount: h.Amount.String(), PlacedAt: h.PlacedAt, ExpiresAt: h.ExpiresAt,
	}
}
