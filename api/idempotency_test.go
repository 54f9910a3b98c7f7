package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/merchant/access"
)

func TestEveryPOSTThatMovesMoneyNeedsAnIdempotencyKey(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	moving := 0
	for _, e := range examples(t) {
		if e.method != http.MethodPost || e.tag != "Settlement" && e.tag != "Money" || e.id == "bookBatch" {
			continue // in a batch each command has a key
		}
		moving++
		answer := h.send(e.method, e.path, h.key, e.body)
		require.Equal(t, "idempotency_key_missing", answer.code(t), e.id)
		require.Equal(t, http.StatusBadRequest, answer.status)
		for _, bad := range []string{strings.Repeat("x", 256), "\xff", "a\tb"} {
			answer := h.send(e.method, e.path, h.key, e.body, "Idempotency-Key", bad)
			require.Equal(t, "invalid_request", answer.code(t), "%s %q", e.id, bad)
		}
		answer = h.send(e.method, e.path, h.key, e.body, "Idempotency-Key", "a", "Idempotency-Key", "b")
		require.Equal(t, "invalid_request", answer.code(t), e.id)
	}
	require.Equal(t, 41, moving)
}

func TestSameKeyAndBodyGiveTheFirstAnswerAgain(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	first := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "10.00"}`, "Idempotency-Key", "k")
	require.Equal(t, http.StatusCreated, first.status)
	require.Empty(t, first.header.Get("Idempotency-Replayed"))
	require.Contains(t, first.body, `"amount":"10.00","principal":"10.00","bonus":"0.00"`)

	// Neither the order of the fields nor spaces make another body, and neither
	// what happened since nor the clock change the answer.
	h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "20.00"}`)
	h.send(http.MethodPost, "/v1/test-clock/advance", h.key, `{"to": "2026-11-02T00:00:00Z"}`)
	again := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"amount":"10.00","card":"8801"}`, "Idempotency-Key", "k")
	require.Equal(t, http.StatusCreated, again.status)
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	require.Equal(t, first.body, again.body)

	for resource, body := range map[string]string{
		"spends":       `{"card": "8801", "amount": "10.01"}`,
		"pass-uses":    `{"card": "8801", "benefit": "coffee"}`,
		"purchases":    `{"card": "8801", "bill": "10.00"}`,
		"point-spends": `{"card": "8801", "points": 1}`,
	} {
		answer := h.send(http.MethodPost, "/v1/"+resource, h.hotpotKey, body, "Idempotency-Key", "k")
		require.Equal(t, http.StatusUnprocessableEntity, answer.status)
		require.Equal(t, "idempotency_conflict", answer.code(t), resource)
	}
	elsewhere := h.send(http.MethodPost, "/v1/spends", h.cafeKey, `{"card": "8801", "amount": "10.01"}`, "Idempotency-Key", "k")
	require.Equal(t, http.StatusCreated, elsewhere.status, "another till's key is another key")
}

func TestAmountLeftOutIsNotAnEmptyOne(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	first := h.send(http.MethodPost, "/v1/top-ups", h.cafeKey, `{"card": "8801", "amount": "1.00", "bonus": ""}`, "Idempotency-Key", "k")
	require.Equal(t, "invalid_amount", first.code(t))
	second := h.send(http.MethodPost, "/v1/top-ups", h.cafeKey, `{"card": "8801", "amount": "1.00"}`, "Idempotency-Key", "k")
	require.Equal(t, "idempotency_conflict", second.code(t))
}

func TestRefusalsAreReplayedToo(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	send := func() answer {
		return h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "999.00"}`, "Idempotency-Key", "k")
	}
	first := send()
	require.Equal(t, "insufficient_value", first.code(t))
	h.does(h.cafeKey, "top-ups", `{"card": "8801", "amount": "1000.00"}`)
	again := send()
	require.Equal(t, http.StatusUnprocessableEntity, again.status)
	require.Equal(t, "insufficient_value", again.code(t), "there would be enough now, but the key was answered")
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	require.Contains(t, again.body, `"required":"999.00"`)
}

