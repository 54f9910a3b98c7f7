package api

import (
	"context"
	"strings"
	"time"

	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
)

// place returns where the caller is, as consents record it.
func (s *scope) place() string {
	switch {
	case s.Principal.Role == access.Member:
		return people.InSession
	case s.Principal.Merchant != "":
		return "till " + strings.TrimPrefix(s.Caller, "shop:")
	}
	return people.AtOrganiser
}

// consentParty returns the party that a consent is about. A shop names none, or itself.
func (h *handlers) consentParty(ctx context.Context, named *string) (string, error) {
	sc := scopeOf(ctx)
	if own := sc.grant.Merchant(); own != "" {
		if named != nil && *named != own {
			return "", problem.At("party", problem.CodeForbiddenMerchant, "this key acts at %s; leave party out", own)
		}
		return own, nil
	}
	if named == nil {
		return "", problem.Malformed("party", "is missing; name the shop, or organiser")
	}
	if *named == clearing.Organiser {
		return *named, nil
	}
	return *named, h.knownShop(ctx, *named, "party")
}

// ListConsents returns what a member decided.
func (h *handlers) ListConsents(ctx context.Context, r routes.ListConsentsRequestObject) (routes.ListConsentsResponseObject, error) {
	sc := scopeOf(ctx)
	store, err := h.personOf(ctx, r.Member)
	if err != nil {
		return nil, err
	}
	if _, err := store.KnownTo(ctx, sc.alliance.ID, r.Member); err != nil {
		return nil, err
	}
	decisions, err := people.Decisions(ctx, h.pool, sc.alliance.ID, r.Member)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	items := []spec.Consent{}
	for _, d := range decisions {
		if own := sc.grant.Merchant(); own == "" || own == d.Party {
			items = append(items, consent(d))
		}
	}
	return routes.ListConsents200JSONResponse{Items: items}, h.recordRead(ctx, store, r.Member, "consents")
}

// DecideConsent records what a member decided.
func (h *handlers) DecideConsent(ctx context.Context, r routes.DecideConsentRequestObject) (routes.DecideConsentResponseObject, error) {
	sc := scopeOf(ctx)
	store, err := h.personOf(ctx, r.Member)
	if err != nil {
		return nil, err
	}
	choice := people.Choice(r.Body.Decision)
	switch {
	case choice == people.Given && sc.grant.Merchant() != "":
		return nil, problem.At("decision", problem.CodeForbidden, "at a till consent is given at the registration; later the member gives it itself, or the organiser notes it")
	case choice == people.Given && r.Body.Version == nil:
		return nil, problem.Malformed("version", "is missing; give that of the text that was shown")
	case choice != people.Given && r.Body.Version != nil:
		return nil, problem.Malformed("version", "is only given with a consent; leave it out")
	}
	party, err := h.consentParty(ctx, r.Body.Party)
	if err != nil {
		return nil, err
	}
	d, err := store.Decide(ctx, sc.alliance.ID, r.Member, people.Decision{
		Purpose: people.Purpose(r.Body.Purpose), Party: party, Choice: choice, Version: value(r.Body.Version), Place: sc.place(),
	}, sc.now)
	return routes.DecideConsent201JSONResponse(consent(d)), err
}

func consent(d people.Decision) spec.Consent {
	return spec.Consent{
		Purpose: spec.ConsentPurpose(d.Purpose), Party: d.Party, Decision: spec.ConsentDecision(d.Choice), Version: d.Version, DecidedAt: d.At, Place: d.Place,
	}
}

// ListConsentTexts returns what members are asked to consent to.
func (h *handlers) ListConsentTexts(ctx context.Context, _ routes.ListConsentTextsRequestObject) (routes.ListConsentTextsResponseObject, error) {
	store, err := h.persons()
	if err != nil {
		return nil, err
	}
	texts, err := store.Texts(ctx, scopeOf(ctx).alliance.ID)
	return routes.ListConsentTexts200JSONResponse{Items: each(texts, consentText)}, err
}

// SetConsentText puts a text in force.
func (h *handlers) SetConsentText(ctx context.Context, r routes.SetConsentTextRequestObject) (routes.SetConsentTextResponseObject, error) {
	sc := scopeOf(ctx)
	store, err := h.persons()
	if err != nil {
		return nil, err
	}
	text, err := store.SetText(ctx, sc.alliance.ID, people.Text{Purpose: people.Purpose(r.Purpose), Chinese: r.Body.Chinese, English: r.Body.English}, sc.now)
	return routes.SetConsentText200JSONResponse(consentText(text)), err
}

func consentText(t people.Text) spec.ConsentText {
	view := spec.ConsentText{Purpose: spec.ConsentPurpose(t.Purpose), Version: t.Version, Chinese: t.Chinese, English: t.English}
	if at := t.SetAt.Truncate(time.Microsecond); !at.IsZero() {
		view.SetAt = &at
	}
	return view
}
