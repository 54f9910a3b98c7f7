package demo

import (
	"context"
	"net/http"

	"github.com/lianka/lianka/api/client"
)

// The requests that tills make. A till's key says which shop it is.

func sell(code, member string, p *product, referrer string) request {
	body := client.SellCard{Card: code, Member: member, Product: p.code}
	if referrer != "" {
		body.Referrer = &referrer
	}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.SellCard(ctx, &client.SellCardParams{IdempotencyKey: key}, body)
	}
}

func topUp(code string, amount, bonus fen, sponsored bool) request {
	body := client.TopUp{Card: code, Amount: amount.String()}
	if bonus > 0 {
		funder := client.TopUpBonusFundedByOrganiser
		if sponsored {
			funder = client.TopUpBonusFundedByMerchant
		}
		body.Bonus, body.BonusFundedBy = ptr(bonus.String()), &funder
	}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.TopUpCard(ctx, &client.TopUpCardParams{IdempotencyKey: key}, body)
	}
}

func spend(code string, amount fen) request {
	body := client.Spend{Card: code, Amount: amount.String()}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.SpendValue(ctx, &client.SpendValueParams{IdempotencyKey: key}, body)
	}
}

func usePass(code string, b *benefit, count int64) request {
	body := client.PassUse{Card: code, Benefit: b.code, Count: &count}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.UsePass(ctx, &client.UsePassParams{IdempotencyKey: key}, body)
	}
}

func useCoupon(code string, b *benefit, bill fen) request {
	body := client.CouponUse{Card: code, Benefit: b.code, Bill: bill.String()}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.UseCoupon(ctx, &client.UseCouponParams{IdempotencyKey: key}, body)
	}
}

func purchase(code string, bill fen) request {
	body := client.Purchase{Card: code, Bill: bill.String()}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.RecordPurchase(ctx, &client.RecordPurchaseParams{IdempotencyKey: key}, body)
	}
}

func spendPoints(code string, points int64) request {
	body := client.PointSpend{Card: code, Points: points}
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.SpendPoints(ctx, &client.SpendPointsParams{IdempotencyKey: key}, body)
	}
}

// undo takes a transaction back, or with an amount a part of a spend.
func undo(transaction string, part fen) request {
	body := client.Reversal{Transaction: &transaction}
	if part > 0 {
		body.Amount = ptr(part.String())
	}
	return reverse(body)
}

// undoReceipt takes back what a receipt of the same till booked.
func undoReceipt(number string) request {
	return reverse(client.Reversal{IdempotencyKey: &number})
}

func reverse(body client.Reversal) request {
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.ReverseTransaction(ctx, &client.ReverseTransactionParams{IdempotencyKey: key}, body)
	}
}

func freeze(code string) request {
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.FreezeCard(ctx, &client.FreezeCardParams{IdempotencyKey: key}, client.CardMark{Card: code})
	}
}

func unfreeze(code string) request {
	return func(ctx context.Context, api *client.Client, key string) (*http.Response, error) {
		return api.UnfreezeCard(ctx, &client.UnfreezeCardParams{IdempotencyKey: key}, client.CardMark{Card: code})
	}
}
