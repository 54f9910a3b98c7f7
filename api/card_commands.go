package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/clearing/sequencer"
)

// booked answers a command that was booked. The receipt is sent as it is stored,
// byte for byte, so that a retry gets the same.
type booked struct {
	receipt  json.RawMessage
	replayed bool
}

func (b booked) write(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", mediaTypeJSON)
	if b.replayed {
		w.Header().Set(headerReplayed, "true")
	}
	w.WriteHeader(http.StatusCreated)
	_, err := w.Write(b.receipt)
	return err
}

// bookedOf returns the answer to a command that was booked, or the problem of one
// that was refused.
func bookedOf(outcome sequencer.Outcome) (booked, error) {
	if r := outcome.Refusal; r != nil {
		return booked{}, &problem.Problem{Code: r.Code, Detail: r.Detail, Data: r.Data, Replayed: outcome.Replayed}
	}
	return booked{receipt: outcome.Answer, replayed: outcome.Replayed}, nil
}

// submit submits the command of a request to its circle.
func submit[Body any](ctx context.Context, h *handlers, key string, body *Body, means meaning[Body]) (booked, error) {
	sc := scopeOf(ctx)
	in, err := means(sc, body)
	if err != nil {
		return booked{}, err
	}
	if in.check != nil {
		if err := in.check(ctx, h); err != nil {
			return booked{}, err
		}
	}
	hash, err := sc.operation.hash(body)
	if err != nil {
		return booked{}, err
	}
	outcome, err := h.sequencer.Submit(ctx, sc.circle.ID, sc.order(key, hash, in.command))
	if err != nil {
		return booked{}, err
	}
	return bookedOf(outcome)
}

// SellCard sells a card.
func (h *handlers) SellCard(ctx context.Context, r routes.SellCardRequestObject) (routes.SellCardResponseObject, error) {
	return submit(ctx, h, r.Params.IdempotencyKey, r.Body, sale)
}

// TopUpCard adds stored value to a card.
func (h *handlers) TopUpCard(ctx context.Context, r routes.TopUpCardRequestObject) (routes.TopUpCardResponseObject, error) {
	return submit(ctx, h, r.Params.IdempotencyKey, r.Body, topUp)
}

// SpendValue pays with stored value.
func (h *handlers) SpendValue(ctx context.Context, r routes.SpendValueRequestObject) (routes.SpendValueResponseObject, error) {
	return submit(ctx, h, r.Params.IdempotencyKey, r.Body, spend)
}

// UsePass uses counted entitlements.
func (h *handlers) UsePass(ctx context.Context, r routes.UsePassRequestObject) (routes.UsePassResponseObject, error) {
	return submit(ctx, h, r.Params.IdempotencyKey, r.Body, passUse)
}

// UseCoupon takes a coupon off a bill.
func (h *handlers) UseCoupon(ctx context.Context, r routes.UseCouponRequestObject) (routes.UseCouponResponseObject, error) {
	return submit(ctx, h, r.Params.IdempotencyKey, r.Body, couponUse)
}

// RecordPurchase records a bill that was paid by other means.
func (h *handlers) RecordPurchase(ctx context.Context, r routes.RecordPurchaseRequestObject) (routes.RecordPurchaseResponseObject, error) {
	return submit(ctx, h, r.Params.IdempotencyKey, r.Body, purchase)
}

// SpendPoints pays with points.
func (h *handlers) SpendPoints(ctx context.Context, r routes.SpendPointsRequestObject) (routes.SpendPointsResponseObject, error) {
	return submit(ctx, h, r.Params.IdempotencyKey, r.Body, pointSpend)
}

// ReverseTransaction undoes a transaction, or a part of a spend.
func (h *handlers) ReverseTransaction(ctx context.Context, r routes.ReverseTransactionRequestObject) (routes.ReverseTransactionResponseObject, error) {
	return submit(ctx, h, r.Params.IdempotencyKey, r.Body, reversal)
}

// FreezeCard marks a card lost.
func (h *handlers) FreezeCard(ctx context.Context, r routes.FreezeCardRequestObject) (routes.FreezeCardResponseObject, error) {
	return submit(ctx, h, r.Params.IdempotencyKey, r.Body, freeze)
}

// UnfreezeCard marks a card found.
func (h *handlers) UnfreezeCard(ctx context.Context, r routes.UnfreezeCardRequestObject) (routes.UnfreezeCardResponseObject, error) {
	return submit(ctx, h, r.Params.IdempotencyKey, r.Body, unfreeze)
}

// VisitSellCardResponse writes the receipt.
func (b booked) VisitSellCardResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitTopUpCardResponse writes the receipt.
func (b booked) VisitTopUpCardResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitSpendValueResponse writes the receipt.
func (b booked) VisitSpendValueResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitUsePassResponse writes the receipt.
func (b booked) VisitUsePassResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitUseCouponResponse writes the receipt.
func (b booked) VisitUseCouponResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitRecordPurchaseResponse writes the receipt.
func (b booked) VisitRecordPurchaseResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitSpendPointsResponse writes the receipt.
func (b booked) VisitSpendPointsResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitReverseTransactionResponse writes the receipt.
func (b booked) VisitReverseTransactionResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitFreezeCardResponse writes the receipt.
func (b booked) VisitFreezeCardResponse(w http.ResponseWriter) error { return b.write(w) }

// VisitUnfreezeCardResponse writes the receipt.
func (b booked) VisitUnfreezeCardResponse(w http.ResponseWriter) error { return b.write(w) }
