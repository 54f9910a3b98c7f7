package demo

import (
	"context"
	"net/http"

	"github.com/lianka/lianka/api/client"
	"github.com/lianka/lianka/api/spec"
)

// The requests that tills make. They don't name the shop, because a till's key does.

func sell(code, member string, p *product, referrer string) request {
	body := spec.SellCard{Card: code, Member: member, Product: p.code}
	if referrer != "" {
		body.Referrer = &referrer
	}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.SellCard(ctx, &spec.SellCardParams{IdempotencyKey: key}, body)
	}
}

func topUp(code string, amount, bonus fen, sponsored bool) request {
	body := spec.TopUp{Card: code, Amount: amount.String()}
	if bonus > 0 {
		funder := spec.TopUpBonusFundedByOrganiser
		if sponsored {
			funder = spec.TopUpBonusFundedByMerchant
		}
		body.Bonus, body.BonusFundedBy = ptr(bonus.String()), &funder
	}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.TopUpCard(ctx, &spec.TopUpCardParams{IdempotencyKey: key}, body)
	}
}

func spend(code string, amount fen) request {
	body := spec.Spend{Card: code, Amount: amount.String()}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.SpendValue(ctx, &spec.SpendValueParams{IdempotencyKey: key}, body)
	}
}

func usePass(code string, b *benefit, count int64) request {
	body := spec.PassUse{Card: code, Benefit: b.code, Count: &count}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.UsePass(ctx, &spec.UsePassParams{IdempotencyKey: key}, body)
	}
}

func useCoupon(code string, b *benefit, bill fen) request {
	body := spec.CouponUse{Card: code, Benefit: b.code, Bill: bill.String()}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.UseCoupon(ctx, &spec.UseCouponParams{IdempotencyKey: key}, body)
	}
}

func purchase(code string, bill fen) request {
	body := spec.Purchase{Card: code, Bill: bill.String()}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.RecordPurchase(ctx, &spec.RecordPurchaseParams{IdempotencyKey: key}, body)
	}
}

func spendPoints(code string, points int64) request {
	body := spec.PointSpend{Card: code, Points: points}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.SpendPoints(ctx, &spec.SpendPointsParams{IdempotencyKey: key}, body)
	}
}

// undo reverses a transaction or, with an amount, a part of a spend.
func undo(transaction string, part fen) request {
	body := spec.Reversal{Transaction: &transaction}
	if part > 0 {
		body.Amount = ptr(part.String())
	}
	return reverse(body)
}

// undoReceipt reverses what the same till booked under a receipt number.
func undoReceipt(number string) request {
	return reverse(spec.Reversal{IdempotencyKey: &number})
}

func reverse(body spec.Reversal) request {
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.ReverseTransaction(ctx, &spec.ReverseTransactionParams{IdempotencyKey: key}, body)
	}
}

func freeze(code string) request {
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.FreezeCard(ctx, &spec.FreezeCardParams{IdempotencyKey: key}, spec.CardMark{Card: code})
	}
}

func unfreeze(code string) request {
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.UnfreezeCard(ctx, &spec.UnfreezeCardParams{IdempotencyKey: key}, spec.CardMark{Card: code})
	}
}
