package api_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// quotedOrNamed is what a Chinese sentence may have in other letters: what it quotes, and names of fields.
var (
	quotedOrNamed = regexp.MustCompile(`"[^"]*"|[a-z]+_[a-z_]+|^[a-z]+：`)
	englishWords  = regexp.MustCompile(`[a-z]{2,} [a-z]{2,}`)
)

// TestWhatIsNotThereIsSaidInChineseToo: also where the sentence goes on with what was looked for.
func TestWhatIsNotThereIsSaidInChineseToo(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	for _, request := range []struct{ method, path, body string }{
		{http.MethodGet, "/v1/payment-runs/99", ""},
		{http.MethodGet, "/v1/payment-runs/99/file?format=csv", ""},
		{http.MethodGet, "/v1/cards/none", ""},
		{http.MethodGet, "/v1/members/none", ""},
		{http.MethodGet, "/v1/shops/none", ""},
		{http.MethodGet, "/v1/products/none", ""},
		{http.MethodGet, "/v1/settlements/2026-01", ""},
		{http.MethodGet, "/v1/legal-entities/cafe", ""},
		{http.MethodGet, "/v1/bank-accounts/party/cafe", ""},
		{http.MethodGet, "/v1/disputes/99", ""},
		{http.MethodGet, "/v1/nowhere", ""},
		{http.MethodDelete, "/v1/keys/none", ""},
		{http.MethodPost, "/v1/shops", `{"code": "cafe"}`},
		{http.MethodPost, "/v1/shops", `{"code": "\u202ebar"}`},
		{http.MethodPost, "/v1/keys", `{"role": "shop"}`},
		{http.MethodPost, "/v1/keys", `{"role": "shop", "shop": "none", "till": "1"}`},
	} {
		for _, language := range []string{"zh", "zh-CN"} {
			answer := h.send(request.method, request.path, h.key, request.body, "Accept-Language", language)
			require.GreaterOrEqual(t, answer.status, 400, request.path)
			var got struct{ Detail string }
			require.NoError(t, json.Unmarshal([]byte(answer.body), &got))
			require.Regexp(t, `\p{Han}`, got.Detail, request.path)
			require.NotRegexp(t, englishWords, quotedOrNamed.ReplaceAllString(got.Detail, ""), request.path)
		}
	}
}
