package api

import (
	"context"
	"errors"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

// ListStaff returns a page of the staff.
func (h *handlers) ListStaff(ctx context.Context, r routes.ListStaffRequestObject) (routes.ListStaffResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	after, err := readCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	staff, err := signin.ListStaff(ctx, h.pool, sc.alliance.ID, sc.grant.Merchant(), after, size+1)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	staff, next := cut(staff, size, sc.operation.id, func(s signin.Staff) string { return s.ID })
	return routes.ListStaff200JSONResponse{NextCursor: next, Items: each(staff, staffView)}, nil
}

func staffView(s signin.Staff) spec.Staff {
	return spec.Staff{Staff: s.ID, Role: spec.StaffRole(s.Role), Shop: given(s.Merchant), Name: s.Name, HasPin: s.HasPIN, AddedAt: s.AddedAt}
}

// AddStaff adds somebody to the staff; a cashier with a PIN.
func (h *handlers) AddStaff(ctx context.Context, r routes.AddStaffRequestObject) (routes.AddStaffResponseObject, error) {
	sc := scopeOf(ctx)
	staff := signin.Staff{Role: access.Role(r.Body.Role), Name: r.Body.Name}
	if staff.Role == access.Organiser && !sc.grant.Everything() {
		return nil, problem.At("role", problem.CodeForbidden, "a shop adds owners and cashiers of its own")
	}
	if staff.Role != access.Organiser || r.Body.Shop != nil {
		shop, err := sc.shop(r.Body.Shop)
		if err != nil {
			return nil, err
		}
		staff.Merchant = shop
	}
	if staff.Role != access.Cashier && r.Body.Pin != nil {
		return nil, problem.Malformed("pin", "is of a cashier; leave it out")
	}
	pin, err := signin.ChoosePIN(value(r.Body.Pin))
	if err != nil {
		return nil, err
	}
	err = clearing.Write(ctx, h.pool, func(tx clearing.Tx) (err error) {
		staff, err = signin.AddStaff(ctx, tx, sc.alliance.ID, staff, sc.Caller, sc.now)
		return err
	})
	if err != nil {
		return nil, unknownShop(err)
	}
	answer := routes.AddStaff201JSONResponse{Details: staffView(staff)}
	if staff.Role == access.Cashier {
		if err := signin.SetPIN(ctx, h.pool, sc.alliance.ID, staff.ID, pin, sc.Caller, sc.now); err != nil {
			return nil, err
		}
		answer.Pin, answer.Details.HasPin = &pin, true
	}
	return answer, nil
}

// shop returns the shop at which a request acts, which an organiser names.
func (s *scope) shop(named *string) (string, error) {
	shop, err := s.grant.At(named)
	if err != nil {
		return "", err
	}
	if shop == nil {
		return "", problem.Malformed("shop", "is missing; an organiser names the shop")
	}
	return *shop, nil
}

// unknownShop says of a shop that is named in a body that there is none.
func unknownShop(err error) error {
	if errors.Is(err, merchant.ErrMerchantUnknown) {
		return problem.At("shop", alliance.CodeUnknownMerchant, "no shop of that code is in the circle")
	}
	return err
}

// RemoveStaff removes somebody from the staff.
func (h *handlers) RemoveStaff(ctx context.Context, r routes.RemoveStaffRequestObject) (routes.RemoveStaffResponseObject, error) {
	sc := scopeOf(ctx)
	if _, err := h.staffOf(ctx, r.Staff); err != nil {
		return nil, err
	}
	return routes.RemoveStaff204Response{}, clearing.Write(ctx, h.pool, func(tx clearing.Tx) error {
		return signin.RemoveStaff(ctx, tx, sc.alliance.ID, r.Staff, sc.Caller, sc.now)
	})
}

// SetPIN gives a cashier a new PIN.
func (h *handlers) SetPIN(ctx context.Context, r routes.SetPINRequestObject) (routes.SetPINResponseObject, error) {
	sc := scopeOf(ctx)
	if _, err := h.staffOf(ctx, r.Staff); err != nil {
		return nil, err
	}
	pin, err := signin.ChoosePIN(value(r.Body.Pin))
	if err != nil {
		return nil, err
	}
	return routes.SetPIN200JSONResponse{Pin: pin}, signin.SetPIN(ctx, h.pool, sc.alliance.ID, r.Staff, pin, sc.Caller, sc.now)
}
