package api_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
)

func TestTheMallsItemsAreAddedRestockedAndRetired(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.does(h.cafeKey, "cards", `{"card": "8801", "member": "ann", "product": "explorer"}`)
	h.does(h.cafeKey, "purchases", `{"card": "8801", "bill": "1000.00"}`)
	const body = `{"code": "mug", "points": 100, "merchants": ["cafe"], "reimbursement": "0.90", "stock": 2, "cash": "9.90"}`
	added := asked[spec.Item](h, http.MethodPost, "/v1/items", h.key, body, http.StatusCreated)
	require.Equal(t, []any{int64(2), int64(2), int64(0), false, "9.90"}, []any{*added.Stock, *added.Left, added.Redeemed, added.Retired, added.Cash})
	taken := h.send(http.MethodPost, "/v1/items", h.key, body)
	require.Equal(t, []any{http.StatusConflict, "item_exists"}, []any{taken.status, taken.code(t)})

	redeem := `{"card": "8801", "item": "mug"}`
	h.does(h.cafeKey, "item-redemptions", redeem)
	h.does(h.cafeKey, "item-redemptions", redeem)
	require.Equal(t, "out_of_stock", h.refused(h.cafeKey, "item-redemptions", redeem, 422))

	// The same key adds once, and gets the same answer whatever has happened since.
	restock := func(key, path, body string) answer {
		return h.send(http.MethodPost, "/v1/items/"+path+"/restock", h.key, body, "Idempotency-Key", key)
	}
	first := restock("r1", "mug", `{"amount": 3}`)
	require.Equal(t, http.StatusOK, first.status, first.body)
	require.JSONEq(t, `{"item": "mug", "amount": 3, "stock": 5, "left": 3}`, first.body)
	require.Empty(t, first.header.Get("Idempotency-Replayed"))
	h.does(h.cafeKey, "item-redemptions", redeem)
	again := restock("r1", "mug", `{"amount": 3}`)
	require.Equal(t, first.body, again.body)
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	require.Equal(t, int64(2), *asked[spec.ItemPage](h, http.MethodGet, "/v1/items", h.cashier("hotpot"), "", http.StatusOK).Items[0].Left)
	asked[spec.Item](h, http.MethodPost, "/v1/items", h.key, `{"code": "tea", "points": 100, "merchants": ["cafe"], "reimbursement": "0.90"}`, http.StatusCreated)
	for _, c := range []struct {
		key, item, body string
		status          int
		code            string
	}{
		{"r1", "mug", `{"amount": 4}`, 422, "idempotency_conflict"},
		{"r2", "none", `{"amount": 4}`, 404, "not_found"},
		{"r3", "tea", `{"amount": 4}`, 422, "invalid_document"},
		{"r4", "mug", `{"amount": 1000000000}`, 422, "invalid_document"},
		{"r5", "mug", `{"amount": 0}`, 400, "invalid_request"},
		{"", "mug", `{"amount": 1}`, 400, "idempotency_key_missing"},
	} {
		answer := restock(c.key, c.item, c.body)
		require.Equal(t, []any{c.status, c.code}, []any{answer.status, answer.code(t)}, "%s: %s", c.key, answer.body)
	}

	for range 2 {
		require.True(t, asked[spec.Item](h, http.MethodPost, "/v1/items/mug/retire", h.key, "", http.StatusOK).Retired)
	}
	require.Equal(t, "unknown_item", h.refused(h.cafeKey, "item-redemptions", redeem, 422))
	gone := restock("r6", "mug", `{"amount": 1}`)
	require.Equal(t, []any{http.StatusConflict, "item_retired"}, []any{gone.status, gone.code(t)})
	h.does(h.cafeKey, "reversals", `{"transaction": "txn_5"}`)
	require.Equal(t, int64(3), *asked[spec.Item](h, http.MethodGet, "/v1/items/mug", h.key, "", http.StatusOK).Left, "what was handed out can still come back")
	require.Equal(t, http.StatusNotFound, h.send(http.MethodPost, "/v1/items/none/retire", h.key, "").status)
	changes := slices.DeleteFunc(h.told("item."), func(event string) bool { return event == "item.redeemed" })
	require.Equal(t, []string{"item.added", "item.restocked", "item.added", "item.retired"}, changes)

	for path, body := range map[string]string{
		"points":        `{"code": "x", "points": 0, "merchants": ["cafe"], "reimbursement": "0.00"}`,
		"merchants[0]":  `{"code": "x", "points": 1, "merchants": ["gym"], "reimbursement": "0.00"}`,
		"merchants":     `{"code": "x", "points": 1, "merchants": [], "reimbursement": "0.00"}`,
		"reimbursement": `{"code": "x", "points": 1, "merchants": ["cafe"], "reimbursement": "0.02"}`,
		"stock":         `{"code": "x", "points": 1, "merchants": ["cafe"], "reimbursement": "0.01", "stock": 0}`,
	} {
		answer := h.send(http.MethodPost, "/v1/items", h.key, body)
		require.Equal(t, []any{422, "invalid_document"}, []any{answer.status, answer.code(t)}, answer.body)
		require.Contains(t, answer.body, `"path":"`+path+`"`)
	}
	h.audit(h.alliance)
}
