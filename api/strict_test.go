package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
)

func TestJSONIsReadStrictly(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	for name, test := range map[string]struct{ body, says string }{
		"unknown key":       {`{"card": "8801", "amount": "1.00", "note": "x"}`, "note is unknown; the fields here are amount, card, merchant"},
		"wrong case":        {`{"Card": "8801", "amount": "1.00"}`, "Card is unknown; keys are case-sensitive, write card"},
		"duplicate key":     {`{"card": "8801", "card": "8802", "amount": "1.00"}`, `the body has the key \"card\" twice`},
		"escaped duplicate": {`{"card": "8801", "c\u0061rd": "8802", "amount": "1.00"}`, `twice`},
		"missing":           {`{"card": "8801"}`, "amount is missing"},
		"null":              {`{"card": "8801", "amount": null}`, "amount is null"},
		"null optional":     {`{"card": "8801", "amount": "1.00", "merchant": null}`, "merchant is null"},
		"number as amount":  {`{"card": "8801", "amount": 1.00}`, "amount is a number and should be a string"},
		"number as card":    {`{"card": 8801, "amount": "1.00"}`, "card is a number and should be a string"},
		"trailing value":    {`{"card": "8801", "amount": "1.00"} {}`, "goes on after the JSON value"},
		"trailing junk":     {`{"card": "8801", "amount": "1.00"}x`, "goes on after the JSON value"},
		"list":              {`[]`, "the body is a list and should be an object"},
		"text":              {`"x"`, "the body is a string and should be an object"},
		"no value":          {` `, "the body is empty"},
		"cut short":         {`{"card": "8801", "amount": "1.00"`, "is not JSON"},
		"comment":           {`{"card": "8801", /* x */ "amount": "1.00"}`, "is not JSON"},
		"single quotes":     {`{'card': '8801'}`, "is not JSON"},
		"comma":             {`{"card": "8801", "amount": "1.00",}`, "is not JSON"},
		"not UTF-8":         {"{\"card\": \"\xff\", \"amount\": \"1.00\"}", "is not JSON"},
		"lone surrogate":    {`{"card": "\ud800", "amount": "1.00"}`, "is not JSON"},
		"byte order mark":   {"\ufeff{}", "is not JSON"},
		"empty card":        {`{"card": "", "amount": "1.00"}`, "card is empty"},
		"long card":         {`{"card": "` + strings.Repeat("界", 43) + `", "amount": "1.00"}`, "card must be at most 128 bytes"},
		"control character": {`{"card": "88\u000001", "amount": "1.00"}`, "card contains a control character"},
	} {
		answer := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, test.body, "Idempotency-Key", "x")
		require.Equal(t, "invalid_request", answer.code(t), "%s: %s", name, answer.body)
		require.Equal(t, http.StatusBadRequest, answer.status, name)
		require.Contains(t, answer.body, test.says, name)
	}
	for name, body := range map[string]string{
		"fraction": `{"card": "8801", "points": 1.5}`, "point": `{"card": "8801", "points": 1.0}`, "exponent": `{"card": "8801", "points": 1e2}`,
		"large": `{"card": "8801", "points": 9223372036854775808}`, "text": `{"card": "8801", "points": "1"}`,
	} {
		require.Equal(t, "invalid_request", h.refused(h.hotpotKey, "point-spends", body, http.StatusBadRequest), name)
	}
	require.Equal(t, "invalid_request", h.refused(h.cafeKey, "top-ups", `{"card": "8801", "amount": "1.00", "bonus_funded_by": "seller"}`, 400))
	card, err := h.hotpot.GetCardWithResponse(t.Context(), "8801")
	require.Equal(t, "300.00", ok(t, card.JSON200, card.ApplicationProblemJSONDefault, err).Value, "nothing happened")
}

