package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

// TestMoreTillsAreNoMoreGuesses: an owner pairs as many tills as it likes.
func TestMoreTillsAreNoMoreGuesses(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, quick)
	h.sold("8801", "ann")
	till := func(n int) string {
		_, key := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "hotpot", Till: fmt.Sprint("t", n)})
		return key
	}
	cards, codes := 0, 0
	for n := range 8 {
		key := till(n)
		for range 6 {
			if h.direct(http.MethodGet, "/v1/presentations/00000000", key, "").status == http.StatusNotFound {
				codes++
			}
		}
		for i := range 35 {
			if h.direct(http.MethodGet, fmt.Sprintf("/v1/cards/none%d", i), key, "").status == http.StatusNotFound {
				cards++
			}
		}
	}
	require.Equal(t, 5*5, codes)
	require.Equal(t, 5*30, cards)
	require.Equal(t, http.StatusTooManyRequests, h.direct(http.MethodGet, "/v1/cards/8801", till(9), "").status, "also what there is")
	require.Equal(t, http.StatusOK, h.direct(http.MethodGet, "/v1/cards/8801", h.cafeKey, "").status, "another shop goes on")
	require.Equal(t, http.StatusNotFound, h.direct(http.MethodGet, "/v1/presentations/00000000", h.cafeKey, "").status)
}

// TestSigningInAgainIsNoFreshCount: each session has an ID of its own, and so has each key.
func TestSigningInAgainIsNoFreshCount(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	wu := h.staffed(h.alliance, access.Owner, "hotpot", "Wu")
	asked := 0
	for range 3 {
		cookie := h.enters(h.alliance, signin.Link{Person: wu.Person()})
		for i := range 20 {
			answer := h.send(http.MethodPost, "/v1/member-lookups", "", fmt.Sprintf(`{"telephone": "139001390%02d"}`, i), "Cookie", cookie)
			if answer.status == http.StatusNotFound {
				asked++
			}
		}
	}
	require.Equal(t, 30, asked)
	missed := 0
	for range 3 {
		as := h.as("ann")
		for i := range 8 {
			if as(http.MethodPost, "/v1/joinings", fmt.Sprintf(`{"link": "00000000%02d"}`, i)).status == http.StatusNotFound {
				missed++
			}
		}
	}
	require.Equal(t, 10, missed)
}
