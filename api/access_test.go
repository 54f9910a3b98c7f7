package api_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
)

// examples returns a request for each operation of the document, with the
// document's own examples.
func examples(t *testing.T) []example {
	t.Helper()
	text, err := os.ReadFile("openapi.yaml")
	require.NoError(t, err)
	document, err := openapi3.NewLoader().LoadFromData(text)
	require.NoError(t, err)
	var all []example
	for path, item := range document.Paths.Map() {
		for method, o := range item.Operations() {
			e := example{id: o.OperationID, tag: o.Tags[0], method: method, path: path}
			for _, p := range o.Parameters {
				if p.Value.In == "path" {
					require.NotNil(t, p.Value.Example, "%s %s has no example", method, p.Value.Name)
					e.path = strings.ReplaceAll(e.path, "{"+p.Value.Name+"}", fmt.Sprint(p.Value.Example))
				}
			}
			if o.RequestBody != nil && o.RequestBody.Value.Content["application/json"] != nil {
				e.body = quoted(o.RequestBody.Value.Content["application/json"].Example)
			}
			for _, requirement := range *o.Security {
				_, merchants := requirement["shopKey"]
				e.forMerchants = e.forMerchants || merchants
			}
			all = append(all, e)
		}
	}
	return all
}

type example struct {
	id, tag, method, path, body string
	forMerchants                bool
}

func TestNothingWithoutAKeyInForce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	revoked, revokedText := h.issue(h.alliance, access.KeySpec{Role: access.OrganiserKey})
	h.write(func(tx clearing.Tx) error { return access.RevokeKey(t.Context(), tx, h.alliance, revoked.ID, start) })
	elsewhere := newHouse(t)
	mistyped := "x"
	if h.key[20] == 'x' {
		mistyped = "y"
	}
	for name, authorization := range map[string]string{
		"none":          "",
		"no scheme":     h.key,
		"other scheme":  "Basic " + h.key,
		"empty":         "Bearer ",
		"malformed":     "Bearer lk_test_hello",
		"typo":          "Bearer " + h.key[:20] + mistyped + h.key[21:],
		"revoked":       "Bearer " + revokedText,
		"other server":  "Bearer " + elsewhere.key,
		"not UTF-8":     "Bearer lk_test_\xff",
		"key and a bit": "Bearer " + h.key + " x",
	} {
		for _, e := range examples(t) {
			answer := h.send(e.method, e.path, "", e.body, "Authorization", authorization)
			require.Equal(t, http.StatusUnauthorized, answer.status, "%s: %s", name, e.id)
			require.Equal(t, "unauthenticated", answer.code(t))
			require.Equal(t, `Bearer realm="lianka"`, answer.header.Get("WWW-Authenticate"))
		}
	}
}

func TestShopKeysGetNowhereNearTheOrganisers(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	for _, e := range examples(t) {
		answer := h.send(e.method, e.path, h.cafeKey, e.body, "Idempotency-Key", "x")
		if e.forMerchants {
			require.NotContains(t, answer.body, `"code":"forbidden"`, e.id)
			continue
		}
		require.Equal(t, http.StatusForbidden, answer.status, e.id)
		require.Equal(t, "forbidden", answer.code(t), e.id)
	}
}

