package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
)

// TestOneCardsStory goes through every resource that moves money, with the typed
// client, as tills and organiser do.
func TestOneCardsStory(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	ctx := t.Context()

	bob, err := h.organiser.SellCardWithResponse(ctx, &spec.SellCardParams{IdempotencyKey: "1"},
		spec.SellCard{Card: "8800", Member: "bob", Product: "explorer"})
	require.Nil(t, ok(t, bob.JSON201, bob.ApplicationProblemJSONDefault, err).Merchant, "sold online")

	sold, err := h.cafe.SellCardWithResponse(ctx, &spec.SellCardParams{IdempotencyKey: "1"},
		spec.SellCard{Card: "8801", Member: "ann", Product: "explorer", Referrer: pointer("bob")})
	receipt := ok(t, sold.JSON201, sold.ApplicationProblemJSONDefault, err)
	require.Equal(t, "cafe", *receipt.Merchant)
	require.Equal(t, "-179.10", receipt.PositionChange)
	require.Equal(t, "2026-10", receipt.Window)
	require.Equal(t, start, receipt.BookedAt, "a test circle lives by its own clock")

	topped, err := h.cafe.TopUpCardWithResponse(ctx, &spec.TopUpCardParams{IdempotencyKey: "2"},
		spec.TopUp{Card: "8801", Amount: "300.00", Bonus: pointer("30.00"), BonusFundedBy: pointer(spec.TopUpBonusFundedByMerchant)})
	require.Equal(t, "-330.00", ok(t, topped.JSON201, topped.ApplicationProblemJSONDefault, err).PositionChange)

	spent, err := h.hotpot.SpendValueWithResponse(ctx, &spec.SpendValueParams{IdempotencyKey: "1"}, spec.Spend{Card: "8801", Amount: "128.00"})
	spend := ok(t, spent.JSON201, spent.ApplicationProblemJSONDefault, err)
	require.Equal(t, "125.44", spend.PositionChange)
	require.Equal(t, "172.00", spend.Card.Value)

	pass, err := h.cafe.UsePassWithResponse(ctx, &spec.UsePassParams{IdempotencyKey: "3"}, spec.PassUse{Card: "8801", Benefit: "coffee"})
	require.Equal(t, 2, *ok(t, pass.JSON201, pass.ApplicationProblemJSONDefault, err).UsesLeft)

	coupon, err := h.hotpot.UseCouponWithResponse(ctx, &spec.UseCouponParams{IdempotencyKey: "2"},
		spec.CouponUse{Card: "8801", Benefit: "hotpot20", Bill: "236.00"})
	require.Equal(t, "20.00", ok(t, coupon.JSON201, coupon.ApplicationProblemJSONDefault, err).PositionChange)

	bought, err := h.hotpot.RecordPurchaseWithResponse(ctx, &spec.RecordPurchaseParams{IdempotencyKey: "3"},
		spec.Purchase{Card: "8801", Bill: "236.00"})
	require.EqualValues(t, 236, *ok(t, bought.JSON201, bought.ApplicationProblemJSONDefault, err).Points)

	points, err := h.cafe.SpendPointsWithResponse(ctx, &spec.SpendPointsParams{IdempotencyKey: "4"}, spec.PointSpend{Card: "8801", Points: 200})
	require.EqualValues(t, 36, ok(t, points.JSON201, points.ApplicationProblemJSONDefault, err).Card.Points)

	part, err := h.hotpot.ReverseTransactionWithResponse(ctx, &spec.ReverseTransactionParams{IdempotencyKey: "4"},
		spec.Reversal{Transaction: &spend.Transaction, Amount: pointer("28.00")})
	require.Equal(t, spend.Transaction, *ok(t, part.JSON201, part.ApplicationProblemJSONDefault, err).Corrects)
	lost, err := h.hotpot.ReverseTransactionWithResponse(ctx, &spec.ReverseTransactionParams{IdempotencyKey: "5"},
		spec.Reversal{IdempotencyKey: pointer("1")})
	require.Equal(t, "300.00", ok(t, lost.JSON201, lost.ApplicationProblemJSONDefault, err).Card.Value, "undone by the key of a lost answer")

	frozen, err := h.cafe.FreezeCardWithResponse(ctx, &spec.FreezeCardParams{IdempotencyKey: "5"}, spec.CardMark{Card: "8801"})
	require.Equal(t, spec.Frozen, ok(t, frozen.JSON201, frozen.ApplicationProblemJSONDefault, err).Card.Status)
	refused, err := h.hotpot.SpendValueWithResponse(ctx, &spec.SpendValueParams{IdempotencyKey: "6"}, spec.Spend{Card: "8801", Amount: "1.00"})
	require.NoError(t, err)
	require.Equal(t, "card_frozen", refused.ApplicationProblemJSONDefault.Code)
	found, err := h.cafe.UnfreezeCardWithResponse(ctx, &spec.UnfreezeCardParams{IdempotencyKey: "6"}, spec.CardMark{Card: "8801"})
	require.Equal(t, spec.Active, ok(t, found.JSON201, found.ApplicationProblemJSONDefault, err).Card.Status)
}

