package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

// links makes a one-time link, as the command line does, and returns its token.
func (h *house) links(al clearing.Alliance, l signin.Link) (token string) {
	h.t.Helper()
	h.write(func(tx clearing.Tx) (err error) {
		_, token, err = signin.MakeLink(h.t.Context(), tx, al.ID, l, signin.CommandLine, start.Add(30*time.Minute))
		return err
	})
	return token
}

// staffed adds somebody to the staff.
func (h *house) staffed(al clearing.Alliance, role access.Role, shop, name string) (s signin.Staff) {
	h.t.Helper()
	h.write(func(tx clearing.Tx) (err error) {
		s, err = signin.AddStaff(h.t.Context(), tx, al.ID, signin.Staff{Role: role, Merchant: shop, Name: name}, signin.CommandLine, start)
		return err
	})
	return s
}

// enters signs somebody in and returns the header Cookie of the session.
func (h *house) enters(al clearing.Alliance, l signin.Link) string {
	h.t.Helper()
	answer := h.send(http.MethodPost, "/v1/session", "", `{"link": "`+h.links(al, l)+`"}`)
	require.Equal(h.t, http.StatusCreated, answer.status, answer.body)
	return cookieOf(h.t, answer)
}

// cookieOf returns the cookie that an answer sets, as a request sends it.
func cookieOf(tb testing.TB, a answer) string {
	tb.Helper()
	pair, _, ok := strings.Cut(a.header.Get("Set-Cookie"), ";")
	require.True(tb, ok, "%v", a.header)
	return pair
}

func TestASessionIsAdmittedLikeAKey(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	wu := h.staffed(h.alliance, access.Owner, "cafe", "Wu")
	answer := h.send(http.MethodPost, "/v1/session", "", `{"link": "`+h.links(h.alliance, signin.Link{Person: wu.Person()})+`"}`)
	require.Equal(t, http.StatusCreated, answer.status, answer.body)
	cookie := answer.header.Get("Set-Cookie")
	require.Regexp(t, `^__Host-lianka=lk_session_[\w-]{70,}; Path=/; Max-Age=604800; HttpOnly; Secure; SameSite=Lax$`, cookie)
	var session spec.Session
	require.NoError(t, json.Unmarshal([]byte(answer.body), &session))
	require.Equal(t, spec.SessionOwner, session.Role)
	require.Equal(t, "cafe", *session.Shop)
	require.Equal(t, "harbour", session.Circle)
	require.True(t, session.Current)

	owner := cookieOf(t, answer)
	require.Equal(t, http.StatusOK, h.send(http.MethodGet, "/v1/positions", "", "", "Cookie", owner).status)
	require.Equal(t, "forbidden", h.send(http.MethodGet, "/v1/keys", "", "", "Cookie", owner).code(t))
	spent := h.send(http.MethodPost, "/v1/spends", "", `{"card": "8801", "amount": "1.00"}`, "Cookie", owner, "Idempotency-Key", "s1")
	require.Equal(t, http.StatusCreated, spent.status, spent.body)
	again := h.send(http.MethodPost, "/v1/spends", "", `{"card": "8801", "amount": "1.00"}`, "Cookie", owner, "Idempotency-Key", "s1")
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	require.Contains(t, h.log.String(), `"key":"`+session.Session+`"`, "the log names the session")
	require.NotContains(t, h.log.String(), strings.TrimPrefix(owner, "__Host-lianka="), "and not its token")

	organiser := h.enters(h.alliance, signin.Link{Person: person(h.staffed(h.alliance, access.Organiser, "", "Lin"))})
	require.Equal(t, http.StatusOK, h.send(http.MethodGet, "/v1/keys", "", "", "Cookie", organiser).status)
	member := h.enters(h.alliance, signin.Link{Person: signin.Person{Member: "ann"}})
	require.Contains(t, h.send(http.MethodGet, "/v1/session", "", "", "Cookie", member).body, `"member":"ann"`)
	require.Equal(t, "forbidden", h.send(http.MethodGet, "/v1/keys", "", "", "Cookie", member).code(t))
}

func person(s signin.Staff) signin.Person { return s.Person() }

// TestACashiersSessionHasTheTillsIdempotencyKeys: who retries after signing in again, or with
// the till's API key, gets the first answer.
func TestACashiersSessionHasTheTillsIdempotencyKeys(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	_, key := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: "7"})
	cashier := h.enters(h.alliance, signin.Link{Person: person(h.staffed(h.alliance, access.Cashier, "cafe", "Li")), Till: "7"})
	body := `{"card": "8801", "amount": "1.00"}`
	first := h.send(http.MethodPost, "/v1/spends", "", body, "Cookie", cashier, "Idempotency-Key", "s1")
	require.Equal(t, http.StatusCreated, first.status, first.body)
	again := h.send(http.MethodPost, "/v1/spends", key, body, "Idempotency-Key", "s1")
	require.Equal(t, first.body, again.body)
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	require.Equal(t, "forbidden", h.send(http.MethodGet, "/v1/positions", "", "", "Cookie", cashier).code(t))
}

