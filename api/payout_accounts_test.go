package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAMemberNamesItsOwnAccountForItselfAlone(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	member := h.registers(h.cafeKey, annsBody)
	path := "/v1/members/" + member + "/payout-account"
	itself := h.as(member)
	require.Equal(t, "not_found", itself(http.MethodGet, path, "").code(t))
	const body = `{"holder": "安然", "number": "6228480322334455662", "bank": "中国农业银行杭州分行", "tax_number": "11010519491231002x"}`
	ends := `{"account_end": "5662", "tax_number_end": "002X"}`
	require.JSONEq(t, ends, itself(http.MethodPut, path, body).body)
	require.JSONEq(t, ends, itself(http.MethodGet, path, "").body)
	require.Contains(t, h.send(http.MethodGet, "/v1/members/"+member+"/person", h.key, "").body, `"has_payout_account":true`)
	for _, key := range []string{h.key, h.cafeKey} {
		for method, body := range map[string]string{http.MethodGet: "", http.MethodPut: body, http.MethodDelete: ""} {
			require.Equal(t, "forbidden", h.send(method, path, key, body).code(t), "nobody else sees or sets it")
		}
	}
	require.Equal(t, "not_found", h.as("bob")(http.MethodPut, path, body).code(t))
	refused := itself(http.MethodPut, path, `{"holder": "安然", "number": "6228480322334455662", "bank": "中国农业银行杭州分行", "tax_number": "110105194912310021"}`)
	require.Equal(t, "invalid_document", refused.code(t))
	require.NotContains(t, refused.body, "1101051949")
	require.Equal(t, http.StatusNoContent, itself(http.MethodDelete, path, "").status)
	require.Equal(t, "not_found", itself(http.MethodDelete, path, "").code(t))
}

// TestAPaymentRunPaysTheMembersOwnAccount: it goes before what the organiser noted, and only the
// run, as an order to the bank, shows it.
func TestAPaymentRunPaysTheMembersOwnAccount(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	h := &harbour{house: s.house, cafeKey: s.keys["cafe"]}
	h.alliance = s.alliance
	organiser := s.keys["organiser"]
	require.Equal(t, http.StatusOK, s.send(http.MethodPost, "/v1/test-clock/advance", organiser, `{"to": "2026-11-20T00:00:00+08:00"}`).status)
	account := func(path, holder, number string) {
		answer := s.send(http.MethodPut, "/v1/bank-accounts/"+path, organiser, `{"holder": "`+holder+`", "number": "`+number+`", "bank": "中国工商银行杭州运河支行"}`)
		require.Equal(t, http.StatusOK, answer.status, answer.body)
	}
	account("party/custody", "运河异业联盟服务有限公司", "1202020209900112233")
	account("member/ann", "安然", "6222021202033445561")
	require.Equal(t, "ann", h.registers(organiser, `{"member": "ann", "telephone": "13912345678"}`))
	set := h.as("ann")(http.MethodPut, "/v1/members/ann/payout-account", `{"holder": "安然", "number": "6228480322334455662", "bank": "中国农业银行杭州分行"}`)
	require.Equal(t, http.StatusOK, set.status, set.body)

	run := s.send(http.MethodPost, "/v1/payment-runs", organiser, `{"accept_shortage": true}`, "Idempotency-Key", "run")
	require.Equal(t, http.StatusCreated, run.status, run.body)
	require.Contains(t, run.body, `"member":"ann"`)
	require.NotContains(t, run.body, "6228480322334455662", "its events don't show it")
	orders := s.send(http.MethodGet, "/v1/payment-runs/1", organiser, "")
	require.Contains(t, orders.body, "6228480322334455662")
	require.NotContains(t, orders.body, "6222021202033445561")
	file := s.send(http.MethodGet, "/v1/payment-runs/1/file?format=pain.001", organiser, "")
	require.Contains(t, file.body, "6228480322334455662")
	require.NotContains(t, s.send(http.MethodGet, "/v1/bank-accounts/member/ann", organiser, "").body, "6228480322334455662")
	s.audit(s.alliance)
}
