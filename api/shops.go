package api

import (
	"context"
	"maps"
	"slices"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant"
)

// codesAfter returns the codes after one, in order.
func codesAfter[T any](all map[string]T, after string) []string {
	codes := slices.Sorted(maps.Keys(all))
	i, found := slices.BinarySearch(codes, after)
	if found {
		i++
	}
	return codes[i:]
}

func itself(code string) string { return code }

// ListShops returns a page of shops in the order of their codes.
func (h *handlers) ListShops(ctx context.Context, r routes.ListShopsRequestObject) (routes.ListShopsResponseObject, error) {
	operation := scopeOf(ctx).operation.id
	size := pageSize(r.Params.Limit)
	after, err := readCursor(operation, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	setup, err := h.setup(ctx)
	if err != nil {
		return nil, err
	}
	codes, next := cut(codesAfter(setup.Merchants, after), size, operation, itself)
	return routes.ListShops200JSONResponse{NextCursor: next, Items: each(codes, func(code string) spec.Shop {
		return merchantView(*setup.Merchants[code])
	})}, nil
}

// GetShop returns a shop.
func (h *handlers) GetShop(ctx context.Context, r routes.GetShopRequestObject) (routes.GetShopResponseObject, error) {
	setup, err := h.setup(ctx)
	if err != nil {
		return nil, err
	}
	m := setup.Merchants[r.Shop]
	if m == nil {
		return nil, problem.Absent("shop")
	}
	return routes.GetShop200JSONResponse(merchantView(*m)), nil
}

// AdmitMerchant adds a shop to the circle.
func (h *handlers) AdmitShop(ctx context.Context, r routes.AdmitShopRequestObject) (routes.AdmitShopResponseObject, error) {
	m, err := keep(ctx, h, r.Body, store.AdmitMerchant)
	return routes.AdmitShop201JSONResponse(merchantView(m)), err
}

// AmendMerchant replaces what is known of a shop.
func (h *handlers) AmendShop(ctx context.Context, r routes.AmendShopRequestObject) (routes.AmendShopResponseObject, error) {
	document, err := convert[alliance.MerchantDocument](r.Body)
	if err != nil {
		return nil, err
	}
	document.Code = r.Shop
	var m merchant.Merchant
	err = h.change(ctx, func(tx clearing.Tx) error {
		m, err = store.AmendMerchant(ctx, tx, scopeOf(ctx).alliance.ID, document, scopeOf(ctx).now)
		return err
	})
	return routes.AmendShop200JSONResponse(merchantView(m)), err
}

func merchantView(s merchant.Merchant) spec.Shop {
	view := spec.Shop{Code: s.Code, Name: given(s.Name), Category: given(s.Category)}
	if s.Capped {
		view.DebitCap = given(s.DebitCap.String())
	}
	return view
}