func TestContentType(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	for kind, status := range map[string]int{
		"application/json": 201, "application/json; charset=utf-8": 201, "application/json;charset=UTF-8": 201,
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "application/json; charset=gbk": 415, "application/jsonx": 415,
	} {
		answer := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "1.00"}`, "Idempotency-Key", "k"+kind, "Content-Type", "",
			"Content-Type", kind)
		require.Equal(t, status, answer.status, "%q %s", kind, answer.body)
	}
}

// TestABodyIsWhatItSays: nothing is unpacked, and nobody can read one body as two things.
func TestABodyIsWhatItSays(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	const body = `{"card": "8801", "amount": "1.00"}`
	for name, test := range map[string]struct {
		headers []string
		status  int
	}{
		"gzip":                {[]string{"Content-Encoding", "gzip"}, 415},
		"one we don't know":   {[]string{"Content-Encoding", "x-secret"}, 415},
		"gzip and identity":   {[]string{"Content-Encoding", "identity", "Content-Encoding", "gzip"}, 415},
		"identity":            {[]string{"Content-Encoding", "identity"}, 201},
		"two Content-Types":   {[]string{"Content-Type", "application/json", "Content-Type", "application/json"}, 415},
		"two that differ":     {[]string{"Content-Type", "application/json", "Content-Type", "text/plain"}, 415},
		"two Authorizations":  {[]string{"Authorization", "Bearer " + h.cafeKey}, 401},
		"two Idempotency-Key": {[]string{"Idempotency-Key", "y"}, 400},
	} {
		answer := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, body, append([]string{"Idempotency-Key", name}, test.headers...)...)
		require.Equal(t, test.status, answer.status, "%s: %s", name, answer.body)
	}
	file := h.send(http.MethodPost, "/v1/bank-statements?format=csv", h.key, "a,b", "Idempotency-Key", "f", "Content-Type", "", "Content-Type", "application/octet-stream", "Content-Encoding", "gzip")
	require.Equal(t, "unsupported_media_type", file.code(t))
}

func TestEventsAfterWhatThereIsNot(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	all := h.send(http.MethodGet, "/v1/events", h.key, "")
	var page spec.EventPage
	require.NoError(t, json.Unmarshal([]byte(all.body), &page))
	last := fmt.Sprint(*page.NextAfter)
	require.Equal(t, http.StatusOK, h.send(http.MethodGet, "/v1/events?after="+last, h.key, "").status, "nothing is new")
	for _, after := range []string{"3145728", "9223372036854775807"} { // of transaction 3, and there are two
		answer := h.send(http.MethodGet, "/v1/events?after="+after, h.key, "")
		require.Equal(t, "invalid_request", answer.code(t))
		require.Contains(t, answer.body, "begin with next_after of an answer, or 0")
	}
	answer := h.send(http.MethodGet, "/v1/events?type=card.melted", h.key, "")
	require.Equal(t, http.StatusOK, answer.status, "documented: it picks nothing")
	require.Contains(t, answer.body, `"items":[]`)
}

func TestSizes(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	spaces := strings.Repeat(" ", 64<<10)
	answer := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "1.00"}`+spaces, "Idempotency-Key", "x")
	require.Equal(t, http.StatusRequestEntityTooLarge, answer.status)
	require.Equal(t, "body_too_large", answer.code(t))
	answer = h.send(http.MethodPut, "/v1/terms", h.key, termsBody+spaces)
	require.Equal(t, http.StatusOK, answer.status, "documents may be larger")
	answer = h.send(http.MethodPut, "/v1/terms", h.key, termsBody+strings.Repeat(spaces, 16))
	require.Equal(t, "body_too_large", answer.code(t))

	answer = h.send(http.MethodGet, "/v1/circle", h.key, "", "X-Long", strings.Repeat("x", 20<<10))
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, answer.status)
	require.Equal(t, "headers_too_large", answer.code(t))
	answer = h.send(http.MethodGet, "/v1/circle", h.key, "", "X-Long", strings.Repeat("x", 60<<10))
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, answer.status, "above that the server answers before it knows the request")
}

func TestQueryParameters(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	for query, says := range map[string]string{
		"limit=0":                            "limit must be between 1 and 200",
		"limit=201":                          "limit must be between 1 and 200",
		"limit=x":                            "limit",
		"limit=1&limit=2":                    "limit is given twice",
		"Limit=1":                            "Limit is not a query parameter here; there are: card, cursor, limit, member, merchant",
		"page=2":                             "page is not a query parameter",
		"cursor=x":                           "cursor",
		"cursor=":                            "cursor is empty",
		"cursor=MQpsaXN0Q2FyZHMKMQ":          "not one that this list gave",
		"card=%00":                           "contains what is not text",
		"card=%ff":                           "contains what is not text",
		"card=%zz":                           "not encoded",
		"card=a;b":                           "not encoded",
		"card=a&merchant=cafe":               "at most one of",
		"card=" + strings.Repeat("x", 1025):  "too long",
		"cursor=MQpsaXN0VHJhbnNhY3Rpb25zCjA": "not one that this list gave",
	} {
		answer := h.send(http.MethodGet, "/v1/transactions?"+query, h.key, "")
		require.Equal(t, http.StatusBadRequest, answer.status, query)
		require.Equal(t, "invalid_request", answer.code(t), query)
		require.Contains(t, answer.body, says, query)
	}
	require.Equal(t, "invalid_request", h.send(http.MethodGet, "/v1/circle?x=1", h.key, "").code(t))
}

func TestPathsThatAreNoPaths(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	for path, status := range map[string]int{
		"/v1": 404, "/v1/": 404, "/v2/cards": 404, "/v1/cards/": 404, "/v1/cards/%00": 404, "/v1/cards/%ff": 404, "/v1/transactions/17": 404,
		"/v1/transactions/txn_0": 404, "/v1/transactions/txn_99999999999999999999": 404, "/v1/settlements/x": 404, "/v1/freezes": 405, "/nothing": 404,
	} {
		answer := h.send(http.MethodGet, path, h.key, "")
		require.Equal(t, status, answer.status, path)
		require.Contains(t, []string{"not_found", "method_not_allowed"}, answer.code(t))
	}
	answer := h.send(http.MethodPatch, "/v1/terms", h.key, "{}")
	require.Equal(t, http.StatusMethodNotAllowed, answer.status)
	require.Contains(t, answer.header.Get("Allow"), "PUT")
}

// TestCodesOfAllKinds sells and reads a card whose code needs every kind of
// escaping in a path.
func TestCodesOfAllKinds(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	for path, card := range map[string]string{
		"a%2Fb": "a/b", "50%25": "50%", "%E5%8D%A1+1": "卡+1", "a%20b%3Fc%23d": "a b?c#d", "%2541": "%41", "..%2F..": "../..", "%22%5C": `"\`,
	} {
		h.does(h.cafeKey, "cards", `{"card": `+quoted(card)+`, "member": "ann", "product": "explorer"}`)
		answer := h.send(http.MethodGet, "/v1/cards/"+path, h.cafeKey, "")
		require.Equal(t, http.StatusOK, answer.status, "%s %s", path, answer.body)
		require.Contains(t, answer.body, `"card":`+quoted(card))
		typed, err := h.cafe.GetCardWithResponse(t.Context(), card)
		require.Equal(t, card, ok(t, typed.JSON200, typed.ApplicationProblemJSONDefault, err).Card)
	}
}
