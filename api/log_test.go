package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLogsKnowNoCardsAndNoKeys(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	const card, member, till = "CARD-31415926", "MEMBER-2718281", "IDEMPOTENCY-161803"
	h.sold(card, member)
	h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "`+card+`", "amount": "1.00"}`, "Idempotency-Key", till)
	h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "`+card+`", "amount": "1000.00"}`, "Idempotency-Key", till+"2")
	h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"`+card+`": 1}`, "Idempotency-Key", till+"3")
	h.send(http.MethodGet, "/v1/cards/"+card, h.key, "")
	h.send(http.MethodGet, "/v1/cards/"+card+"/"+card, h.key, "")
	h.send(http.MethodGet, "/v1/members/"+member+"?"+card+"=1", h.key, "")
	h.send(http.MethodGet, "/v1/transactions?card="+card, h.key, "")
	h.send(http.MethodGet, "/v1/circle", h.key[:30], "", "X-Request-Id", h.key)
	h.send(card, "/v1/circle", h.key, "")
	made := h.send(http.MethodPost, "/v1/keys", h.key, `{"role": "organiser", "label": "x"}`)

	var answer struct {
		Key string `json:"key"`
	}
	require.NoError(t, json.Unmarshal([]byte(made.body), &answer))
	log := h.log.String()
	require.Greater(t, strings.Count(log, "\n"), 12)
	for _, secret := range []string{card, member, till, h.key, h.key[8:30], h.cafeKey, h.hotpotKey, answer.Key} {
		require.NotContains(t, log, secret)
	}
	require.Contains(t, log, `"route":"/v1/cards/:card"`)
	require.Contains(t, log, `"code":"insufficient_value"`)
	require.Contains(t, log, `"circle":"harbour"`)
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	answer := h.send(http.MethodGet, "/v1/circle", h.key, "", "X-Request-Id", "till-7.42_a")
	require.Equal(t, "till-7.42_a", answer.header.Get("X-Request-Id"))
	require.Contains(t, h.log.String(), `"request_id":"till-7.42_a"`)
	for _, strange := range []string{"a b", "<x>", strings.Repeat("x", 65), "lk_test_abc"} {
		answer := h.send(http.MethodGet, "/v1/circle", h.key, "", "X-Request-Id", strange)
		require.Len(t, answer.header.Get("X-Request-Id"), 16)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.send(http.MethodGet, "/v1/circle", h.key, "")
	h.send(http.MethodGet, "/v1/cards/secret", h.key, "")
	h.send(http.MethodGet, "/nowhere/secret", h.key, "")
	h.send("BREW", "/v1/circle", h.key, "")
	answer := h.send(http.MethodGet, "/metrics", "", "")
	require.Equal(t, http.StatusOK, answer.status)
	for _, line := range []string{
		`lianka_http_requests_total{method="GET",route="/v1/circle",status="200"} 1`,
		`lianka_http_requests_total{method="GET",route="/v1/cards/:card",status="404"} 1`,
		`lianka_http_requests_total{method="GET",route="unmatched",status="404"} 1`,
		`lianka_http_request_duration_seconds_count{method="GET",route="/v1/circle"} 1`,
		`method="other"`, `go_goroutines`, `process_open_fds`,
	} {
		require.Contains(t, answer.body, line)
	}
	require.NotContains(t, answer.body, "secret")
	require.NotContains(t, answer.body, "BREW")
}
