package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
)

// visitor opens pages of links from an address, as a proxy may pass them on.
type visitor struct {
	h       *harbour
	address string
	header  http.Header
}

func (v visitor) opens(method, path string) answer {
	v.h.t.Helper()
	request := httptest.NewRequestWithContext(v.h.t.Context(), method, path, nil)
	request.RemoteAddr = v.address
	for name, values := range v.header {
		request.Header[name] = values
	}
	recorder := httptest.NewRecorder()
	v.h.server.ServeHTTP(recorder, request)
	return answer{recorder.Code, recorder.Header(), recorder.Body.String()}
}

func (v visitor) sees(path string, status int) string {
	v.h.t.Helper()
	page := v.opens(http.MethodGet, path)
	require.Equal(v.h.t, status, page.status)
	require.Equal(v.h.t, "text/html; charset=UTF-8", page.header.Get("Content-Type"))
	return page.body
}

func headers(pairs ...string) http.Header {
	header := make(http.Header)
	for i := 0; i < len(pairs); i += 2 {
		header.Add(pairs[i], pairs[i+1])
	}
	return header
}

func TestThePageOfALinkSaysWhatItIs(t *testing.T) {
	t.Parallel()
	public, err := url.Parse("https://card.example.cn")
	require.NoError(t, err)
	h := newHarbour(t, func(c *api.Config) { c.PublicURL = public })
	h.setsUp("products", `{"code": "taster", "name": "体验卡", "kind": "free", "benefits": []}`)
	h.setsUp("shops", `{"code": "evil", "name": "<script>alert(1)</script>"}`)
	h.sold("1", "mei-of-the-harbour")
	link := h.makesLink("mei-of-the-harbour")
	require.Equal(t, "https://card.example.cn/j/"+link.Link, link.URL)

	english := visitor{h, "203.0.113.5:4000", headers("Accept-Language", "en")}
	response := english.opens(http.MethodGet, "/j/"+link.Link)
	require.Equal(t, "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", response.header.Get("Content-Security-Policy"))
	require.Equal(t, "no-store", response.header.Get("Cache-Control"))
	require.Equal(t, "no-referrer", response.header.Get("Referrer-Policy"))
	require.Empty(t, response.header.Values("Set-Cookie"))
	page := english.sees("/j/"+link.Link, http.StatusOK)
	for _, says := range []string{
		"A member of Harbour 港湾 invites you", link.Link[:5] + " " + link.Link[5:], "山丘咖啡", "<li>hotpot</li>", "“体验卡” is a free card", "Joining costs nothing",
		"two levels at most", "This is a test circle", "&lt;script&gt;", `<html lang="en">`,
	} {
		require.Contains(t, page, says)
	}
	require.NotContains(t, page, "<script")
	require.NotContains(t, page, "mei", "nothing tells who the member is")
	chinese := visitor{h, "203.0.113.5:4000", headers("Accept-Language", "zh-CN")}
	require.Contains(t, chinese.sees("/j/"+strings.ToLower(link.Link), http.StatusOK), "Harbour 港湾的一位会员邀请您加入")

	require.Equal(t, http.StatusOK, english.opens(http.MethodGet, "/j/style.css").status)
	require.NotContains(t, h.log.String(), link.Link, "codes are not logged")
	require.NotContains(t, h.log.String(), "203.0.113", "addresses are not logged")

	require.Contains(t, english.sees("/j/0000000000", http.StatusNotFound), "No such link")
	require.Equal(t, http.StatusOK, h.send(http.MethodPost, "/v1/links/"+link.Link+"/revoke", h.key, "").status)
	require.Equal(t, english.sees("/j/0000000000", http.StatusNotFound), english.sees("/j/"+link.Link, http.StatusNotFound), "a revoked link is like none")
	require.Contains(t, chinese.sees("/j/hello", http.StatusNotFound), "链接无效")
}

// TestThePageSaysWhatPlainHTTPLacks: but not on the machine itself, nor behind a proxy that is
// trusted and has encrypted it.
func TestThePageSaysWhatPlainHTTPLacks(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, func(c *api.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	})
	h.sold("1", "ann")
	path := "/j/" + h.makesLink("ann").Link
	const lacks = "plain http"
	for name, test := range map[string]struct {
		host, from string
		header     http.Header
		lacks      bool
	}{
		"plain":                          {"card.example.cn", "203.0.113.5:1", nil, true},
		"on the machine":                 {"localhost:8080", "127.0.0.1:1", nil, false},
		"on the machine by its address":  {"[::1]:8080", "[::1]:1", nil, false},
		"behind a trusted proxy":         {"card.example.cn", "10.1.2.3:1", headers("X-Forwarded-Proto", "https"), false},
		"behind a trusted proxy by IPv6": {"card.example.cn", "[fd00::7]:1", headers("X-Forwarded-Proto", "https"), false},
		"a trusted proxy over plain":     {"card.example.cn", "10.1.2.3:1", headers("X-Forwarded-Proto", "https, http"), true},
		"a trusted proxy that is silent": {"card.example.cn", "10.1.2.3:1", nil, true},
		"a stranger who says so":         {"card.example.cn", "203.0.113.5:1", headers("X-Forwarded-Proto", "https", "X-Forwarded-Ssl", "on"), true},
	} {
		page := visitor{h, test.from, test.header}.sees("http://"+test.host+path, http.StatusOK)
		require.Equal(t, test.lacks, strings.Contains(page, lacks), name)
	}
	// Over TLS itself.
	require.NotContains(t, visitor{h, "203.0.113.5:1", nil}.sees("https://card.example.cn"+path, http.StatusOK), lacks)
}

