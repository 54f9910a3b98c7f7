package api

import (
	"context"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/legal"
)

// legalParty checks that a path names a shop or the organiser, and that the caller may
// know who that is. Custody is nobody in law.
func (h *handlers) legalParty(ctx context.Context, party string) error {
	if err := scopeOf(ctx).grant.Check("party", party); err != nil {
		return err
	}
	setup, err := h.setup(ctx)
	if err != nil {
		return err
	}
	if party != clearing.Organiser && setup.Merchants[party] == nil {
		return problem.Absent("party")
	}
	return nil
}

// GetLegalEntity returns who a party is in law.
func (h *handlers) GetLegalEntity(ctx context.Context, r routes.GetLegalEntityRequestObject) (routes.GetLegalEntityResponseObject, error) {
	if err := h.legalParty(ctx, r.Party); err != nil {
		return nil, err
	}
	found, err := legal.Find(ctx, h.pool, scopeOf(ctx).alliance.ID, r.Party)
	return routes.GetLegalEntity200JSONResponse(legalEntity(found)), clearing.Unavailable(err)
}

// SetLegalEntity keeps who a party is in law.
func (h *handlers) SetLegalEntity(ctx context.Context, r routes.SetLegalEntityRequestObject) (routes.SetLegalEntityResponseObject, error) {
	sc := scopeOf(ctx)
	if err := h.legalParty(ctx, r.Party); err != nil {
		return nil, err
	}
	e, err := legal.New(value(r.Body.LegalName), value(r.Body.TaxNumber), sc.alliance.Currency)
	if err != nil {
		return nil, err
	}
	err = clearing.Write(ctx, h.pool, func(tx clearing.Tx) error { return legal.Set(ctx, tx, sc.alliance.ID, r.Party, e, sc.now) })
	return routes.SetLegalEntity200JSONResponse(legalEntity(e)), err
}

// DeleteLegalEntity forgets who a party is in law.
func (h *handlers) DeleteLegalEntity(ctx context.Context, r routes.DeleteLegalEntityRequestObject) (routes.DeleteLegalEntityResponseObject, error) {
	sc := scopeOf(ctx)
	if err := h.legalParty(ctx, r.Party); err != nil {
		return nil, err
	}
	err := clearing.Write(ctx, h.pool, func(tx clearing.Tx) error { return legal.Delete(ctx, tx, sc.alliance.ID, r.Party, sc.now) })
	return routes.DeleteLegalEntity204Response{}, err
}

func legalEntity(e legal.Entity) spec.LegalEntity {
	return spec.LegalEntity{LegalName: given(e.Name), TaxNumber: given(e.TaxNumber)}
}
