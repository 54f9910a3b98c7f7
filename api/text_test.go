package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTextsForPeopleHoldNothingThatCantBeSeen: one name could look like another.
func TestTextsForPeopleHoldNothingThatCantBeSeen(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	for _, text := range []string{"\u202ebob", "b\u200bob", "bob\u2066", "\ufeffbob", "bo\u00adb", "bob\ufe0f", "a\u2028b", "a\u0007b", "a\nb", "👩\u200d🍳"} {
		value := quoted(text)
		for _, request := range []struct{ method, path, body, field string }{
			{http.MethodPut, "/v1/shops/gym", `{"name": ` + value + `}`, "name"},
			{http.MethodPut, "/v1/shops/gym", `{"category": ` + value + `}`, "category"},
			{http.MethodPost, "/v1/shops", `{"code": "bar", "name": ` + value + `}`, "name"},
			{http.MethodPost, "/v1/products", `{"code": "bar", "kind": "free", "name": ` + value + `}`, "name"},
			{http.MethodPost, "/v1/keys", `{"role": "organiser", "label": ` + value + `}`, "label"},
			{http.MethodPost, "/v1/deposits", `{"merchant": "hotpot", "amount": "1.00", "note": ` + value + `}`, "note"},
			{http.MethodPost, "/v1/disputes", `{"period": "2026-10", "transaction": "txn_1", "reason": ` + value + `}`, "reason"},
			{http.MethodPost, "/v1/disputes/1/refuse", `{"answer": ` + value + `}`, "answer"},
			{http.MethodPut, "/v1/bank-accounts/party/cafe", `{"number": "310066661018800123456", "bank": "中国工商银行", "holder": ` + value + `}`, "holder"},
			{http.MethodPut, "/v1/bank-accounts/party/cafe", `{"number": "310066661018800123456", "holder": "山丘咖啡", "bank": ` + value + `}`, "bank"},
			{http.MethodPut, "/v1/legal-entities/cafe", `{"legal_name": ` + value + `}`, "legal_name"},
		} {
			answer := h.send(request.method, request.path, h.key, request.body, "Idempotency-Key", h.fresh())
			require.GreaterOrEqual(t, answer.status, 400, "%s %q", request.path, text)
			require.Less(t, answer.status, 500, "%s %q", request.path, text)
			require.Contains(t, answer.body, `"path":"`+request.field+`"`, "%s %q", request.path, text)
		}
	}
	require.Equal(t, http.StatusOK, h.send(http.MethodPut, "/v1/shops/cafe", h.key, `{"name": "铁人 健身 (Gym) 💪"}`).status)
}
