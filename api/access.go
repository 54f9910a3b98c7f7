package api

import (
	"context"
	"errors"

	"github.com/lianka/lianka/alliance"
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
func (h *handlers) checkCard(ctx context.Context, grant access.Grant, code string) error {
	card, err := alliance.FindCard(ctx, h.pool, scopeOf(ctx).circle, code)
	if err != nil && !errors.Is(err, alliance.ErrCardUnknown) {
		return clearing.Unavailable(err)
	}
	return grant.Check("card", card.Home) // of an unknown card, none
}
