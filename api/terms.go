package api

import (
	"context"

	json "github.com/go-json-experiment/json"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
)

// convert converts a value by way of its JSON. It fails if the other type lacks a
// field, so that document and domain can't drift apart unnoticed.
func convert[To any](from any) (to To, err error) {
	text, err := json.Marshal(from)
	if err != nil {
		return to, err
	}
	return to, json.Unmarshal(text, &to, json.RejectUnknownMembers(true))
}

// GetTerms returns the terms in force.
func (h *handlers) GetTerms(ctx context.Context, _ routes.GetTermsRequestObject) (routes.GetTermsResponseObject, error) {
	document, version, err := store.CurrentTerms(ctx, h.pool, scopeOf(ctx).alliance.ID)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	terms, err := convert[spec.Terms](document)
	return routes.GetTerms200JSONResponse{Version: version, Terms: terms}, err
}

// SetTerms puts new terms in force.
func (h *handlers) SetTerms(ctx context.Context, r routes.SetTermsRequestObject) (routes.SetTermsResponseObject, error) {
	sc := scopeOf(ctx)
	document, err := convert[alliance.TermsDocument](r.Body)
	if err != nil {
		return nil, err
	}
	var version int
	err = h.change(ctx, func(tx clearing.Tx) error {
		err := store.CheckLive(ctx, tx, sc.alliance, func(setup *alliance.Setup) error {
			terms, err := document.Terms(sc.alliance.Currency)
			if err != nil {
				return err
			}
			return setup.CheckReferralTerms(&terms)
		})
		if err != nil {
			return err
		}
		version, err = store.SetTerms(ctx, tx, sc.alliance.ID, document, sc.now)
		return err
	})
	return routes.SetTerms200JSONResponse{Version: version, Terms: *r.Body}, err
}