// TestOpeningsAreCounted without a cookie, and without repetitions.
func TestOpeningsAreCounted(t *testing.T) {
	t.Parallel()
	var at time.Time
	h := newHarbour(t, func(c *api.Config) {
		at = c.Clock()
		c.Clock = func() time.Time { return at }
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}
	})
	h.sold("1", "ann")
	link, other := h.makesLink("ann"), h.makesLink("ann")
	phone := visitor{h, "203.0.113.5:4000", headers("User-Agent", "phone")}
	opened := func(v visitor, method, code string) int64 {
		t.Helper()
		require.Equal(t, http.StatusOK, v.opens(method, "/j/"+code).status)
		return h.linkNow(link.Link).Opened
	}
	require.EqualValues(t, 1, opened(phone, http.MethodGet, link.Link))
	require.EqualValues(t, 1, opened(phone, http.MethodGet, link.Link), "again")
	require.EqualValues(t, 1, opened(phone, http.MethodGet, strings.ToLower(link.Link)), "again, typed")
	require.EqualValues(t, 1, opened(visitor{h, "203.0.113.99:80", phone.header}, http.MethodGet, link.Link), "again, from a neighbouring address")
	require.EqualValues(t, 2, opened(visitor{h, "198.51.100.1:80", phone.header}, http.MethodGet, link.Link), "from elsewhere")
	require.EqualValues(t, 3, opened(visitor{h, "203.0.113.5:4000", headers("User-Agent", "another phone")}, http.MethodGet, link.Link))
	require.EqualValues(t, 3, opened(visitor{h, "192.0.2.1:1", nil}, http.MethodHead, link.Link), "nobody sees a HEAD")
	require.EqualValues(t, 3, opened(visitor{h, "192.0.2.1:1", headers("Sec-Purpose", "prefetch;prerender")}, http.MethodGet, link.Link))
	require.EqualValues(t, 3, opened(phone, http.MethodGet, other.Link), "each link counts for itself")
	require.EqualValues(t, 1, h.linkNow(other.Link).Opened)

	// Behind a proxy it is the client that counts; what a client claims does not.
	behind := func(v visitor, client string) visitor {
		v.header = headers("User-Agent", "phone", "X-Forwarded-For", client)
		return v
	}
	proxy := visitor{h: h, address: "10.0.0.1:80"}
	require.EqualValues(t, 3, opened(behind(proxy, "203.0.113.5"), http.MethodGet, link.Link), "the phone once more")
	require.EqualValues(t, 4, opened(behind(proxy, "2001:db8:1::5"), http.MethodGet, link.Link))
	require.EqualValues(t, 4, opened(behind(proxy, "192.0.2.77, 2001:db8:1:9::6"), http.MethodGet, link.Link), "what stands before the proxy's own word is a claim")
	require.EqualValues(t, 4, opened(behind(phone, "192.0.2.200"), http.MethodGet, link.Link), "a stranger's claim")

	at = at.Add(31 * time.Minute)
	require.EqualValues(t, 4, opened(phone, http.MethodGet, link.Link), "the phone again, within the hour")
	at = at.Add(61 * time.Minute)
	require.EqualValues(t, 5, opened(phone, http.MethodGet, link.Link), "and later")
}

// TestPagesAreNoWayToFindLinks: who asks for many that there are not is told nothing more for a
// while, and others are not kept out by it.
func TestPagesAreNoWayToFindLinks(t *testing.T) {
	t.Parallel()
	var at time.Time
	h := newHarbour(t, func(c *api.Config) {
		at = c.Clock()
		c.Clock = func() time.Time { return at }
	})
	h.sold("1", "ann")
	path := "/j/" + h.makesLink("ann").Link
	guesser, other := visitor{h: h, address: "203.0.113.5:1"}, visitor{h: h, address: "198.51.100.1:1"}
	found, tried := 0, 0
	for i := range 5000 {
		switch guesser.opens(http.MethodGet, fmt.Sprintf("/j/%010d", i)).status {
		case http.StatusOK:
			found++
		case http.StatusNotFound:
			tried++
		}
		at = at.Add(10 * time.Millisecond)
	}
	require.Zero(t, found)
	require.Equal(t, 30, tried, "in 50 seconds")
	locked := guesser.opens(http.MethodGet, path)
	require.Equal(t, http.StatusTooManyRequests, locked.status)
	require.Equal(t, "10", locked.header.Get("Retry-After"))
	require.Contains(t, visitor{h, "203.0.113.9:1", headers("Accept-Language", "zh")}.sees(path, http.StatusTooManyRequests), "请稍后再试", "a neighbouring address")
	other.sees(path, http.StatusOK)
	at = at.Add(10 * time.Second)
	guesser.sees(path, http.StatusOK)
}
