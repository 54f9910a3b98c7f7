package api

import (
	"context"
	"slices"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
)

// ListCards returns a page of cards in the order of their codes.
func (h *handlers) ListCards(ctx context.Context, r routes.ListCardsRequestObject) (routes.ListCardsResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	after, err := readCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	home, err := sc.grant.At(r.Params.Merchant)
	if err != nil {
		return nil, err
	}
	setup, err := h.setup(ctx)
	if err != nil {
		return nil, err
	}
	cards, err := store.Cards(ctx, h.pool, sc.alliance, store.CardFilter{
		Home: value(home), Member: value(r.Params.Member), After: after, Limit: size + 1,
	})
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	cards, next := cut(cards, size, sc.operation.id, func(c alliance.Card) string { return c.Code })
	cards = slices.DeleteFunc(cards, func(c alliance.Card) bool { return !sc.Principal.Sees(access.Cards, c.Home) })
	return routes.ListCards200JSONResponse{
		Items:      each(cards, func(c alliance.Card) spec.Card { return sc.card(&c, setup) }),
		NextCursor: next,
	}, nil
}

// GetCard returns a card. A shop may read any card whose code it knows.
func (h *handlers) GetCard(ctx context.Context, r routes.GetCardRequestObject) (routes.GetCardResponseObject, error) {
	sc := scopeOf(ctx)
	card, err := store.FindCard(ctx, h.pool, sc.alliance, r.Card)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	setup, err := h.setup(ctx)
	if err != nil {
		return nil, err
	}
	view := sc.card(&card, setup)
	if card.Holds > 0 {
		holds, err := store.OpenHolds(ctx, h.pool, sc.alliance, store.HoldFilter{Card: &card.Code, Limit: maxHolds})
		if err != nil {
			return nil, clearing.Unavailable(err)
		}
		seen := []spec.OpenHold{}
		for _, hold := range holds {
			if sc.Principal.Sees(access.Holds, hold.Merchant) || sc.Principal.Sees(access.Holders, card.Home) {
				seen = append(seen, openHold(&hold))
			}
		}
		view.Holds = &seen
	}
	return routes.GetCard200JSONResponse(view), nil
}

// maxHolds is how many open holds a card shows; the rest is in the list of holds.
const maxHolds = 100

// card returns a card as the caller may see it.
func (s *scope) card(c *alliance.Card, setup *alliance.Setup) spec.Card {
	view := spec.Card{
		Card: c.Code, Product: c.Product, Status: spec.CardStatus(c.Status()), Home: given(c.Home), SoldAt: c.SoldAt, ExpiresAt: instant(c.ExpiresAt),
		Value: c.Value.String(), Bonus: c.Bonus.String(), Available: setup.Currency.Minor(c.Value.Minor() + c.Bonus.Minor() - c.Held).String(),
		Points: c.Points, Benefits: []spec.BenefitLeft{}, ReplacedBy: c.ReplacedBy, Tier: s.tier(c, setup), Coupons: giftCoupons(c),
	}
	if s.Principal.Sees(access.Holders, c.Home) {
		view.Member = given(c.Member)
	}
	if s.Principal.Sees(access.Pools) {
		view.Pool = given(c.Pool.String())
	}
	product := setup.Products[c.Product]
	if product == nil {
		return view
	}
	for i, b := range product.Benefits {
		left := spec.BenefitLeft{Code: b.Code, Kind: spec.BenefitKind(b.Kind), Merchants: b.Merchants, Uses: b.Uses}
		if i < len(c.UsesLeft) {
			left.UsesLeft = c.UsesLeft[i]
		}
		if b.Kind == alliance.Coupon {
			left.Threshold, left.Discount = given(b.Threshold.String()), given(b.Discount.String())
		}
		view.Benefits = append(view.Benefits, left)
	}
	return view
}

// instant returns nil for no instant.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
