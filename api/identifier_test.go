package api_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCodesAreOneWhereverTheyComeIn writes the same codes in other forms.
func TestCodesAreOneWhereverTheyComeIn(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.does(h.cafeKey, "cards", `{"card": "８８０１", "member": "bob", "product": "ｅxplorer"}`)
	require.Equal(t, "card_exists", h.refused(h.cafeKey, "cards", `{"card": "8801", "member": "bob", "product": "explorer"}`, http.StatusUnprocessableEntity))
	h.does(h.cafeKey, "top-ups", `{"card": "\uff18801", "amount": "100.00"}`)
	h.does(h.key, "spends", `{"card": "8801", "merchant": "ｈotpot", "amount": "1.00"}`)
	for _, path := range []string{
		"/v1/cards/" + url.PathEscape("８８０１"), "/v1/members/" + url.PathEscape("ｂob"), "/v1/shops/" + url.PathEscape("ｃafe"),
		"/v1/transactions?card=" + url.QueryEscape("８８０１"), "/v1/cards?member=" + url.QueryEscape("ｂob"), "/v1/events?subject=card:" + url.QueryEscape("８８０１"),
		"/v1/products/" + url.PathEscape("ｅxplorer"),
	} {
		answer := h.send(http.MethodGet, path, h.key, "")
		require.Equal(t, http.StatusOK, answer.status, "%s: %s", path, answer.body)
		require.NotContains(t, answer.body, `"items":[]`, path)
	}
	e := "e\u0301"
	h.does(h.cafeKey, "cards", `{"card": "caf`+e+`/%", "member": "ann", "product": "explorer"}`)
	for _, path := range []string{"/v1/cards/" + url.PathEscape("caf"+e+"/%"), "/v1/cards/" + url.PathEscape("café/%")} {
		require.Equal(t, http.StatusOK, h.send(http.MethodGet, path, h.cafeKey, "").status, path)
	}

	// The same request in another form is a retry.
	first := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "2.00"}`, "Idempotency-Key", "once")
	again := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "８８０１", "amount": "2.00"}`, "Idempotency-Key", "once")
	require.Equal(t, first.body, again.body)
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	batch := h.send(http.MethodPost, "/v1/batch", h.hotpotKey, `{"commands": [{"type": "value.spent", "idempotency_key": "once", "body": {"card": "８８０１", "amount": "2.00"}}]}`)
	require.Contains(t, batch.body, `"replayed":true`)

	require.Equal(t, http.StatusConflict, h.send(http.MethodPost, "/v1/shops", h.key, `{"code": "ｃafe"}`).status, "the cafe is a shop already")
	require.Contains(t, h.send(http.MethodPost, "/v1/shops", h.key, `{"code": "ｃｕｓｔｏｄｙ"}`).body, "is a party of every circle")
}

// TestNobodyRefersHimselfUnderAnotherSpelling: what can't be seen is refused in bodies, paths, queries and batches.
func TestNobodyRefersHimselfUnderAnotherSpelling(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.does(h.cafeKey, "cards", `{"card": "8801", "member": "bob", "product": "explorer"}`)
	for _, bob := range []string{"bob ", " bob", "bob\u3000", "bob\u00a0", "bob\u200b", "b\u2060ob", "\u202ebob", "\ufeffbob", "bob\ufe0f", "bo\u00adb", "bob\u0007", "bob\ufffd"} {
		answer := h.send(http.MethodPost, "/v1/cards", h.cafeKey, `{"card": "8802", "member": `+quoted(bob)+`, "product": "explorer", "referrer": "bob"}`, "Idempotency-Key", h.fresh())
		require.Equal(t, "invalid_request", answer.code(t), "%q", bob)
		require.Contains(t, answer.body, `"path":"member"`)
		require.Equal(t, "not_found", h.send(http.MethodGet, "/v1/members/"+url.PathEscape(bob), h.key, "").code(t))
		require.Equal(t, "invalid_request", h.send(http.MethodGet, "/v1/cards?member="+url.QueryEscape(bob), h.key, "").code(t))
		for path, body := range map[string]string{
			"/v1/shops":    `{"code": ` + quoted(bob) + `}`,
			"/v1/products": `{"code": ` + quoted(bob) + `, "kind": "free"}`,
			"/v1/keys":     `{"role": "shop", "shop": "cafe", "till": ` + quoted(bob) + `}`,
		} {
			require.Equal(t, http.StatusBadRequest, h.send(http.MethodPost, path, h.key, body).status, "%s %q", path, bob)
		}
		batch := h.send(http.MethodPost, "/v1/batch", h.cafeKey,
			`{"commands": [{"type": "card.sold", "idempotency_key": "k", "body": {"card": "8803", "product": "explorer", "referrer": "bob", "member": `+quoted(bob)+`}}]}`)
		require.Contains(t, batch.body, `"status":400`)
	}
	require.Equal(t, "unknown_member", h.refused(h.cafeKey, "cards", `{"card": "8802", "member": "ａnn", "product": "explorer", "referrer": "ａnn"}`, http.StatusUnprocessableEntity))
}
