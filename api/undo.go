package api

import (
	"context"
	"errors"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// mayUndo checks that a shop undoes what it did itself. A transaction never
// changes, so this need not be asked where the command is decided.
func (h *handlers) mayUndo(ctx context.Context, seq int64) error {
	sc := scopeOf(ctx)
	transactions, err := ledger.BySeq(ctx, h.pool, sc.circle.ID, sc.circle.Currency, []int64{seq})
	if err != nil {
		return clearing.Unavailable(err)
	}
	if len(transactions) == 0 || transactions[0].Merchant != sc.shop() {
		return absent("transaction")
	}
	return nil
}

// mayMark checks that a shop freezes only cards that it sold itself. A card's
// home never changes.
func (h *handlers) mayMark(ctx context.Context, code string) error {
	sc := scopeOf(ctx)
	card, err := store.FindCard(ctx, h.pool, sc.circle, code)
	if errors.Is(err, alliance.ErrCardUnknown) || (err == nil && card.Home != sc.shop()) {
		return absent("card")
	}
	return clearing.Unavailable(err)
}
