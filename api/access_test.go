package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
)

// examples returns a request for each operation of the document, with the
// document's own examples.
func examples(t *testing.T) []example {
	t.Helper()
	var all []example
	for path, item := range document(t).Paths.Map() {
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
				_, tills := requirement["shopKey"]
				_, owners := requirement["ownerKey"]
				e.forTills = e.forTills || tills
				_, staff := requirement["staffSession"]
				_, officers := requirement["ownerSession"]
				e.forTills = e.forTills || tills
				e.forMerchants = e.forMerchants || tills || owners
				e.forPeople = e.forPeople || staff || officers
			}
			e.public = len(*o.Security) == 0
			all = append(all, e)
		}
	}
	return all
}

type example struct {
	id, tag, method, path, body string
	forMerchants, forTills      bool
	forPeople                   bool // takes a session
	public                      bool
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
			if e.public {
				require.NotEqual(t, "unauthenticated", answer.codeIfAny(), "%s: %s", name, e.id)
				continue
			}
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
		if e.forMerchants || e.public {
			require.NotContains(t, answer.body, `"code":"forbidden"`, e.id)
			continue
		}
		require.Equal(t, http.StatusForbidden, answer.status, e.id)
		require.Equal(t, "forbidden", answer.code(t), e.id)
	}
}

// TestACashiersKeyMovesNoMoney: a till sells, redeems and undoes; the rest is its owner's.
func TestACashiersKeyMovesNoMoney(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	_, cashier := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: "9"})
	forbidden := make(map[string]bool)
	for _, e := range examples(t) {
		answer := h.send(e.method, e.path, cashier, e.body, "Idempotency-Key", "x")
		if e.forTills || e.public {
			require.NotContains(t, answer.body, `"code":"forbidden"`, e.id)
			continue
		}
		require.Equal(t, http.StatusForbidden, answer.status, e.id)
		require.Equal(t, "forbidden", answer.code(t), e.id)
		forbidden[e.id] = true
	}
	for _, operation := range []string{
		"setBankAccount", "getBankAccount", "getStatement", "openDispute", "withdrawDispute", "listDisputes", "giveNotice", "receivePayment", "getJournal", "listObligations",
		"getPositions", "listEvents", "createKey", "listCover",
	} {
		require.True(t, forbidden[operation], operation)
	}
	account := `{"holder": "山丘咖啡有限公司", "number": "6222021202033445561", "bank": "中国工商银行"}`
	answer := h.send(http.MethodPut, "/v1/bank-accounts/party/cafe", cashier, account)
	require.Equal(t, http.StatusForbidden, answer.status)
	require.Contains(t, answer.body, "takes the key of an owner")
	require.Equal(t, "not_found", h.send(http.MethodGet, "/v1/bank-accounts/party/cafe", h.key, "").code(t))
	require.Equal(t, http.StatusOK, h.send(http.MethodPut, "/v1/bank-accounts/party/cafe", h.cafeKey, account).status)

	events := h.send(http.MethodGet, "/v1/events?type=bank_account.changed", h.key, "").body
	require.Contains(t, events, `"party":"cafe"`, "a change of account is an event")
	require.NotContains(t, events, "6222021202033445561")

	sold := h.does(cashier, "cards", `{"card": "8801", "member": "ann", "product": "explorer"}`)
	require.Equal(t, "cafe", *sold.Merchant)
	h.does(cashier, "pass-uses", `{"card": "8801", "benefit": "coffee"}`)
	undone := h.does(cashier, "pass-uses", `{"card": "8801", "benefit": "coffee"}`)
	h.does(cashier, "reversals", fmt.Sprintf(`{"transaction": %q}`, undone.Transaction))
	h.does(h.key, "top-ups", `{"card": "8801", "merchant": "cafe", "amount": "50.00"}`)
	spent := h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "10.00"}`)
	require.Equal(t, "not_found", h.refused(cashier, "reversals", fmt.Sprintf(`{"transaction": %q}`, spent.Transaction), http.StatusNotFound), "another shop's")
	// In a batch each command is checked as the single operation.
	batch := h.send(http.MethodPost, "/v1/batch", cashier, `{"commands": [{"type": "pass.used", "idempotency_key": "b1", "body": {"card": "8801", "benefit": "coffee"}}]}`)
	require.Contains(t, batch.body, `"status":201`)
}

func TestTheRightOfAKey(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	issued := func(body string) spec.NewKey {
		t.Helper()
		answer := h.send(http.MethodPost, "/v1/keys", h.key, body)
		require.Equal(t, http.StatusCreated, answer.status, answer.body)
		var made spec.NewKey
		require.NoError(t, json.Unmarshal([]byte(answer.body), &made))
		return made
	}
	usual := issued(`{"role": "shop", "shop": "cafe", "till": "7"}`)
	require.Equal(t, spec.Right("cashier"), *usual.Details.Right, "a new key is a cashier's")
	owner := issued(`{"role": "shop", "shop": "cafe", "till": "8", "right": "owner"}`)
	require.Equal(t, spec.Right("owner"), *owner.Details.Right)
	require.Nil(t, issued(`{"role": "organiser"}`).Details.Right)
	for id, right := range map[string]string{usual.Details.KeyID: "cashier", owner.Details.KeyID: "owner"} {
		answer := h.send(http.MethodPost, "/v1/keys/"+id+"/rotate", h.key, "")
		require.Equal(t, http.StatusCreated, answer.status)
		require.Contains(t, answer.body, `"right":"`+right+`"`, "rotating keeps the right")
		require.Contains(t, h.send(http.MethodGet, "/v1/events?subject=key:"+id, h.key, "").body, `"right":"`+right+`"`, "events tell it")
	}
	for body, says := range map[string]string{
		`{"role": "organiser", "right": "owner"}`:                           "an organiser key has no right",
		`{"role": "shop", "shop": "cafe", "till": "1", "right": "manager"}`: "right is not one of cashier, owner",
		`{"role": "shop", "shop": "cafe", "till": "1", "right": ""}`:        "right is not one of cashier, owner",
		`{"role": "cashier", "shop": "cafe", "till": "1"}`:                  "role is not one of organiser, shop",
	} {
		answer := h.send(http.MethodPost, "/v1/keys", h.key, body)
		require.GreaterOrEqual(t, answer.status, 400, body)
		require.Contains(t, answer.body, says, body)
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
	_, second := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "hotpot", Till: "2", Right: access.OwnerRight})
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
