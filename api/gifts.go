package api

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// ListGifts returns what campaigns gave to a card.
func (h *handlers) ListGifts(ctx context.Context, r routes.ListGiftsRequestObject) (routes.ListGiftsResponseObject, error) {
	sc := scopeOf(ctx)
	if err := h.mayName(sc); err != nil {
		return nil, err
	}
	card, err := store.FindCard(ctx, h.pool, sc.alliance, r.Card)
	if err != nil {
		return nil, clearing.Unavailable(h.countUnknown(ctx, err))
	}
	if err := sc.grant.CheckHolder(card.Member); err != nil {
		return nil, h.countUnknown(ctx, err)
	}
	setup, err := h.setup(ctx)
	if err != nil {
		return nil, err
	}
	if !sc.seesBalance(&card, setup) {
		return nil, presentation.RefuseBalance()
	}
	return routes.ListGifts200JSONResponse{Items: each(card.Gifts, func(g *alliance.Gift) spec.Gift {
		view := spec.Gift{
			Transaction: ledger.ID(g.Seq), Campaign: g.Campaign,
			Coupons: each(g.Coupons, func(c alliance.HeldCoupon) spec.GiftCouponLeft { return couponLeft(&c) }),
		}
		if g.Cause > 0 {
			view.Cause = given(ledger.ID(g.Cause))
		}
		if g.Points > 0 {
			view.Points = &g.Points
		}
		if !g.Bonus.IsZero() {
			view.Bonus = given(g.Bonus.String())
		}
		return view
	})}, nil
}

func couponLeft(c *alliance.HeldCoupon) spec.GiftCouponLeft {
	left := spec.GiftCouponLeft{Code: c.Code, ExpiresAt: c.ExpiresAt}
	if !c.Ended {
		left.UsesLeft = c.Left
	}
	return left
}

// giftCoupons returns the coupons of a card's gifts that can be used at an instant, in the order in which
// they are; nil if there are none.
func giftCoupons(card *alliance.Card, at time.Time) *[]spec.GiftCouponLeft {
	var usable []spec.GiftCouponLeft
	for _, g := range card.Gifts {
		for i := range g.Coupons {
			if left := couponLeft(&g.Coupons[i]); left.UsesLeft > 0 && left.ExpiresAt.After(at) {
				usable = append(usable, left)
			}
		}
	}
	if usable == nil {
		return nil
	}
	slices.SortStableFunc(usable, func(a, b spec.GiftCouponLeft) int { return a.ExpiresAt.Compare(b.ExpiresAt) })
	return &usable
}

// tier returns where a card stands on the ladder of tiers at an instant of the circle's time; nil if the terms have none.
func tier(card *alliance.Card, setup *alliance.Setup, at time.Time) *spec.CardTier {
	ladder := setup.Current().Tiers
	if ladder == nil {
		return nil
	}
	written := func(growth int64) string {
		if ladder.Measure == alliance.MeasurePoints {
			return strconv.FormatInt(growth, 10)
		}
		return setup.Currency.Minor(growth).String()
	}
	state := alliance.State{Setup: setup}
	tier, growth := state.Standing(card, at)
	view := &spec.CardTier{Code: tier.Code, Growth: written(growth)}
	for i := range ladder.Ladder {
		if next := &ladder.Ladder[i]; next.From > tier.From {
			view.Next, view.Missing = &next.Code, given(written(next.From-growth))
			break
		}
	}
	return view
}
