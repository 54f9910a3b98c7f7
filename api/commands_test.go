package api_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/api/client"
)

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// convert turns a document of the domain into the client's type.
func convert[To any](tb testing.TB, from any) To {
	tb.Helper()
	text, err := json.Marshal(from)
	require.NoError(tb, err)
	var to To
	require.NoError(tb, json.Unmarshal(text, &to))
	return to
}

// outcome is what became of a command; problem is nil if it was booked.
type outcome struct {
	status   int
	replayed bool
	problem  *client.Problem
}

func outcomeOf(r *http.Response, problem *client.Problem) outcome {
	return outcome{r.StatusCode, r.Header.Get("Idempotency-Replayed") == "true", problem}
}

// post sends a command of the rule book to its resource, as an organiser does.
func (p *play) post(key string, command alliance.Command) outcome {
	p.t.Helper()
	ctx, c := p.t.Context(), p.c
	switch x := command.(type) {
	case alliance.SellCard:
		r, err := c.SellCardWithResponse(ctx, &client.SellCardParams{IdempotencyKey: key},
			client.SellCard{Card: x.Card, Member: x.Member, Product: x.Product, Merchant: x.Merchant, Referrer: x.Referrer})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.TopUp:
		body := client.TopUp{Card: x.Card, Amount: x.Amount, Merchant: x.Merchant, Bonus: x.Bonus}
		if x.BonusFundedBy != "" {
			body.BonusFundedBy = pointer(client.TopUpBonusFundedBy(x.BonusFundedBy))
		}
		r, err := c.TopUpCardWithResponse(ctx, &client.TopUpCardParams{IdempotencyKey: key}, body)
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.SpendValue:
		r, err := c.SpendValueWithResponse(ctx, &client.SpendValueParams{IdempotencyKey: key},
			client.Spend{Card: x.Card, Merchant: &x.Merchant, Amount: x.Amount})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.UsePass:
		r, err := c.UsePassWithResponse(ctx, &client.UsePassParams{IdempotencyKey: key},
			client.PassUse{Card: x.Card, Merchant: &x.Merchant, Benefit: x.Benefit, Count: &x.Count})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.UseCoupon:
		r, err := c.UseCouponWithResponse(ctx, &client.UseCouponParams{IdempotencyKey: key},
			client.CouponUse{Card: x.Card, Merchant: &x.Merchant, Benefit: x.Benefit, Bill: x.Bill})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.RecordPurchase:
		r, err := c.RecordPurchaseWithResponse(ctx, &client.RecordPurchaseParams{IdempotencyKey: key},
			client.Purchase{Card: x.Card, Merchant: &x.Merchant, Bill: x.Bill})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.SpendPoints:
		r, err := c.SpendPointsWithResponse(ctx, &client.SpendPointsParams{IdempotencyKey: key},
			client.PointSpend{Card: x.Card, Merchant: &x.Merchant, Points: x.Points})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	}
	return p.postUndoing(key, command)
}

func (p *play) postUndoing(key string, command alliance.Command) outcome {
	p.t.Helper()
	ctx, c := p.t.Context(), p.c
	switch x := command.(type) {
	case alliance.Reverse:
		r, err := c.ReverseTransactionWithResponse(ctx, &client.ReverseTransactionParams{IdempotencyKey: key},
			client.Reversal{IdempotencyKey: &x.Of.Key, Amount: x.Amount})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.FreezeCard:
		r, err := c.FreezeCardWithResponse(ctx, &client.FreezeCardParams{IdempotencyKey: key}, client.CardMark{Card: x.Card})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.UnfreezeCard:
		r, err := c.UnfreezeCardWithResponse(ctx, &client.UnfreezeCardParams{IdempotencyKey: key}, client.CardMark{Card: x.Card})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	}
	require.Fail(p.t, "no resource", "%T", command)
	return outcome{}
}

// quoted returns a value as JSON.
func quoted(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}
