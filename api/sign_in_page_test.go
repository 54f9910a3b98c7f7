package api_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/merchant/signin"
)

func TestThePageOfALinkSignsInByItsButtonAlone(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	path := "/sign-in/" + h.links(h.alliance, signin.Link{Person: signin.Person{Member: "ann"}})
	for range 3 { // a messenger looks at what it shows
		page := h.send(http.MethodGet, path, "", "")
		require.Equal(t, http.StatusOK, page.status)
		require.Contains(t, page.body, `<button type="submit">Sign in</button>`)
		require.Empty(t, page.header.Get("Set-Cookie"))
		require.Contains(t, page.header.Get("Content-Security-Policy"), "default-src 'none'")
		require.Equal(t, "no-store", page.header.Get("Cache-Control"))
	}
	require.Contains(t, h.send(http.MethodGet, path, "", "", "Accept-Language", "zh-CN").body, "登录")
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	require.Equal(t, http.StatusForbidden, h.send(http.MethodPost, path, "", "", append(form, "Sec-Fetch-Site", "cross-site")...).status, "another site can't sign somebody in")
	in := h.send(http.MethodPost, path, "", "", append(form, "Sec-Fetch-Site", "same-origin")...)
	require.Equal(t, http.StatusOK, in.status, in.body)
	require.Contains(t, in.body, "You are signed in to Harbour 港湾.")
	require.Contains(t, h.send(http.MethodGet, "/v1/session", "", "", "Cookie", cookieOf(t, in)).body, `"member":"ann"`)
	again := h.send(http.MethodPost, path, "", "", form...)
	require.Equal(t, http.StatusForbidden, again.status)
	require.Contains(t, again.body, "has expired")
	require.Empty(t, again.header.Get("Set-Cookie"))
	require.NotContains(t, h.log.String(), path, "the log has the route, not the token")
}

func TestThePageOfALinkSaysThatItNeedsHTTPS(t *testing.T) {
	t.Parallel()
	address, err := url.Parse("http://card.example.com")
	require.NoError(t, err)
	h := newHouse(t, func(c *api.Config) { c.PublicURL = address })
	path := "/sign-in/" + h.links(h.alliance, signin.Link{Person: signin.Person{Member: "ann"}})
	require.Contains(t, h.send(http.MethodGet, path, "", "").body, "https")
	require.Equal(t, http.StatusConflict, h.send(http.MethodPost, path, "", "").status)
}
