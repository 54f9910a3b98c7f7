package api_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/api/spec"
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
	problem  *spec.Problem
}

func outcomeOf(r *http.Response, problem *spec.Problem) outcome {
	return outcome{r.StatusCode, r.Header.Get("Idempotency-Replayed") == "true", problem}
}

// post sends a command of the rule book to its resource, as an organiser does.
func (p *play) post(key string, command alliance.Command) outcome {
	p.t.Helper()
	ctx, c := p.t.Context(), p.c
	switch x := command.(type) {
	case alliance.SellCard:
		r, err := c.SellCardWithResponse(ctx, &spec.SellCardParams{IdempotencyKey: key},
			spec.SellCard{Card: x.Card, Member: x.Member, Product: x.Product, Merchant: x.Merchant, Referrer: x.Referrer})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.TopUp:
		body := spec.TopUp{Card: x.Card, Amount: x.Amount, Merchant: x.Merchant, Bonus: x.Bonus}
		if x.BonusFundedBy != "" {
			body.BonusFundedBy = pointer(spec.TopUpBonusFundedBy(x.BonusFundedBy))
		}
		r, err := c.TopUpCardWithResponse(ctx, &spec.TopUpCardParams{IdempotencyKey: key}, body)
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.SpendValue:
		r, err := c.SpendValueWithResponse(ctx, &spec.SpendValueParams{IdempotencyKey: key},
			spec.Spend{Card: x.Card, Merchant: &x.Merchant, Amount: x.Amount})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.UsePass:
		r, err := c.UsePassWithResponse(ctx, &spec.UsePassParams{IdempotencyKey: key},
			spec.PassUse{Card: x.Card, Merchant: &x.Merchant, Benefit: x.Benefit, Count: &x.Count})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.UseCoupon:
		r, err := c.UseCouponWithResponse(ctx, &spec.UseCouponParams{IdempotencyKey: key},
			spec.CouponUse{Card: x.Card, Merchant: &x.Merchant, Benefit: x.Benefit, Bill: x.Bill})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.RecordPurchase:
		r, err := c.RecordPurchaseWithResponse(ctx, &spec.RecordPurchaseParams{IdempotencyKey: key},
			spec.Purchase{Card: x.Card, Merchant: &x.Merchant, Bill: x.Bill})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.SpendPoints:
		r, err := c.SpendPointsWithResponse(ctx, &spec.SpendPointsParams{IdempotencyKey: key},
			spec.PointSpend{Card: x.Card, Merchant: &x.Merchant, Points: x.Points})
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
		r, err := c.ReverseTransactionWithResponse(ctx, &spec.ReverseTransactionParams{IdempotencyKey: key},
			spec.Reversal{IdempotencyKey: &x.Of.Key, Amount: x.Amount})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.FreezeCard:
		r, err := c.FreezeCardWithResponse(ctx, &spec.FreezeCardParams{IdempotencyKey: key}, spec.CardMark{Card: x.Card})
		require.NoError(p.t, err)
		return outcomeOf(r.HTTPResponse, r.ApplicationProblemJSONDefault)
	case alliance.UnfreezeCard:
		r, err := c.UnfreezeCardWithResponse(ctx, &spec.UnfreezeCardParams{IdempotencyKey: key}, spec.CardMark{Card: x.Card})
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
