package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhoAPartyIsInLaw(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	const path, body = "/v1/legal-entities/", `{"legal_name": "江边火锅有限公司", "tax_number": "91350100 m000100y43"}`
	const kept = `{"legal_name": "江边火锅有限公司", "tax_number": "91350100M000100Y43"}`
	require.Equal(t, "not_found", h.send(http.MethodGet, path+"hotpot", h.hotpotKey, "").code(t), "it is optional")
	for party, key := range map[string]string{"hotpot": h.hotpotKey, "cafe": h.key, "organiser": h.key} {
		set := h.send(http.MethodPut, path+party, key, body)
		require.Equal(t, http.StatusOK, set.status, set.body)
		require.JSONEq(t, kept, set.body)
		require.JSONEq(t, kept, h.send(http.MethodGet, path+party, key, "").body)
	}
	answer := h.send(http.MethodGet, "/v1/events?type=legal_entity.changed", h.hotpotKey, "")
	require.Contains(t, answer.body, `"party":"hotpot"`)
	require.NotContains(t, answer.body, "cafe", "a shop sees what concerns it")

	for _, c := range []struct{ body, path, says string }{
		{`{}`, "legal_name", "give one of them"},
		{`{"tax_number": "91350100M000100Y44"}`, "tax_number", "its last character does not fit the others"},
		{`{"tax_number": "9135"}`, "tax_number", "has 4 characters"},
		{`{"legal_name": "a\u202eb"}`, "legal_name", "U+202E"},
	} {
		answer := h.send(http.MethodPut, path+"hotpot", h.key, c.body)
		require.Equal(t, http.StatusUnprocessableEntity, answer.status, answer.body)
		require.Equal(t, "invalid_document", answer.code(t))
		require.Contains(t, answer.body, `"path":"`+c.path+`"`)
		require.Contains(t, answer.body, c.says)
	}
	require.JSONEq(t, kept, h.send(http.MethodGet, path+"hotpot", h.key, "").body, "what was refused changed nothing")
	for _, method := range []string{http.MethodGet, http.MethodPut} {
		answer := h.send(method, path+"cafe", h.hotpotKey, map[string]string{http.MethodPut: body}[method])
		require.Equal(t, "not_found", answer.code(t))
	}
	for _, nobody := range []string{"custody", "bakery"} {
		require.Equal(t, "not_found", h.send(http.MethodPut, path+nobody, h.key, body).code(t), nobody)
	}
	require.Equal(t, "forbidden", h.send(http.MethodDelete, path+"hotpot", h.hotpotKey, "").code(t))
	require.Equal(t, http.StatusNoContent, h.send(http.MethodDelete, path+"hotpot", h.key, "").status)
	require.Equal(t, "not_found", h.send(http.MethodDelete, path+"hotpot", h.key, "").code(t))
}
