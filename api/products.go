package api

import (
	"context"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
)

// ListProducts returns a page of products in the order of their codes.
func (h *handlers) ListProducts(ctx context.Context, r routes.ListProductsRequestObject) (routes.ListProductsResponseObject, error) {
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
	codes, next := cut(codesAfter(setup.Products, after), size, operation, itself)
	return routes.ListProducts200JSONResponse{NextCursor: next, Items: each(codes, func(code string) spec.ProductOnSale {
		return productView(setup.Products[code])
	})}, nil
}

// product returns a product of the request's circle.
func (s *Server) product(ctx context.Context, code string) (spec.ProductOnSale, error) {
	setup, err := s.setup(ctx)
	if err != nil {
		return spec.ProductOnSale{}, err
	}
	product := setup.Products[code]
	if product == nil {
		return spec.ProductOnSale{}, problem.Absent("product")
	}
	return productView(product), nil
}

// GetProduct returns a product.
func (h *handlers) GetProduct(ctx context.Context, r routes.GetProductRequestObject) (routes.GetProductResponseObject, error) {
	view, err := h.product(ctx, r.Product)
	return routes.GetProduct200JSONResponse(view), err
}

// AddProduct puts a product on sale.
func (h *handlers) AddProduct(ctx context.Context, r routes.AddProductRequestObject) (routes.AddProductResponseObject, error) {
	product, err := keep(ctx, h, r.Body, store.AddProduct)
	if err != nil {
		return nil, err
	}
	return routes.AddProduct201JSONResponse(productView(&product)), nil
}

// RetireProduct takes a product off sale.
func (h *handlers) RetireProduct(ctx context.Context, r routes.RetireProductRequestObject) (routes.RetireProductResponseObject, error) {
	err := h.change(ctx, func(tx clearing.Tx) error {
		err := store.CheckLive(ctx, tx, scopeOf(ctx).alliance, func(setup *alliance.Setup) error { return setup.CheckRetiring(r.Product) })
		if err != nil {
			return err
		}
		return store.RetireProduct(ctx, tx, scopeOf(ctx).alliance.ID, r.Product, scopeOf(ctx).now)
	})
	if err != nil {
		return nil, err
	}
	view, err := h.product(ctx, r.Product)
	return routes.RetireProduct200JSONResponse(view), err
}

func productView(p *alliance.Product) spec.ProductOnSale {
	view := spec.ProductOnSale{
		Code: p.Code, Name: p.Name, Kind: spec.ProductOnSaleKind(p.Kind), Price: p.Price.String(), Retired: p.Retired,
		Benefits: each(p.Benefits, benefitView),
	}
	if p.ValidDays > 0 {
		view.ValidDays = &p.ValidDays
	}
	return view
}

func benefitView(b alliance.Benefit) spec.Benefit {
	view := spec.Benefit{Code: b.Code, Kind: string(b.Kind), Uses: &b.Uses}
	if b.Kind == alliance.Pass {
		view.Merchant, view.Reimbursement, view.ListPrice = given(b.Merchants[0]), given(b.Reimbursement.String()), given(b.ListPrice.String())
		return view
	}
	merchants := b.Merchants
	view.Merchants, view.Threshold, view.Discount = &merchants, given(b.Threshold.String()), given(b.Discount.String())
	view.FundedBy = given(string(b.FundedBy))
	return view
}
