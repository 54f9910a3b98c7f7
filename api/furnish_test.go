package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/api/client"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/merchant/access"
)

// harbour is a house whose circle can do business: terms, two shops with a till
// each, and a product.
type harbour struct {
	*house
	organiser *client.ClientWithResponses
	cafe      *client.ClientWithResponses
	hotpot    *client.ClientWithResponses
	cafeKey   string
	hotpotKey string
	counter   int
}

const termsBody = `{"sale": {"seller": "0.10", "organiser": "0.05"},
	"referral": {"levels": ["0.08", "0.02"], "hold_days": 7, "minimum_payout": "10.00"}, "redemption": {"clearing_fee": "0.02"},
	"traffic": {"home_merchant": "0.03", "organiser": "0.005"}, "points": {"per_unit": "1", "cost": "0.01", "value": "0.01"},
	"stored_value": {"spend_order": "principal_first", "limit": "5000.00"}, "settlement": {"minimum_transfer": "1.00"}}`

const productBody = `{"code": "explorer", "kind": "paid", "price": "199.00", "valid_days": 365, "benefits": [
	{"code": "coffee", "kind": "pass", "merchant": "cafe", "uses": 3, "reimbursement": "12.00"},
	{"code": "hotpot20", "kind": "coupon", "merchants": ["hotpot"], "uses": 2, "threshold": "200.00", "discount": "20.00"}]}`

func newHarbour(tb testing.TB, change ...func(*api.Config)) *harbour {
	tb.Helper()
	return furnish(tb, newHouse(tb, change...))
}

// furnish gives the circle of a house its terms, shops, products and keys.
func furnish(tb testing.TB, house *house) *harbour {
	tb.Helper()
	h := &harbour{house: house}
	for _, r := range []struct{ method, path, body string }{
		{http.MethodPut, "/v1/terms", termsBody},
		{http.MethodPost, "/v1/shops", `{"code": "cafe", "name": "山丘咖啡", "category": "coffee"}`},
		{http.MethodPost, "/v1/shops", `{"code": "hotpot", "debit_cap": "30000.00"}`},
		{http.MethodPost, "/v1/products", productBody},
	} {
		answer := h.send(r.method, r.path, h.key, r.body)
		require.Less(tb, answer.status, 300, answer.body)
	}
	_, h.cafeKey = h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: "1", Right: access.OwnerRight})
	_, h.hotpotKey = h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "hotpot", Till: "1", Right: access.OwnerRight})
	h.organiser, h.cafe, h.hotpot = h.with(h.key), h.with(h.cafeKey), h.with(h.hotpotKey)
	return h
}

// gives adds a campaign that gives by command and an item of the points mall.
func (h *harbour) gives() {
	h.t.Helper()
	h.setsUp("campaigns", `{"code": "thanks", "when": "command", "gift": {"points": 50}}`)
	h.setsUp("items", `{"code": "mug", "points": 60, "merchants": ["cafe"], "reimbursement": "0.50", "stock": 10, "cash": "9.90"}`)
}

// welcomes adds a campaign that gives points and a coupon with a member's first card.
func (h *harbour) welcomes() {
	h.t.Helper()
	h.setsUp("campaigns", `{"code": "welcome", "when": "joined", "gift": {"points": 50, "coupons": [
		{"code": "w20", "merchants": ["hotpot"], "discount": "20.00", "valid_days": 30}]}}`)
}

func (h *harbour) setsUp(path, body string) {
	h.t.Helper()
	answer := h.send(http.MethodPost, "/v1/"+path, h.key, body)
	require.Equal(h.t, http.StatusCreated, answer.status, answer.body)
}

// fresh returns an idempotency key that was not used before.
func (h *harbour) fresh() string {
	h.counter++
	return fmt.Sprintf("key-%d", h.counter)
}

// does sends a command of a resource as somebody, and returns its receipt.
func (h *harbour) does(key, resource, body string) spec.Receipt {
	h.t.Helper()
	answer := h.send(http.MethodPost, "/v1/"+resource, key, body, "Idempotency-Key", h.fresh())
	require.Equal(h.t, http.StatusCreated, answer.status, answer.body)
	var receipt spec.Receipt
	require.NoError(h.t, json.Unmarshal([]byte(answer.body), &receipt))
	return receipt
}

// refused is does for a command that fails; it returns the code.
func (h *harbour) refused(key, resource, body string, status int) string {
	h.t.Helper()
	answer := h.send(http.MethodPost, "/v1/"+resource, key, body, "Idempotency-Key", h.fresh())
	require.Equal(h.t, status, answer.status, answer.body)
	return answer.code(h.t)
}

// sold sells a card at the cafe and tops it up.
func (h *harbour) sold(card, member string) {
	h.t.Helper()
	h.does(h.cafeKey, "cards", fmt.Sprintf(`{"card": %q, "member": %q, "product": "explorer"}`, card, member))
	h.does(h.cafeKey, "top-ups", fmt.Sprintf(`{"card": %q, "amount": "300.00", "bonus": "30.00"}`, card))
}