func TestRefusalCarriesItsFigures(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	answer := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "330.01"}`,
		"Idempotency-Key", "x", "Accept-Language", "zh-CN,zh;q=0.9,en;q=0.5")
	require.Equal(t, "insufficient_value", answer.code(t))
	require.Contains(t, answer.body, `"available":"330.00"`)
	require.Contains(t, answer.body, `"required":"330.01"`)
	require.Contains(t, answer.body, "储值余额不足")
	require.Equal(t, "zh", answer.header.Get("Content-Language"))
}

func TestWhatIsNoAmountIsTheRuleBooksToRefuse(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	for _, amount := range []string{"", "0", "-1", "1e2", " 1", "1.005", "一", "1,000", "\u0000"} {
		body := `{"card": "8801", "amount": ` + quoted(amount) + `}`
		require.Equal(t, "invalid_amount", h.refused(h.hotpotKey, "spends", body, http.StatusUnprocessableEntity), "%q", amount)
		unknown := `{"card": "none", "amount": ` + quoted(amount) + `}`
		require.Equal(t, "unknown_card", h.refused(h.hotpotKey, "spends", unknown, http.StatusUnprocessableEntity), "what is named comes first")
	}
	require.Equal(t, "invalid_amount", h.refused(h.cafeKey, "pass-uses", `{"card": "8801", "benefit": "coffee", "count": 0}`, 422))
	require.Equal(t, "invalid_amount", h.refused(h.cafeKey, "point-spends", `{"card": "8801", "points": -3}`, 422))
	require.Equal(t, "invalid_amount", h.refused(h.cafeKey, "top-ups", `{"card": "8801", "amount": "1.00", "bonus": ""}`, 422))
}

func TestCommandsNeedTerms(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	answer := h.send(http.MethodPost, "/v1/freezes", h.key, `{"card": "8801"}`, "Idempotency-Key", "x")
	require.Equal(t, http.StatusConflict, answer.status)
	require.Equal(t, "no_terms", answer.code(t))
	terms := h.send(http.MethodGet, "/v1/terms", h.key, "")
	require.Equal(t, "no_terms", terms.code(t))
}

func TestLiveCircleRunsOnTheServersClock(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, key := h.newAlliance("open", "live", start)
	alliance, err := h.with(key).GetCircleWithResponse(t.Context())
	require.Equal(t, start.Add(30*time.Minute), ok(t, alliance.JSON200, alliance.ApplicationProblemJSONDefault, err).Clock)
	for _, r := range []struct{ method, path, body string }{
		{http.MethodGet, "/v1/test-clock", ""},
		{http.MethodPost, "/v1/test-clock/advance", `{"to": "2027-01-01T00:00:00Z"}`},
	} {
		answer := h.send(r.method, r.path, key, r.body)
		require.Equal(t, http.StatusConflict, answer.status)
		require.Equal(t, "live_circle", answer.code(t))
	}
}
