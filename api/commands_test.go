package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
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
	return p.postGrowth(key, command)
}

// postGrowth sends a command about holds, cards that change hands, gifts, items or refunds.
func (p *play) postGrowth(key string, command alliance.Command) outcome {
	p.t.Helper()
	var path string
	body := make(map[string]any)
	switch x := command.(type) {
	case alliance.PlaceHold:
		path, body = "holds", map[string]any{"card": x.Card, "merchant": x.Merchant, "amount": x.Amount}
	case alliance.CaptureHold:
		path, body = "hold-captures", map[string]any{"idempotency_key": x.Of.Key}
		if x.Amount != nil {
			body["amount"] = *x.Amount
		}
	case alliance.VoidHold:
		path, body = "hold-voids", map[string]any{"idempotency_key": x.Of.Key}
	case alliance.ReplaceCard:
		path, body = "replacements", map[string]any{"card": x.Card, "new_card": x.NewCard}
	case alliance.GiveCard:
		path, body = "givings", map[string]any{"card": x.Card, "member": x.Member}
	case alliance.GrantGift:
		path, body = "gifts", map[string]any{"card": x.Card, "campaign": x.Campaign}
	case alliance.RedeemItem:
		path, body = "item-redemptions", map[string]any{"card": x.Card, "merchant": x.Merchant, "item": x.Item, "count": x.Count}
	case alliance.RefundCard:
		path, body = "refunds", map[string]any{"card": x.Card, "ground": string(x.Ground)}
		if x.Merchant != nil {
			body["merchant"] = *x.Merchant
		}
		p.addQuote(body)
	default:
		require.Fail(p.t, "no resource", "%T", command)
	}
	answer := p.send(http.MethodPost, "/v1/"+path, p.key, quoted(body), "Idempotency-Key", key)
	found := outcome{status: answer.status, replayed: answer.header.Get("Idempotency-Replayed") == "true"}
	if answer.status >= http.StatusBadRequest {
		found.problem = &spec.Problem{}
		require.NoError(p.t, json.Unmarshal([]byte(answer.body), found.problem))
	}
	return found
}

// addQuote asks what a refund would come to, and adds that to the body that books it. A refund
// that would be refused is refused to quote.
func (p *play) addQuote(body map[string]any) {
	p.t.Helper()
	card, _ := body["card"].(string)
	question := map[string]any{"ground": body["ground"]}
	if merchant, at := body["merchant"]; at {
		question["merchant"] = merchant
	}
	answer := p.send(http.MethodPost, "/v1/cards/"+url.PathEscape(card)+"/refund-quote", p.key, quoted(question))
	if answer.status == http.StatusOK {
		var quote spec.RefundQuote
		require.NoError(p.t, json.Unmarshal([]byte(answer.body), &quote))
		body["price_part"], body["value_part"] = quote.PricePart, quote.ValuePart
		p.quotes++
	}
}

// quoted returns a value as JSON.
func quoted(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}
