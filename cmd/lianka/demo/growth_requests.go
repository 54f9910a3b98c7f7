package demo

import (
	"context"
	"net/http"

	"github.com/lianka/lianka/api/client"
	"github.com/lianka/lianka/api/spec"
)

// The requests about holds, the mall, replaced and given cards, and refunds.

func placeHold(code string, amount fen) request {
	body := spec.Hold{Card: code, Amount: amount.String()}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.PlaceHold(ctx, &spec.PlaceHoldParams{IdempotencyKey: key}, body)
	}
}

func captureHold(hold string, amount fen) request {
	body := spec.HoldCapture{Transaction: &hold, Amount: ptr(amount.String())}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.CaptureHold(ctx, &spec.CaptureHoldParams{IdempotencyKey: key}, body)
	}
}

func voidHold(hold string) request {
	body := spec.HoldVoid{Transaction: &hold}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.VoidHold(ctx, &spec.VoidHoldParams{IdempotencyKey: key}, body)
	}
}

func redeemItem(code, item string) request {
	body := spec.ItemRedemption{Card: code, Item: item}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.RedeemItem(ctx, &spec.RedeemItemParams{IdempotencyKey: key}, body)
	}
}

func replaceCard(code, by string) request {
	body := spec.Replacement{Card: code, NewCard: by}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.ReplaceCard(ctx, &spec.ReplaceCardParams{IdempotencyKey: key}, body)
	}
}

func giveCard(code, member string) request {
	body := spec.Giving{Card: code, Member: member}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.GiveCard(ctx, &spec.GiveCardParams{IdempotencyKey: key}, body)
	}
}

// refundCard takes a card back for what was quoted.
func refundCard(q *spec.RefundQuote) request {
	body := spec.CardRefund{Card: q.Card, Ground: q.Ground, Merchant: q.Merchant, PricePart: &q.PricePart, ValuePart: &q.ValuePart}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.RefundCard(ctx, &spec.RefundCardParams{IdempotencyKey: key}, body)
	}
}
