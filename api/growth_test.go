package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/merchant/access"
)

// posts sends a command and returns the answer.
func (h *harbour) posts(key, path, body string) answer {
	return h.send(http.MethodPost, "/v1/"+path, key, body, "Idempotency-Key", h.fresh())
}

func TestHoldsReserveAndAreListedToWhoPlacedThem(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann") // by the cafe; 330.00 with the bonus
	placed := h.send(http.MethodPost, "/v1/holds", h.hotpotKey, `{"card": "8801", "amount": "100.00"}`, "Idempotency-Key", "table 5")
	require.Equal(t, http.StatusCreated, placed.status, placed.body)
	require.Contains(t, placed.body, `"held":"100.00"`)
	require.Equal(t, "insufficient_value", h.posts(h.hotpotKey, "spends", `{"card": "8801", "amount": "230.01"}`).code(t))
	require.Equal(t, "card_in_use", h.posts(h.key, "refunds", `{"card": "8801", "ground": "member"}`).code(t))

	require.Contains(t, h.send(http.MethodGet, "/v1/holds", h.hotpotKey, "").body, `"amount":"100.00"`)
	require.Contains(t, h.send(http.MethodGet, "/v1/holds?card=8801", h.key, "").body, `"merchant":"hotpot"`)
	require.Contains(t, h.send(http.MethodGet, "/v1/holds?card=8801", h.cafeKey, "").body, `"merchant":"hotpot"`, "it sold the card")
	h.does(h.hotpotKey, "cards", `{"card": "8901", "member": "bob", "product": "explorer"}`)
	h.does(h.hotpotKey, "top-ups", `{"card": "8901", "amount": "50.00"}`)
	h.does(h.hotpotKey, "holds", `{"card": "8901", "amount": "20.00"}`)
	require.JSONEq(t, `{"items": []}`, h.send(http.MethodGet, "/v1/holds?card=8901", h.cafeKey, "").body, "another shop's hold on another shop's card")
	require.NotContains(t, h.send(http.MethodGet, "/v1/holds", h.cafeKey, "").body, "8801", "without a card a shop lists what it placed")
	require.Contains(t, h.send(http.MethodGet, "/v1/cards/8801", h.cafeKey, "").body, `"available":"230.00"`)
	require.Contains(t, h.send(http.MethodGet, "/v1/cards/8801", h.cafeKey, "").body, `"holds":[{`, "the home sees all holds on its card")

	require.Equal(t, "not_found", h.posts(h.cafeKey, "hold-voids", `{"transaction": "txn_3"}`).code(t), "another shop's")
	_, other := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "hotpot", Till: "2"})
	taken := h.posts(other, "hold-captures", `{"transaction": "txn_3", "amount": "88.00"}`)
	require.Equal(t, http.StatusCreated, taken.status, taken.body)
	require.Contains(t, taken.body, `"hold":"txn_3"`)
	require.Equal(t, "hold_closed", h.posts(h.hotpotKey, "hold-voids", `{"idempotency_key": "table 5"}`).code(t))
	require.Contains(t, h.send(http.MethodGet, "/v1/cards/8801", h.hotpotKey, "").body, `"available":"242.00"`)
	h.audit(h.alliance)
}