func TestASessionIsListedAndEnded(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	ann, bob := h.enters(h.alliance, signin.Link{Person: signin.Person{Member: "ann"}}), h.enters(h.alliance, signin.Link{Person: signin.Person{Member: "bob"}})
	read := func(cookie string) spec.SessionPage {
		var page spec.SessionPage
		answer := h.send(http.MethodGet, "/v1/sessions", "", "", "Cookie", cookie)
		require.Equal(t, http.StatusOK, answer.status, answer.body)
		require.NoError(t, json.Unmarshal([]byte(answer.body), &page))
		return page
	}
	anns, bobs := read(ann), read(bob)
	require.Len(t, anns.Items, 1)
	require.Equal(t, http.StatusNotFound, h.send(http.MethodDelete, "/v1/sessions/"+bobs.Items[0].Session, "", "", "Cookie", ann).status)
	require.Equal(t, http.StatusNoContent, h.send(http.MethodDelete, "/v1/sessions/"+anns.Items[0].Session, "", "", "Cookie", ann).status)
	require.Equal(t, "unauthenticated", h.send(http.MethodGet, "/v1/session", "", "", "Cookie", ann).code(t))
	out := h.send(http.MethodDelete, "/v1/session", "", "", "Cookie", bob)
	require.Equal(t, http.StatusNoContent, out.status)
	require.Contains(t, out.header.Get("Set-Cookie"), "__Host-lianka=; Path=/; Max-Age=0")
	require.Equal(t, "unauthenticated", h.send(http.MethodGet, "/v1/session", "", "", "Cookie", bob).code(t))

	ann = h.enters(h.alliance, signin.Link{Person: signin.Person{Member: "ann"}})
	events := h.send(http.MethodGet, "/v1/security-events?limit=4", "", "", "Cookie", ann)
	require.Equal(t, http.StatusOK, events.status, events.body)
	require.Regexp(t, `"type":"session.opened".*"by":"command line".*"type":"link.made".*"type":"session.ended"`, strings.ReplaceAll(events.body, `"by":"itself, with a link"`, ""))
	require.Contains(t, events.body, "next_cursor")
}

func TestAnotherSiteActsInNoSession(t *testing.T) {
	t.Parallel()
	address, err := url.Parse("https://card.example.com")
	require.NoError(t, err)
	h := newHarbour(t, func(c *api.Config) { c.PublicURL = address })
	h.sold("8801", "ann")
	cookie := h.enters(h.alliance, signin.Link{Person: person(h.staffed(h.alliance, access.Organiser, "", "Lin"))})
	spend := func(name, value string) string {
		return h.send(http.MethodPost, "/v1/spends", "", `{"card": "8801", "merchant": "cafe", "amount": "1.00"}`, "Cookie", cookie, "Idempotency-Key", h.fresh(), name, value).codeIfAny()
	}
	require.Equal(t, "cross_site", spend("Sec-Fetch-Site", "cross-site"))
	require.Equal(t, "cross_site", spend("Sec-Fetch-Site", "same-site"), "another host of the domain")
	require.Equal(t, "cross_site", spend("Origin", "https://evil.example.com"))
	require.Empty(t, spend("Sec-Fetch-Site", "same-origin"))
	require.Empty(t, spend("Origin", "https://card.example.com"))
	require.Empty(t, spend("X-Nothing", "x"), "a program that is no browser")
	read := h.send(http.MethodGet, "/v1/circle", "", "", "Cookie", cookie, "Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusOK, read.status, "a link from another site; the page sees nothing of it")
	link := `{"link": "` + h.links(h.alliance, signin.Link{Person: signin.Person{Member: "eve"}}) + `"}`
	require.Equal(t, "cross_site", h.send(http.MethodPost, "/v1/session", "", link, "Sec-Fetch-Site", "cross-site").code(t), "nobody is signed in as another")
	withKey := h.send(http.MethodPost, "/v1/spends", h.key, `{"card": "8801", "merchant": "cafe", "amount": "1.00"}`, "Idempotency-Key", h.fresh(), "Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusCreated, withKey.status, "no browser adds a key by itself")
}

func TestNoSessionWhereNoBrowserKeepsIt(t *testing.T) {
	t.Parallel()
	for address, works := range map[string]bool{
		"https://card.example.com": true, "http://localhost:8080": true, "http://127.0.0.1:8080": true, "http://lianka.localhost": true,
		"http://card.example.com": false, "http://192.168.1.20:8080": false,
	} {
		public, err := url.Parse(address)
		require.NoError(t, err)
		h := newHouse(t, func(c *api.Config) { c.PublicURL = public })
		answer := h.send(http.MethodPost, "/v1/session", "", `{"link": "`+h.links(h.alliance, signin.Link{Person: signin.Person{Member: "ann"}})+`"}`)
		if works {
			require.Equal(t, http.StatusCreated, answer.status, address)
			continue
		}
		require.Equal(t, "insecure_address", answer.code(t), address)
		require.Contains(t, answer.body, address)
	}
}

func TestTwoCookiesAreOneTooMany(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	cookie := h.enters(h.alliance, signin.Link{Person: signin.Person{Member: "ann"}})
	require.Equal(t, "unauthenticated", h.send(http.MethodGet, "/v1/session", "", "", "Cookie", cookie+"; "+cookie).code(t))
	require.Equal(t, "unauthenticated", h.send(http.MethodGet, "/v1/session", "x", "", "Cookie", cookie).code(t), "a key is looked at first")
	require.Equal(t, "sign_in_refused", h.send(http.MethodPost, "/v1/session", "", `{"link": "lk_link_x"}`).code(t))
}
