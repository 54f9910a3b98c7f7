package api

import (
	"context"
	"errors"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/merchant/attempts"
)

// cardOf returns a card that the caller may act for: a member for those that it holds.
func (h *handlers) cardOf(ctx context.Context, code string) (alliance.Card, error) {
	sc := scopeOf(ctx)
	card, err := store.FindCard(ctx, h.pool, sc.alliance, code)
	if err != nil && !(errors.Is(err, alliance.ErrCardUnknown) && sc.grant.Member() != "") {
		return card, clearing.Unavailable(err)
	}
	// To a member a card that is not there is as one that another holds.
	return card, sc.grant.CheckMember("card", card.Member)
}

// IssueCardCode makes a code of a card.
func (h *handlers) IssueCardCode(ctx context.Context, r routes.IssueCardCodeRequestObject) (routes.IssueCardCodeResponseObject, error) {
	sc := scopeOf(ctx)
	card, err := h.cardOf(ctx, r.Card)
	if err != nil {
		return nil, err
	}
	if card.ReplacedBy != nil {
		return nil, clearing.Refuse(alliance.CodeCardReplaced, "card %q was replaced; its new code has all that was on it", card.Code)
	}
	order := presentation.Order{Card: card.Code, Member: card.Member, Merchant: value(r.Body.Merchant), By: sc.Caller}
	if r.Body.LargestAmount != nil {
		most, err := money.Parse(*r.Body.LargestAmount, sc.alliance.Currency)
		if err != nil {
			return nil, clearing.Refuse(alliance.CodeInvalidAmount, "%s: %v", "largest_amount", err)
		}
		if most.IsZero() {
			return nil, clearing.Refuse(alliance.CodeInvalidAmount, "%s must be above zero", "largest_amount")
		}
		order.Most = most.Minor()
	}
	if order.Merchant != "" {
		setup, err := h.setup(ctx)
		if err != nil {
			return nil, err
		}
		if setup.Merchants[order.Merchant] == nil {
			return nil, clearing.Refuse(alliance.CodeUnknownMerchant, "no merchant %q is in this circle", order.Merchant)
		}
	}
	if err := attempts.Take(ctx, h.pool, sc.alliance.ID, cardSubject(card.Code), sc.now, newCodes); err != nil {
		return nil, err
	}
	secret, issued, err := presentation.Issue(ctx, h.pool, sc.alliance.ID, order, sc.now)
	if err != nil {
		return nil, err
	}
	return routes.IssueCardCode201JSONResponse{
		Code: secret.Text, Digits: secret.Digits, Card: issued.Card, ExpiresAt: issued.ExpiresAt,
		Merchant: given(issued.Merchant), LargestAmount: sc.minor(issued.Most),
	}, nil
}

// LookUpCode returns the card that a code stands for, with what is on it.
func (h *handlers) LookUpCode(ctx context.Context, r routes.LookUpCodeRequestObject) (routes.LookUpCodeResponseObject, error) {
	sc := scopeOf(ctx)
	issued, err := h.lookUp(ctx, sc, r.Code)
	if err != nil {
		return nil, err
	}
	if err := issued.Live(sc.now); err != nil {
		return nil, err
	}
	answer := routes.LookUpCode200JSONResponse{ExpiresAt: issued.ExpiresAt, Merchant: given(issued.Merchant), LargestAmount: sc.minor(issued.Most)}
	answer.Card, err = h.readCard(ctx, issued.Card, true)
	return answer, err
}

// lookUp returns the code that a text stands for, and counts a wrong one.
func (h *handlers) lookUp(ctx context.Context, sc *scope, text string) (*presentation.Issued, error) {
	end, err := h.guessing.turns.take(ctx, sc.guesser())
	if err != nil {
		return nil, err
	}
	defer end()
	if err := h.mayShow(ctx, sc); err != nil {
		return nil, err
	}
	_, issued, err := presentation.Find(ctx, h.pool, sc.alliance.ID, text)
	if err != nil {
		return nil, err
	}
	here := sc.grant.Merchant()
	if issued == nil || here != "" && !issued.StandsFor(issued.Card, here) {
		if err := h.wrongCode(ctx, sc); err != nil {
			return nil, err
		}
		return nil, problem.Absent("code")
	}
	return issued, nil
}