func TestARefundIsQuotedAndBookedAsQuoted(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	h.posts(h.hotpotKey, "spends", `{"card": "8801", "amount": "30.00"}`)
	h.posts(h.cafeKey, "pass-uses", `{"card": "8801", "benefit": "coffee"}`)
	require.Equal(t, "forbidden_merchant", h.send(http.MethodPost, "/v1/cards/8801/refund-quote", h.hotpotKey, `{"ground": "member", "merchant": "cafe"}`).code(t))
	hidden := h.send(http.MethodPost, "/v1/cards/8801/refund-quote", h.hotpotKey, `{"ground": "member"}`)
	require.Contains(t, hidden.body, `"clause":"member"`)
	require.NotContains(t, hidden.body, "organiser", "a shop is told what it gives itself")
	require.NotContains(t, hidden.body, "cafe")
	quote := h.send(http.MethodPost, "/v1/cards/8801/refund-quote", h.key, `{"ground": "member", "merchant": "cafe"}`)
	require.Equal(t, http.StatusOK, quote.status, quote.body)
	for _, part := range []string{`"price_part":"187.00"`, `"value_part":"270.00"`, `"total":"457.00"`} {
		require.Contains(t, quote.body, part, "a coffee at its price is 12.00; 30.00 of 300.00 are spent")
	}
	again := h.send(http.MethodPost, "/v1/cards/8801/refund-quote", h.key, `{"ground": "member", "merchant": "cafe"}`)
	require.JSONEq(t, quote.body, again.body, "nothing was booked")

	h.posts(h.cafeKey, "pass-uses", `{"card": "8801", "benefit": "coffee"}`)
	refund := `{"card": "8801", "ground": "member", "merchant": "cafe", "price_part": "187.00", "value_part": "270.00"}`
	require.Equal(t, "forbidden", h.posts(h.cafeKey, "refunds", refund).code(t), "on this ground the organiser does")
	changed := h.posts(h.key, "refunds", refund)
	require.Equal(t, "quote_changed", changed.code(t))
	require.Contains(t, changed.body, `"price_part":"175.00"`)
	booked := h.posts(h.key, "refunds", strings.Replace(refund, "187.00", "175.00", 1))
	require.Equal(t, http.StatusCreated, booked.status, booked.body)
	require.Contains(t, booked.body, `"refund":{"ground":"member","price_part":"175.00","value_part":"270.00"}`)
	require.Equal(t, "card_refunded", h.send(http.MethodPost, "/v1/cards/8801/refund-quote", h.key, `{"ground": "shop"}`).code(t))
	h.audit(h.alliance)
}

func TestAShopTakesBackOnlyItsOwnCardsAndOnlyToCoolOff(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.does(h.cafeKey, "cards", `{"card": "8801", "member": "ann", "product": "explorer"}`)
	require.Equal(t, "not_found", h.posts(h.hotpotKey, "refunds", `{"card": "8801", "ground": "cooling_off"}`).code(t), "the cafe sold it")
	_, cashier := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: "9"})
	require.Equal(t, "forbidden", h.posts(cashier, "refunds", `{"card": "8801", "ground": "cooling_off"}`).code(t))
	require.Equal(t, "not_found", h.posts(h.hotpotKey, "replacements", `{"card": "8801", "new_card": "8802"}`).code(t))
	booked := h.posts(h.cafeKey, "refunds", `{"card": "8801", "ground": "cooling_off"}`)
	require.Equal(t, http.StatusCreated, booked.status, booked.body)
	require.Contains(t, booked.body, `"price_part":"199.00"`)
}

func TestALostCardGoesOnUnderItsNewCode(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.gives()
	h.sold("8801", "ann")
	h.posts(h.key, "gifts", `{"card": "8801", "campaign": "thanks"}`)
	h.posts(h.hotpotKey, "holds", `{"card": "8801", "amount": "50.00"}`)
	booked := h.posts(h.cafeKey, "replacements", `{"card": "8801", "new_card": "8809"}`)
	require.Equal(t, http.StatusCreated, booked.status, booked.body)
	refused := h.posts(h.hotpotKey, "spends", `{"card": "8801", "amount": "1.00"}`)
	require.Equal(t, "card_replaced", refused.code(t))
	require.NotContains(t, refused.body, "8809", "a found number doesn't tell the new one")
	require.Contains(t, h.send(http.MethodGet, "/v1/holds?card=8809", h.key, "").body, `"card":"8801"`)
	require.Contains(t, h.send(http.MethodGet, "/v1/cards/8809/gifts", h.hotpotKey, "").body, `"campaign":"thanks"`)
	h.audit(h.alliance)
}

func TestAReceiptNamesWhatTheCommandCaused(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.welcomes()
	booked := h.posts(h.cafeKey, "cards", `{"card": "8801", "member": "ann", "product": "explorer"}`)
	require.Equal(t, http.StatusCreated, booked.status, booked.body)
	require.Contains(t, booked.body, `"points":50`, "the card as it is after the gift")
	require.Contains(t, booked.body, `"caused":[{"transaction":"txn_2","type":"gift.earned","campaign":"welcome","card":"8801","points":50,"coupons":["w20"]}]`)
	card := h.send(http.MethodGet, "/v1/cards/8801", h.cafeKey, "").body
	require.Contains(t, card, `"coupons":[{"code":"w20"`)
	h.audit(h.alliance)
}
