package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// readItems runs a function with the setup and the sums of all items, of one instant.
func (h *handlers) readItems(ctx context.Context, f func(*alliance.Setup, map[string]*alliance.ItemSums) error) error {
	return h.setupSnapshot(ctx, func(db ledger.Querier, head *clearing.Head, setup *alliance.Setup) error {
		sums, err := store.ItemSums(ctx, db, head.Alliance.ID)
		if err != nil {
			return err
		}
		return f(setup, sums)
	})
}

// ListItems returns a page of the mall's items in the order of their codes.
func (h *handlers) ListItems(ctx context.Context, r routes.ListItemsRequestObject) (routes.ListItemsResponseObject, error) {
	operation := scopeOf(ctx).operation.id
	size := pageSize(r.Params.Limit)
	after, err := readCursor(operation, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	var answer routes.ListItems200JSONResponse
	err = h.readItems(ctx, func(setup *alliance.Setup, sums map[string]*alliance.ItemSums) error {
		codes, next := cut(codesAfter(setup.Items, after), size, operation, itself)
		answer = routes.ListItems200JSONResponse{NextCursor: next, Items: each(codes, func(code string) spec.Item {
			return itemView(setup.Items[code], sums[code])
		})}
		return nil
	})
	return answer, err
}

// item returns an item of the mall.
func (h *handlers) item(ctx context.Context, code string) (view spec.Item, err error) {
	err = h.readItems(ctx, func(setup *alliance.Setup, sums map[string]*alliance.ItemSums) error {
		item := setup.Items[code]
		if item == nil {
			return problem.Absent("item")
		}
		view = itemView(item, sums[code])
		return nil
	})
	return view, err
}

// GetItem returns an item.
func (h *handlers) GetItem(ctx context.Context, r routes.GetItemRequestObject) (routes.GetItemResponseObject, error) {
	view, err := h.item(ctx, r.Item)
	return routes.GetItem200JSONResponse(view), err
}

// AddItem adds an item to the mall.
func (h *handlers) AddItem(ctx context.Context, r routes.AddItemRequestObject) (routes.AddItemResponseObject, error) {
	item, err := keep(ctx, h, r.Body, store.AddItem)
	if err != nil {
		return nil, err
	}
	return routes.AddItem201JSONResponse(itemView(&item, nil)), nil
}

// restocked is the answer of a restocking, which says whether it is a repeat's.
type restocked struct {
	body     spec.Restock
	replayed bool
}

// VisitRestockItemResponse writes the answer.
func (a restocked) VisitRestockItemResponse(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", mediaTypeJSON)
	if a.replayed {
		w.Header().Set(headerReplayed, "true")
	}
	w.WriteHeader(http.StatusOK)
	return json.NewEncoder(w).Encode(a.body)
}

// RestockItem adds to the stock of an item.
func (h *handlers) RestockItem(ctx context.Context, r routes.RestockItemRequestObject) (routes.RestockItemResponseObject, error) {
	sc := scopeOf(ctx)
	var done store.Restocked
	err := h.change(ctx, func(tx clearing.Tx) (err error) {
		done, err = store.RestockItem(ctx, tx, sc.alliance.ID, store.Restocking{
			Item: r.Item, Amount: r.Body.Amount, Caller: sc.Caller, Key: r.Params.IdempotencyKey,
		}, sc.now)
		return err
	})
	return restocked{spec.Restock{Item: r.Item, Amount: r.Body.Amount, Stock: done.Stock, Left: done.Stock - done.Redeemed}, done.Replayed}, err
}

// RetireItem takes an item out of the mall.
func (h *handlers) RetireItem(ctx context.Context, r routes.RetireItemRequestObject) (routes.RetireItemResponseObject, error) {
	err := h.change(ctx, func(tx clearing.Tx) error {
		return store.RetireItem(ctx, tx, scopeOf(ctx).alliance.ID, r.Item, scopeOf(ctx).now)
	})
	if err != nil {
		return nil, err
	}
	view, err := h.item(ctx, r.Item)
	return routes.RetireItem200JSONResponse(view), err
}

func itemView(i *alliance.Item, sums *alliance.ItemSums) spec.Item {
	view := spec.Item{
		Code: i.Code, Points: i.Points, Merchants: i.Merchants, Reimbursement: i.Reimbursement.String(), Cash: i.Cash.String(), Retired: i.Retired,
	}
	if sums != nil {
		view.Redeemed = sums.Redeemed
	}
	if i.Limited {
		left := i.Left(sums)
		view.Stock, view.Left = &i.Stock, &left
	}
	return view
}
