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
	holds, err := store.OpenHolds(ctx, h.pool, sc.alliance, store.HoldFilter{Card: r.Params.Card, Merchant: merchant, After: after, Limit: size + 1})
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	holds, next := cut(holds, size, sc.operation.id, func(hold store.Hold) string { return strconv.FormatInt(hold.Seq, 10) })
	return routes.ListHolds200JSONResponse{
		Items:      each(holds, func(hold store.Hold) spec.OpenHold { return openHold(&hold) }),
		NextCursor: next,
	}, nil
}

func openHold(h *store.Hold) spec.OpenHold {
	return spec.OpenHold{
		Transaction: ledger.ID(h.Seq), Card: h.Card, Merchant: h.Merchant, Amount: h.Amount.String(), PlacedAt: h.PlacedAt, ExpiresAt: h.ExpiresAt,
	}
}
