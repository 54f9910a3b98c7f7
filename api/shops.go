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
	codes, next := cut(codesAfter(setup.Shops, after), size, operation, itself)
	return routes.ListShops200JSONResponse{NextCursor: next, Items: each(codes, func(code string) spec.Shop {
		return shopView(*setup.Shops[code])
	})}, nil
}

// GetShop returns a shop.
func (h *handlers) GetShop(ctx context.Context, r routes.GetShopRequestObject) (routes.GetShopResponseObject, error) {
	setup, err := h.setup(ctx)
	if err != nil {
		return nil, err
	}
	shop := setup.Shops[r.Shop]
	if shop == nil {
		return nil, problem.Absent("shop")
	}
	return routes.GetShop200JSONResponse(shopView(*shop)), nil
}

// AdmitShop adds a shop to the circle.
func (h *handlers) AdmitShop(ctx context.Context, r routes.AdmitShopRequestObject) (routes.AdmitShopResponseObject, error) {
	sc := scopeOf(ctx)
	document, err := convert[alliance.ShopDocument](r.Body)
	if err != nil {
		return nil, err
	}
	var shop merchant.Shop
	err = h.change(ctx, func(tx clearing.Tx) error {
		shop, err = store.AdmitShop(ctx, tx, sc.circle.ID, document, sc.now)
		return err
	})
	return routes.AdmitShop201JSONResponse(shopView(shop)), err
}

// AmendShop replaces what is known of a shop.
func (h *handlers) AmendShop(ctx context.Context, r routes.AmendShopRequestObject) (routes.AmendShopResponseObject, error) {
	document, err := convert[alliance.ShopDocument](r.Body)
	if err != nil {
		return nil, err
	}
	document.Code = r.Shop
	var shop merchant.Shop
	err = h.change(ctx, func(tx clearing.Tx) error {
		shop, err = store.AmendShop(ctx, tx, scopeOf(ctx).circle.ID, document, scopeOf(ctx).now)
		return err
	})
	return routes.AmendShop200JSONResponse(shopView(shop)), err
}

func shopView(s merchant.Shop) spec.Shop {
	view := spec.Shop{Code: s.Code, Name: given(s.Name), Category: given(s.Category)}
	if s.Capped {
		view.DebitCap = given(s.DebitCap.String())
	}
	return view
}
