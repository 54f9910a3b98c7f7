package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"

	"lianka/alliance"
	"lianka/api/spec"
	"lianka/clearing"
)

// booked is the answer to a command that was booked: the receipt as it is stored,
// byte for byte, so that a retry gets the very same.
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

// submit sends a command to the circle of a request. body is what the request
// said, which together with the operation decides whether a later request with
// the same key is the same.
func (h *handlers) submit(ctx context.Context, key string, body any, command alliance.Command, hidden ...string) (booked, error) {
	sc := scopeOf(ctx)
	sc.hidden = append(sc.hidden, hidden...)
	canonical, err := json.Marshal(body)
	if err != nil {
		return booked{}, err
	}
	outcome, err := h.sequencer.Submit(ctx, sc.circle.ID, clearing.Order{
		Caller: sc.key.Caller(), Key: key, Hash: sha256.Sum256(append([]byte(sc.operation.id+"\n"), canonical...)),
		At: sc.now, Command: command,
	})
	if err != nil {
		return booked{}, err
	}
	if r := outcome.Refusal; r != nil {
		return booked{}, &problem{code: r.Code, detail: r.Detail, data: r.Data, replayed: outcome.Replayed}
	}
	return booked{receipt: outcome.Answer, replayed: outcome.Replayed}, nil
}

// SellCard sells a card.
func (h *handlers) SellCard(ctx context.Context, r spec.SellCardRequestObject) (spec.SellCardResponseObject, error) {
	at, err := scopeOf(ctx).acting(r.Body.Merchant)
	if err != nil {
		return nil, err
	}
	return h.submit(ctx, r.Params.IdempotencyKey, r.Body, alliance.SellCard{
		Card: r.Body.Card, Member: r.Body.Member, Product: r.Body.Product, Merchant: at, Referrer: r.Body.Referrer,
	}, r.Body.Card, r.Body.Member)
}

// TopUpCard adds stored value to a card.
func (h *handlers) TopUpCard(ctx context.Context, r spec.TopUpCardRequestObject) (spec.TopUpCardResponseObject, error) {
	at, err := scopeOf(ctx).acting(r.Body.Merchant)
	if err != nil {
		return nil, err
	}
	command := alliance.TopUp{Card: r.Body.Card, Amount: r.Body.Amount, Merchant: at, Bonus: r.Body.Bonus}
	if r.Body.BonusFundedBy != nil {
		command.BonusFundedBy = alliance.Funder(*r.Body.BonusFundedBy)
	}
	return h.submit(ctx, r.Params.IdempotencyKey, r.Body, command, r.Body.Card)
}

// SpendValue pays with stored value.
func (h *handlers) SpendValue(ctx context.Context, r spec.SpendValueRequestObject) (spec.SpendValueResponseObject, error) {
	at, err := scopeOf(ctx).actingSomewhere(r.Body.Merchant)
	if err != nil {
		return nil, err
	}
	return h.submit(ctx, r.Params.IdempotencyKey, r.Body,
		alliance.SpendValue{Card: r.Body.Card, Merchant: at, Amount: r.Body.Amount}, r.Body.Card)
}

// UsePass uses counted entitlements.
func (h *handlers) UsePass(ctx context.Context, r spec.UsePassRequestObject) (spec.UsePassResponseObject, error) {
	at, err := scopeOf(ctx).actingSomewhere(r.Body.Merchant)
	if err != nil {
		return nil, err
	}
	count := int64(1)
	if r.Body.Count != nil {
		count = *r.Body.Count
	}
	return h.submit(ctx, r.Params.IdempotencyKey, r.Body,
		alliance.UsePass{Card: r.Body.Card, Merchant: at, Benefit: r.Body.Benefit, Count: count}, r.Body.Card)
}

// UseCoupon takes a coupon off a bill.
func (h *handlers) UseCoupon(ctx context.Context, r spec.UseCouponRequestObject) (spec.UseCouponResponseObject, error) {
	at, err := scopeOf(ctx).actingSomewhere(r.Body.Merchant)
	if err != nil {
		return nil, err
	}
	return h.submit(ctx, r.Params.IdempotencyKey, r.Body,
		alliance.UseCoupon{Card: r.Body.Card, Merchant: at, Benefit: r.Body.Benefit, Bill: r.Body.Bill}, r.Body.Card)
}

// RecordPurchase records a bill that was paid by other means.
func (h *handlers) RecordPurchase(ctx context.Context, r spec.RecordPurchaseRequestObject) (spec.RecordPurchaseResponseObject, error) {
	at, err := scopeOf(ctx).actingSomewhere(r.Body.Merchant)
	if err != nil {
		return nil, err
	}
	return h.submit(ctx, r.Params.IdempotencyKey, r.Body,
		alliance.RecordPurchase{Card: r.Body.Card, Merchant: at, Bill: r.Body.Bill}, r.Body.Card)
}

// SpendPoints pays with points.
func (h *handlers) SpendPoints(ctx context.Context, r spec.SpendPointsRequestObject) (spec.SpendPointsResponseObject, error) {
	at, err := scopeOf(ctx).actingSomewhere(r.Body.Merchant)
	if err != nil {
		return nil, err
	}
	return h.submit(ctx, r.Params.IdempotencyKey, r.Body,
		alliance.SpendPoints{Card: r.Body.Card, Merchant: at, Points: r.Body.Points}, r.Body.Card)
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
