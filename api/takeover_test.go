package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
)

// TestAShopIsNoWayIntoAMemberOfOthers: a shop can sell a card to any member whose code it knows. That
// opens nothing that is the member's elsewhere.
func TestAShopIsNoWayIntoAMemberOfOthers(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, func(c *api.Config) { c.Directory = c.People })
	linked := func(key, card string) string {
		return h.send(http.MethodPost, "/v1/sign-in/links", key, `{"card": "`+card+`"}`).codeIfAny()
	}

	t.Log("a telephone of the shop's own, registered for a member of another")
	h.sold("8801", "bob")
	h.does(h.hotpotKey, "cards", `{"card": "H1", "member": "bob", "product": "explorer"}`)
	attached := h.send(http.MethodPost, "/v1/members", h.hotpotKey, `{"telephone": "13800138009", "member": "bob"}`)
	require.Equal(t, "forbidden", attached.code(t), attached.body)
	require.Equal(t, http.StatusAccepted, h.send(http.MethodPost, "/v1/sign-in/codes", "", `{"circle": "harbour", "telephone": "13800138009"}`).status)
	require.NotContains(t, h.send(http.MethodGet, "/v1/messages", h.key, "").body, "bob", "so it gets no code for bob")
	require.Equal(t, "bob", h.registers(h.key, `{"telephone": "13800138001", "member": "bob"}`), "the organiser registers everybody")

	t.Log("a link for a member that another shop has registered, and who holds no card of it yet")
	ann := h.registers(h.cafeKey, annsBody)
	h.does(h.hotpotKey, "cards", `{"card": "H2", "member": "`+ann+`", "product": "explorer"}`)
	require.Equal(t, "link_not_made", linked(h.hotpotKey, "H2"))

	t.Log("a sale that is undone at once")
	carl := h.registers(h.cafeKey, `{"telephone": "13800138002"}`)
	sale := h.does(h.hotpotKey, "cards", `{"card": "H3", "member": "`+carl+`", "product": "explorer"}`)
	h.does(h.hotpotKey, "reversals", `{"transaction": "`+sale.Transaction+`"}`)
	require.Equal(t, http.StatusNotFound, h.send(http.MethodGet, "/v1/members/"+carl+"/person", h.hotpotKey, "").status)
	require.Equal(t, "link_not_made", linked(h.hotpotKey, "H3"))

	t.Log("a member who earns commission")
	h.does(h.cafeKey, "cards", `{"card": "8802", "member": "dora", "product": "explorer"}`)
	h.does(h.cafeKey, "cards", `{"card": "8803", "member": "emil", "product": "explorer", "referrer": "dora"}`)
	require.Equal(t, "link_not_made", linked(h.cafeKey, "8802"), "others pay a part of it")
	require.Empty(t, linked(h.cafeKey, "8803"), "the shop's own member")
}

// TestANewTelephoneIsToldToItsMember: who changes a telephone can sign in by it.
func TestANewTelephoneIsToldToItsMember(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	ann := h.registers(h.cafeKey, annsBody)
	itself := h.as(ann)
	require.Equal(t, http.StatusOK, itself(http.MethodPut, "/v1/members/"+ann+"/person", `{"telephone": "13800138007"}`).status)
	require.Equal(t, http.StatusOK, itself(http.MethodPut, "/v1/members/"+ann+"/person", `{"telephone": "138 0013 8007", "birthday": "07-31"}`).status, "the same one")
	require.Equal(t, http.StatusOK, h.send(http.MethodPut, "/v1/members/"+ann+"/person", h.key, `{"telephone": "13800138008"}`).status)
	require.Equal(t, http.StatusUnauthorized, itself(http.MethodGet, "/v1/session", "").status, "the old telephone may be lost")
	events := h.as(ann)(http.MethodGet, "/v1/security-events", "").body
	require.Equal(t, 3, strings.Count(events, `"telephone.set"`), events)
	for _, by := range []string{`"shop:cafe/1"`, `"itself"`, `"organiser"`} {
		require.Regexp(t, `"by":`+by+`,"type":"telephone.set"`, events)
	}
}

// TestAnErasedMemberIsNotLetInAgain: its cards have no holder any more who could be known at a till.
func TestAnErasedMemberIsNotLetInAgain(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	require.Equal(t, "ann", h.registers(h.cafeKey, `{"telephone": "13800138001", "member": "ann"}`))
	itself := h.as("ann")
	require.Equal(t, http.StatusOK, itself(http.MethodDelete, "/v1/members/ann/person", "").status)
	require.Equal(t, http.StatusUnauthorized, itself(http.MethodGet, "/v1/session", "").status)
	for _, key := range []string{h.key, h.cafeKey} {
		require.Equal(t, "person_erased", h.send(http.MethodPost, "/v1/sign-in/links", key, `{"card": "8801"}`).code(t))
	}
}