// SetCardPIN sets the PIN of a card.
func (h *handlers) SetCardPIN(ctx context.Context, r routes.SetCardPINRequestObject) (routes.SetCardPINResponseObject, error) {
	sc := scopeOf(ctx)
	card, err := h.cardOf(ctx, r.Card)
	if err != nil {
		return nil, err
	}
	if err := attempts.Take(ctx, h.pool, sc.alliance.ID, cardSubject(card.Code), sc.now, newCodes); err != nil {
		return nil, err
	}
	return routes.SetCardPIN204Response{}, presentation.SetPIN(ctx, h.pool, sc.alliance.ID, card.Code, r.Body.Pin, sc.Caller, sc.now)
}

// DeleteCardPIN takes the PIN off a card.
func (h *handlers) DeleteCardPIN(ctx context.Context, r routes.DeleteCardPINRequestObject) (routes.DeleteCardPINResponseObject, error) {
	card, err := h.cardOf(ctx, r.Card)
	if err != nil {
		return nil, err
	}
	return routes.DeleteCardPIN204Response{}, presentation.DeletePIN(ctx, h.pool, scopeOf(ctx).alliance.ID, card.Code)
}

// MakeCardNumbers makes numbers to be printed on cards.
func (h *handlers) MakeCardNumbers(ctx context.Context, r routes.MakeCardNumbersRequestObject) (routes.MakeCardNumbersResponseObject, error) {
	sc := scopeOf(ctx)
	printed, err := presentation.MakeNumbers(ctx, h.pool, sc.alliance.ID, r.Body.Count, value(r.Body.Pin), sc.Caller, sc.now)
	return routes.MakeCardNumbers201JSONResponse{Items: each(printed, func(p presentation.Printed) spec.PrintedNumber {
		return spec.PrintedNumber{Number: p.Number, Pin: given(p.PIN)}
	})}, err
}

// GetPresentation returns what the circle asks to be shown.
func (h *handlers) GetPresentation(ctx context.Context, _ routes.GetPresentationRequestObject) (routes.GetPresentationResponseObject, error) {
	setup, err := h.setup(ctx)
	if err != nil {
		return nil, err
	}
	view, err := presentationView(&setup.Presentation)
	return routes.GetPresentation200JSONResponse(view), err
}

// SetPresentation sets it.
func (h *handlers) SetPresentation(ctx context.Context, r routes.SetPresentationRequestObject) (routes.SetPresentationResponseObject, error) {
	setting, err := keep(ctx, h, r.Body, store.SetPresentation)
	if err != nil {
		return nil, err
	}
	view, err := presentationView(&setting)
	return routes.SetPresentation200JSONResponse(view), err
}

func presentationView(s *presentation.Setting) (spec.Presentation, error) {
	return convert[spec.Presentation](alliance.WritePresentation(s))
}

// readCard returns a card as the caller may see it; shown: its member has shown a code of it.
func (h *handlers) readCard(ctx context.Context, code string, shown bool) (view spec.Card, err error) {
	sc := scopeOf(ctx)
	var at time.Time
	err = h.setupSnapshot(ctx, func(db ledger.Querier, head *clearing.Head, setup *alliance.Setup) error {
		card, err := store.FindCard(ctx, db, sc.alliance, code)
		if err == nil {
			err = sc.grant.CheckHolder(card.Member)
		}
		if err != nil {
			return err
		}
		at = head.TimeOf(sc.now)
		if !shown && !sc.seesBalance(&card, setup) {
			view = sc.coveredCard(&card)
			return nil
		}
		view = sc.card(&card, setup, at)
		if card.Holds == 0 {
			return nil
		}
		holds, err := store.OpenHolds(ctx, db, sc.alliance, store.HoldFilter{Card: &card.Code, Limit: maxHolds}, at)
		view.Holds = sc.holds(holds)
		return err
	})
	return view, h.countUnknown(ctx, err)
}
