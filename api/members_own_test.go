package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/merchant/signin"
)

// TestAMemberReadsItsOwnCards: what is on them and what happened on them, also in a circle where a card's
// number tells nothing; and nothing of another's.
func TestAMemberReadsItsOwnCards(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, quick)
	h.sold("8801", "ann")
	h.sold("8802", "bob")
	h.does(h.cafeKey, "top-ups", `{"card": "8801", "amount": "100.00"}`)
	h.asks(`{"presentation": "code"}`)
	ann := h.enters(h.alliance, signin.Link{Person: signin.Person{Member: "ann"}})
	get := func(path string) answer { return h.send(http.MethodGet, path, "", "", "Cookie", ann) }

	var card spec.Card
	answer := get("/v1/cards/8801")
	require.Equal(t, http.StatusOK, answer.status, answer.body)
	require.NoError(t, json.Unmarshal([]byte(answer.body), &card))
	require.Equal(t, "400.00", card.Value)
	require.Equal(t, "ann", value(card.Member))
	require.Nil(t, card.Pool, "what backs passes is the circle's")
	require.Equal(t, http.StatusOK, get("/v1/cards/8801/gifts").status)
	quote := h.send(http.MethodPost, "/v1/cards/8801/refund-quote", "", `{"ground": "member"}`, "Cookie", ann)
	require.Equal(t, http.StatusOK, quote.status, quote.body)

	var cards spec.CardPage
	require.NoError(t, json.Unmarshal([]byte(get("/v1/cards").body), &cards))
	require.Len(t, cards.Items, 1)
	require.Equal(t, "8801", cards.Items[0].Card)
	require.NoError(t, json.Unmarshal([]byte(get("/v1/cards?member=bob").body), &cards))
	require.Len(t, cards.Items, 1, "its own, whomever it names")
	require.Equal(t, "8801", cards.Items[0].Card)

	var history spec.TransactionPage
	require.NoError(t, json.Unmarshal([]byte(get("/v1/transactions?card=8801").body), &history))
	require.Len(t, history.Items, 3)
	require.Equal(t, "card.topped_up", history.Items[0].Type)
	require.NotEmpty(t, history.Items[0].Entries)
	for _, e := range history.Items[0].Entries {
		require.NotEqual(t, "merchants", string(e.Account), "what shops are paid is not the member's to see")
	}
	require.Equal(t, http.StatusOK, get("/v1/transactions/"+history.Items[0].Transaction).status)
	require.Equal(t, "invalid_request", get("/v1/transactions").code(t))
	require.Equal(t, http.StatusOK, get("/v1/members/ann").status)

	for _, path := range []string{"/v1/cards/8802", "/v1/cards/none", "/v1/cards/8802/gifts", "/v1/members/bob", "/v1/transactions/txn_3"} {
		require.Equal(t, "not_found", get(path).code(t), path)
	}
	require.NoError(t, json.Unmarshal([]byte(get("/v1/transactions?card=8802").body), &history))
	require.Empty(t, history.Items)
	require.Equal(t, "not_found", h.send(http.MethodPost, "/v1/cards/8802/refund-quote", "", `{"ground": "member"}`, "Cookie", ann).code(t))
	require.Equal(t, "forbidden", h.send(http.MethodPost, "/v1/cards/8801/refund-quote", "", `{"ground": "member", "merchant": "cafe"}`, "Cookie", ann).code(t))
}

// TestAMemberFreezesReplacesAndGivesItsOwnCards, and no card of another's, nor one that it has given away.
func TestAMemberFreezesReplacesAndGivesItsOwnCards(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	h.sold("8802", "bob")
	ann := h.enters(h.alliance, signin.Link{Person: signin.Person{Member: "ann"}})
	key := 0
	does := func(path, body string) answer {
		key++
		return h.send(http.MethodPost, "/v1/"+path, "", body, "Cookie", ann, "Idempotency-Key", fmt.Sprint(key))
	}
	require.Equal(t, http.StatusCreated, does("freezes", `{"card": "8801"}`).status)
	require.Equal(t, "forbidden", does("unfreezes", `{"card": "8801"}`).code(t))
	replaced := does("replacements", `{"card": "8801", "new_card": "8803"}`)
	require.Equal(t, http.StatusCreated, replaced.status, replaced.body)
	h.does(h.cafeKey, "unfreezes", `{"card": "8803"}`)
	for _, other := range []struct{ path, body string }{
		{"freezes", `{"card": "8802"}`}, {"replacements", `{"card": "8802", "new_card": "8804"}`}, {"givings", `{"card": "8802", "member": "ann"}`},
		{"givings", `{"card": "none", "member": "bob"}`},
	} {
		require.Equal(t, "not_found", does(other.path, other.body).code(t), other.body)
	}
	require.Equal(t, http.StatusCreated, does("givings", `{"card": "8803", "member": "cy"}`).status)
	require.Equal(t, "not_found", does("givings", `{"card": "8803", "member": "ann"}`).code(t), "it is hers no more")
	require.Equal(t, "forbidden", does("spends", `{"card": "8803", "amount": "1.00", "merchant": "cafe"}`).code(t))
	h.audit(h.alliance)
}

// TestACardIsGivenAwayOnce: who gave a card away decides nothing about it any more, however close the
// requests are.
func TestACardIsGivenAwayOnce(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	ann := h.enters(h.alliance, signin.Link{Person: signin.Person{Member: "ann"}})
	for round := range 5 {
		card := fmt.Sprint("88", round)
		h.sold(card, "ann")
		var given atomic.Int64
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				answer := h.send(http.MethodPost, "/v1/givings", "", fmt.Sprintf(`{"card": %q, "member": "friend%d"}`, card, i), "Cookie", ann, "Idempotency-Key", fmt.Sprint(round, "-", i))
				switch answer.status {
				case http.StatusCreated:
					given.Add(1)
				case http.StatusNotFound, http.StatusUnprocessableEntity:
				default:
					t.Error(answer.status, answer.body)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 1, given.Load(), card)
	}
	h.audit(h.alliance)
}