func TestAShopActsAtItselfAlone(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	for resource, body := range map[string]string{
		"cards":        `{"card": "8802", "member": "bob", "product": "explorer", "merchant": "cafe"}`,
		"top-ups":      `{"card": "8801", "amount": "1.00", "merchant": "cafe"}`,
		"spends":       `{"card": "8801", "amount": "1.00", "merchant": "cafe"}`,
		"pass-uses":    `{"card": "8801", "benefit": "coffee", "merchant": "cafe"}`,
		"coupon-uses":  `{"card": "8801", "benefit": "hotpot20", "bill": "300.00", "merchant": "cafe"}`,
		"purchases":    `{"card": "8801", "bill": "1.00", "merchant": "cafe"}`,
		"point-spends": `{"card": "8801", "points": 1, "merchant": "cafe"}`,
	} {
		require.Equal(t, "forbidden_merchant", h.refused(h.hotpotKey, resource, body, http.StatusForbidden), resource)
	}
	for resource, body := range map[string]string{
		"spends":       `{"card": "8801", "amount": "1.00"}`,
		"pass-uses":    `{"card": "8801", "benefit": "coffee"}`,
		"coupon-uses":  `{"card": "8801", "benefit": "hotpot20", "bill": "300.00"}`,
		"purchases":    `{"card": "8801", "bill": "1.00"}`,
		"point-spends": `{"card": "8801", "points": 1}`,
	} {
		require.Equal(t, "invalid_request", h.refused(h.key, resource, body, http.StatusBadRequest), "an organiser names the merchant")
	}
	h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "1.00", "merchant": "hotpot"}`)
	h.does(h.key, "spends", `{"card": "8801", "amount": "1.00", "merchant": "hotpot"}`)
}

func TestAShopUndoesAndFreezesItsOwnAlone(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	spend := h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "10.00"}`)
	undo := `{"transaction": "` + spend.Transaction + `"}`
	require.Equal(t, "not_found", h.refused(h.cafeKey, "reversals", undo, http.StatusNotFound))
	require.Equal(t, "not_found", h.refused(h.cafeKey, "reversals", `{"transaction": "txn_99"}`, http.StatusNotFound))
	require.Equal(t, "not_found", h.refused(h.hotpotKey, "freezes", `{"card": "8801"}`, http.StatusNotFound))
	require.Equal(t, "not_found", h.refused(h.hotpotKey, "unfreezes", `{"card": "8801"}`, http.StatusNotFound))
	require.Equal(t, "not_found", h.refused(h.cafeKey, "freezes", `{"card": "none"}`, http.StatusNotFound))
	require.Equal(t, "unknown_event", h.refused(h.key, "reversals", `{"transaction": "txn_99"}`, http.StatusUnprocessableEntity))

	// The key of another till is another key, of the same shop too.
	_, second := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "hotpot", Till: "2"})
	answer := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "5.00"}`, "Idempotency-Key", "lost")
	require.Equal(t, http.StatusCreated, answer.status)
	require.Equal(t, "unknown_event", h.refused(second, "reversals", `{"idempotency_key": "lost"}`, http.StatusUnprocessableEntity))
	h.does(h.hotpotKey, "reversals", `{"idempotency_key": "lost"}`)
	h.does(second, "reversals", undo)
	for _, body := range []string{`{}`, `{"transaction": "txn_1", "idempotency_key": "x"}`, `{"transaction": "1"}`, `{"transaction": "txn_01"}`} {
		require.Equal(t, "invalid_request", h.refused(h.key, "reversals", body, http.StatusBadRequest), body)
	}
}

func TestAnotherCirclesKeySeesNothingOfThisOne(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	_, other := h.newAlliance("other", "test", start)
	for _, path := range []string{
		"/v1/cards/8801", "/v1/transactions/txn_1", "/v1/members/ann", "/v1/shops/cafe", "/v1/products/explorer", "/v1/settlements/2026-10",
	} {
		answer := h.send(http.MethodGet, path, other, "")
		require.Equal(t, http.StatusNotFound, answer.status, path)
		require.Equal(t, "not_found", answer.code(t))
	}
	keys, err := h.organiser.ListKeysWithResponse(t.Context(), nil)
	for _, k := range ok(t, keys.JSON200, keys.ApplicationProblemJSONDefault, err).Items {
		require.Equal(t, http.StatusNotFound, h.send(http.MethodDelete, "/v1/keys/"+k.KeyID, other, "").status)
		require.Equal(t, http.StatusNotFound, h.send(http.MethodPost, "/v1/keys/"+k.KeyID+"/rotate", other, "").status)
	}
	list, err := h.with(other).ListCardsWithResponse(t.Context(), &spec.ListCardsParams{})
	require.Empty(t, ok(t, list.JSON200, list.ApplicationProblemJSONDefault, err).Items)
}