// The refusal that was stored is told in the language of who asks, also by a process
// that reads it from the database.
func TestAReplayedRefusalIsToldInTheCallersLanguage(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	another := &harbour{house: h.another()}
	for range 2 {
		for _, server := range []*house{h.house, another.house} {
			for language, detail := range map[string]string{
				"":                        "the card has 330.00 of stored value, and this needs 999.00",
				"zh-CN,zh;q=0.9,en;q=0.1": "卡内储值为 330.00，本次需要 999.00",
				"en;q=0.9,zh;q=0.1":       "the card has 330.00 of stored value, and this needs 999.00",
			} {
				refused := server.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "999.00"}`,
					"Idempotency-Key", "k", "Accept-Language", language)
				require.Equal(t, http.StatusUnprocessableEntity, refused.status)
				require.Contains(t, refused.body, `"detail":"`+detail+`"`)
			}
		}
	}
	missing := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801"}`, "Idempotency-Key", "k2", "Accept-Language", "zh")
	require.Contains(t, missing.body, `"detail":"amount：缺少"`)
}

func TestRotationKeepsTheTillsIdempotencyKeys(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	made, err := h.organiser.CreateKeyWithResponse(t.Context(), spec.KeySpec{
		Role: spec.RoleShop, Shop: pointer("hotpot"), Till: pointer("7"), Label: pointer("window"),
	})
	old := ok(t, made.JSON201, made.ApplicationProblemJSONDefault, err)
	send := func(key string) answer {
		return h.send(http.MethodPost, "/v1/spends", key, `{"card": "8801", "amount": "10.00"}`, "Idempotency-Key", "k")
	}
	first := send(old.Key)
	require.Equal(t, http.StatusCreated, first.status)
	rotated, err := h.organiser.RotateKeyWithResponse(t.Context(), old.Details.KeyID)
	fresh := ok(t, rotated.JSON201, rotated.ApplicationProblemJSONDefault, err)
	require.Equal(t, http.StatusUnauthorized, send(old.Key).status, "dead at once")
	again := send(fresh.Key)
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	require.Equal(t, first.body, again.body)
}

func TestRetriesThatArriveTogetherAreBookedOnce(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	const callers = 16
	answers := make([]answer, callers)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			answers[i] = h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "10.00"}`, "Idempotency-Key", "k")
		})
	}
	all.Wait()
	first := 0
	for _, a := range answers {
		require.Equal(t, http.StatusCreated, a.status, a.body)
		require.Equal(t, answers[0].body, a.body)
		if a.header.Get("Idempotency-Replayed") == "" {
			first++
		}
	}
	require.Equal(t, 1, first)
	card, err := h.hotpot.GetCardWithResponse(t.Context(), "8801")
	require.Equal(t, "290.00", ok(t, card.JSON200, card.ApplicationProblemJSONDefault, err).Value)
}

func TestManyTillsNeverOverdrawACard(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	h := newHarbour(t)
	h.sold("8801", "ann") // 330.00 with the bonus
	const tills, each = 64, 3
	keys := make([]string, tills)
	for i := range keys {
		_, keys[i] = h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "hotpot", Till: fmt.Sprint(i + 10)})
	}
	var mu sync.Mutex
	counts := make(map[string]int)
	var all sync.WaitGroup
	for _, key := range keys {
		all.Go(func() {
			for n := range each {
				a := h.send(http.MethodPost, "/v1/spends", key, `{"card": "8801", "amount": "7.00"}`, "Idempotency-Key", fmt.Sprint(n))
				outcome := "booked"
				if a.status != http.StatusCreated {
					var p spec.Problem
					_ = json.Unmarshal([]byte(a.body), &p)
					outcome = p.Code
				}
				mu.Lock()
				counts[outcome]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	require.Equal(t, map[string]int{"booked": 47, "insufficient_value": tills*each - 47}, counts)
	card, err := h.organiser.GetCardWithResponse(t.Context(), "8801")
	left := ok(t, card.JSON200, card.ApplicationProblemJSONDefault, err)
	require.Equal(t, "0.00", left.Value)
	require.Equal(t, "1.00", left.Bonus)
	h.audit(h.alliance)
}
