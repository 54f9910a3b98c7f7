package api

import (
	"context"
	"errors"

	"lianka/alliance"
	"lianka/api/spec"
	"lianka/clearing"
	"lianka/clearing/ledger"
)

// ReverseTransaction undoes a transaction, or a part of a spend.
func (h *handlers) ReverseTransaction(ctx context.Context, r spec.ReverseTransactionRequestObject) (spec.ReverseTransactionResponseObject, error) {
	sc := scopeOf(ctx)
	command := alliance.Reverse{Amount: r.Body.Amount}
	switch {
	case (r.Body.Transaction == nil) == (r.Body.IdempotencyKey == nil):
		return nil, malformed("", "name what to undo by exactly one of transaction and idempotency_key")
	case r.Body.IdempotencyKey != nil:
		command.Of = alliance.Reference{Caller: sc.key.Caller(), Key: *r.Body.IdempotencyKey}
	default:
		seq, err := ledger.ParseID(*r.Body.Transaction)
		if err != nil {
			return nil, malformed("transaction", "is no transaction id such as txn_17")
		}
		if err := h.mayUndo(ctx, seq); err != nil {
			return nil, err
		}
		command.Of = alliance.Reference{Seq: seq}
	}
	return h.submit(ctx, r.Params.IdempotencyKey, r.Body, command)
}

// mayUndo checks that a shop undoes what it did itself. A transaction never
// changes, so this need not be asked where the command is decided.
func (h *handlers) mayUndo(ctx context.Context, seq int64) error {
	sc := scopeOf(ctx)
	if sc.organiser() {
		return nil
	}
	transactions, err := ledger.BySeq(ctx, h.pool, sc.circle.ID, sc.circle.Currency, []int64{seq})
	if err != nil {
		return clearing.Unavailable(err)
	}
	if len(transactions) == 0 || transactions[0].Merchant != sc.shop() {
		return absent("transaction")
	}
	return nil
}

// FreezeCard marks a card lost.
func (h *handlers) FreezeCard(ctx context.Context, r spec.FreezeCardRequestObject) (spec.FreezeCardResponseObject, error) {
	if err := h.mayMark(ctx, r.Body.Card); err != nil {
		return nil, err
	}
	return h.submit(ctx, r.Params.IdempotencyKey, r.Body, alliance.FreezeCard{Card: r.Body.Card}, r.Body.Card)
}

// UnfreezeCard marks a card found.
func (h *handlers) UnfreezeCard(ctx context.Context, r spec.UnfreezeCardRequestObject) (spec.UnfreezeCardResponseObject, error) {
	if err := h.mayMark(ctx, r.Body.Card); err != nil {
		return nil, err
	}
	return h.submit(ctx, r.Params.IdempotencyKey, r.Body, alliance.UnfreezeCard{Card: r.Body.Card}, r.Body.Card)
}

// mayMark checks that a shop freezes only cards that it sold itself. A card's
// home never changes.
func (h *handlers) mayMark(ctx context.Context, code string) error {
	sc := scopeOf(ctx)
	if sc.organiser() {
		return nil
	}
	card, err := alliance.FindCard(ctx, h.pool, sc.circle, code)
	if errors.Is(err, alliance.ErrCardUnknown) || (err == nil && card.Home != sc.shop()) {
		return absent("card")
	}
	return clearing.Unavailable(err)
}
