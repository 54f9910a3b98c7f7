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
	"github.com/lianka/lianka/clearing/ledger"
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
	member := value(r.Params.Member)
	if own := sc.grant.Member(); own != "" {
		member = own
	}
	var setup *alliance.Setup
	var cards []alliance.Card
	var at time.Time
	err = h.setupSnapshot(ctx, func(db ledger.Querier, head *clearing.Head, now *alliance.Setup) error {
		setup, at = now, head.TimeOf(sc.now)
		cards, err = store.Cards(ctx, db, sc.alliance, store.CardFilter{
			Home: value(home), Member: member, After: after, Limit: size + 1,
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	cards, next := cut(cards, size, sc.operation.id, func(c alliance.Card) string { return c.Code })
	cards = slices.DeleteFunc(cards, func(c alliance.Card) bool { return !sc.Principal.SeesOf(access.Cards, c.Member, c.Home) })
	return routes.ListCards200JSONResponse{
		Items: each(cards, func(c alliance.Card) spec.Card {
			if !sc.seesBalance(&c, setup) {
				return sc.coveredCard(&c)
			}
			return sc.card(&c, setup, at)
		}),
		NextCursor: next,
	}, nil
}

// GetCard returns a card. A shop may read any card whose code it knows.
func (h *handlers) GetCard(ctx context.Context, r routes.GetCardRequestObject) (routes.GetCardResponseObject, error) {
	if err := h.mayName(scopeOf(ctx)); err != nil {
		return nil, err
	}
	view, err := h.readCard(ctx, r.Card, false)
	return routes.GetCard200JSONResponse(view), err
}

// holds returns the open holds of a card that the caller may see.
func (s *scope) holds(holds []store.OpenHold) *[]spec.OpenHold {
	seen := []spec.OpenHold{}
	for i := range holds {
		if s.sees(&holds[i]) {
			seen = append(seen, openHold(&holds[i]))
		}
	}
	return &seen
}

// maxHolds is how many open holds a card shows; the rest is in the list of holds.
const maxHolds = 100

// seesBalance reports whether the caller may see what is on a card that shows no code.
func (s *scope) seesBalance(c *alliance.Card, setup *alliance.Setup) bool {
	return !setup.Presentation.Asks() || s.Principal.SeesOf(access.Balances, c.Member, c.Home)
}

// coveredCard returns a card without what is on it.
func (s *scope) coveredCard(c *alliance.Card) spec.Card {
	view := spec.Card{
		Card: c.Code, Product: c.Product, Status: spec.CardStatus(c.Status()), Home: given(c.Home), SoldAt: c.SoldAt, ExpiresAt: instant(c.ExpiresAt),
	}
	if s.Principal.SeesOf(access.Holders, c.Member, c.Home) {
		view.Member, view.ReplacedBy = given(c.Member), c.ReplacedBy // who finds a lost card must not learn its new code
	}
	return view
}

// card returns a card as the caller may see it.
func (s *scope) card(c *alliance.Card, setup *alliance.Setup, at time.Time) spec.Card {
	view := s.coveredCard(c)
	view.Value, view.Bonus = c.Value.String(), c.Bonus.String()
	view.Available = setup.Currency.Minor(c.Value.Minor() + c.Bonus.Minor() - c.Held).String()
	view.Points, view.Tier, view.Coupons = &c.Points, tier(c, setup, at), giftCoupons(c, at)
	if s.Principal.Sees(access.Pools) {
		view.Pool = given(c.Pool.String())
	}
	benefits := []spec.BenefitLeft{}
	view.Benefits = &benefits
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
		benefits = append(benefits, left)
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
