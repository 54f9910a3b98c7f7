package api

import (
	"context"
	"errors"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/merchant/access"
)

// checkTransaction looks up whose a transaction is and has access decide. That may
// come before the command is decided, because a transaction never changes.
func (h *handlers) checkTransaction(ctx context.Context, grant access.Grant, seq int64) error {
	circle := scopeOf(ctx).circle
	found, err := ledger.BySeq(ctx, h.pool, circle.ID, circle.Currency, []int64{seq})
	if err != nil {
		return clearing.Unavailable(err)
	}
	merchant := ""
	if len(found) > 0 {
		merchant = found[0].Merchant
	}
	return grant.Check("transaction", merchant)
}

// checkCard looks up which merchant sold a card and has access decide. A card's
// home never changes.
func (h *handlers) mayMark(ctx context.Context, code string) error {
	sc := scopeOf(ctx)
	card, err := store.FindCard(ctx, h.pool, sc.circle, code)
	if errors.Is(err, alliance.ErrCardUnknown) || (err == nil && card.Home != sc.shop()) {
		return absent("card")
	}
	return grant.Check("card", card.Home) // of an unknown card, none
}
