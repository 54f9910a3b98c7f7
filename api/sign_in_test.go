package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

// annsTelephone is a directory in which ann alone has a telephone.
type annsTelephone struct{}

func (annsTelephone) MemberByTelephone(_ context.Context, _ int64, telephone string) (string, bool, error) {
	return "ann", strings.HasSuffix(regexp.MustCompile(`\D`).ReplaceAllString(telephone, ""), "13800138000"), nil
}

// answered requires a status and returns a field of the answer, "" for none.
func answered(t *testing.T, a answer, status int, field string) string {
	t.Helper()
	require.Equal(t, status, a.status, a.body)
	if field == "" {
		return ""
	}
	fields := make(map[string]any)
	require.NoError(t, json.Unmarshal([]byte(a.body), &fields))
	var at any = fields
	for _, name := range strings.Split(field, ".") {
		at = at.(map[string]any)[name] //nolint:forcetypeassert // a test may panic
	}
	return fmt.Sprint(at)
}

func TestAMemberSignsInByTelephone(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, func(c *api.Config) { c.Directory = annsTelephone{} })
	ask := func(telephone string) answer {
		return h.send(http.MethodPost, "/v1/sign-in/codes", "", `{"circle": "harbour", "telephone": "`+telephone+`"}`)
	}
	known, nobodys := ask("138 0013 8000"), ask("155 0015 5000")
	require.Equal(t, http.StatusAccepted, known.status, known.body)
	require.Equal(t, []any{known.status, known.body}, []any{nobodys.status, nobodys.body}, "the same answer")
	again, againNobodys := ask("+86 13800138000"), ask("+86 15500155000")
	require.Equal(t, "too_many_attempts", again.code(t))
	require.Equal(t, "60", again.header.Get("Retry-After"))
	require.Equal(t, []any{again.status, again.header.Get("Retry-After")}, []any{againNobodys.status, againNobodys.header.Get("Retry-After")})

	list := h.send(http.MethodGet, "/v1/messages", h.key, "")
	require.Contains(t, list.body, `"member":"ann"`)
	code := regexp.MustCompile(`验证码 (\d{6})`).FindStringSubmatch(list.body)[1]
	enter := func(telephone, code string) answer {
		return h.send(http.MethodPost, "/v1/session", "", `{"circle": "harbour", "telephone": "`+telephone+`", "code": "`+code+`"}`)
	}
	wrong, wrongNobodys := enter("13800138000", "000000"), enter("15500155000", "000000")
	require.Equal(t, "sign_in_refused", wrong.code(t))
	require.Equal(t, sameFor(wrong, "x"), sameFor(wrongNobodys, "x"))
	in := enter("13800138000", code)
	require.Equal(t, "ann", answered(t, in, http.StatusCreated, "member"))
	require.NotContains(t, h.send(http.MethodGet, "/v1/messages", h.key, "").body, code)
	for _, part := range []string{"13800138000", "138 0013 8000", code} {
		require.NotContains(t, h.log.String(), part)
	}
	require.Equal(t, "not_found", h.send(http.MethodPost, "/v1/sign-in/codes", "", `{"circle": "none", "telephone": "13800138000"}`).code(t))
	for _, malformed := range []string{"13800138000x5", "call me", "+86/13800138000", "１３８００１３８０００"} {
		require.Equal(t, "invalid_request", ask(malformed).code(t), malformed)
	}
	without := newHarbour(t, func(c *api.Config) { c.People = nil })
	require.Equal(t, "no_directory", without.send(http.MethodPost, "/v1/sign-in/codes", "", `{"circle": "harbour", "telephone": "13800138000"}`).code(t))
}

// TestAShopRunsItsTill: the owner adds a cashier, pairs the till, and takes both away again.
func TestAShopRunsItsTill(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	owner := h.enters(h.alliance, signin.Link{Person: person(h.staffed(h.alliance, access.Owner, "cafe", "Wu"))})
	asOwner := func(method, path, body string) answer { return h.send(method, path, "", body, "Cookie", owner) }
	added := asOwner(http.MethodPost, "/v1/staff", `{"role": "cashier", "name": "Li Na"}`)
	li, pin := answered(t, added, http.StatusCreated, "details.staff"), answered(t, added, http.StatusCreated, "pin")
	code := answered(t, asOwner(http.MethodPost, "/v1/tills", `{"till": "1"}`), http.StatusCreated, "code")
	paired := h.send(http.MethodPost, "/v1/sign-in/tills", "", `{"circle": "harbour", "code": "`+strings.ToLower(code)+`"}`)
	tillID := answered(t, paired, http.StatusCreated, "till_id")
	require.Contains(t, paired.body, `"name":"Li Na"`)
	require.Regexp(t, `^__Host-lianka-till=lk_till_.*HttpOnly; Secure; SameSite=Lax$`, paired.header.Get("Set-Cookie"))
	till := cookieOf(t, paired)
	require.Equal(t, tillID, answered(t, h.send(http.MethodGet, "/v1/sign-in/tills", "", "", "Cookie", till), http.StatusOK, "till_id"))
	enter := func(pin string) answer {
		return h.send(http.MethodPost, "/v1/session", "", `{"staff": "`+li+`", "pin": "`+pin+`"}`, "Cookie", till)
	}
	in := enter(pin)
	require.Equal(t, "1", answered(t, in, http.StatusCreated, "till"))
	cashier := cookieOf(t, in)
	spent := h.send(http.MethodPost, "/v1/spends", "", `{"card": "8801", "amount": "5.00"}`, "Cookie", cashier, "Idempotency-Key", "r1")
	require.Equal(t, http.StatusCreated, spent.status, spent.body)
	require.Equal(t, "forbidden", h.send(http.MethodPost, "/v1/staff", "", `{"role": "cashier", "name": "Friend"}`, "Cookie", cashier).code(t))

	changed := answered(t, asOwner(http.MethodPut, "/v1/staff/"+li+"/pin", `{"pin": "902846"}`), http.StatusOK, "pin")
	require.Equal(t, "902846", changed)
	require.Equal(t, "unauthenticated", h.send(http.MethodGet, "/v1/session", "", "", "Cookie", cashier).code(t))
	require.Equal(t, "sign_in_refused", enter(pin).code(t))
	require.Equal(t, "invalid_document", asOwner(http.MethodPut, "/v1/staff/"+li+"/pin", `{"pin": "123456"}`).code(t))
	cashier = cookieOf(t, enter("902846"))
	require.Equal(t, "1", answered(t, asOwner(http.MethodDelete, "/v1/staff/"+li+"/sessions", ""), http.StatusOK, "ended"))
	require.Equal(t, "unauthenticated", h.send(http.MethodGet, "/v1/session", "", "", "Cookie", cashier).code(t))
	cashier = cookieOf(t, enter("902846"))
	require.Equal(t, http.StatusNoContent, asOwner(http.MethodDelete, "/v1/tills/"+tillID, "").status)
	require.Equal(t, "unauthenticated", h.send(http.MethodGet, "/v1/session", "", "", "Cookie", cashier).code(t))
	require.Equal(t, "not_found", enter("902846").code(t))
	require.Equal(t, http.StatusNoContent, asOwner(http.MethodDelete, "/v1/staff/"+li, "").status)
	require.NotContains(t, asOwner(http.MethodGet, "/v1/staff", "").body, "Li Na")
	for _, secret := range []string{pin, "902846", code} {
		require.NotContains(t, h.log.String(), secret)
	}
	events := h.send(http.MethodGet, "/v1/events?limit=200", h.key, "").body
	for _, kind := range []string{"staff.added", "till.paired", "till.revoked", "staff.removed"} {
		require.Contains(t, events, `"type":"`+kind+`"`)
	}
	require.NotContains(t, events, "Li Na")

	require.Equal(t, "staff_exists", asOwner(http.MethodPost, "/v1/staff", `{"role": "owner", "name": "Wu"}`).code(t))
	require.Equal(t, "forbidden", asOwner(http.MethodPost, "/v1/staff", `{"role": "organiser", "name": "Wu"}`).code(t))
	require.Equal(t, "forbidden_merchant", asOwner(http.MethodPost, "/v1/staff", `{"role": "owner", "name": "Xi", "shop": "hotpot"}`).code(t))
	require.Equal(t, "unknown_merchant", h.send(http.MethodPost, "/v1/staff", h.key, `{"role": "owner", "name": "Xi", "shop": "pier"}`).code(t))
	require.Equal(t, "invalid_request", h.send(http.MethodPost, "/v1/staff", h.key, `{"role": "owner", "name": "Xi"}`).code(t))
}

// TestATillEnrolsItsOwn: face to face, and nobody who is another shop's.
func TestATillEnrolsItsOwn(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	h.does(h.hotpotKey, "cards", `{"card": "9901", "member": "bob", "product": "explorer"}`)
	_, till := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: "1"})
	link := func(key, body string) answer { return h.send(http.MethodPost, "/v1/sign-in/links", key, body) }
	made := link(till, `{"card": "8801"}`)
	require.Regexp(t, `^http://localhost:8080/sign-in/lk_link_`, answered(t, made, http.StatusCreated, "url"))
	in := h.send(http.MethodPost, "/v1/session", "", `{"link": "`+answered(t, made, http.StatusCreated, "link")+`"}`)
	require.Equal(t, "ann", answered(t, in, http.StatusCreated, "member"))
	require.Contains(t, h.send(http.MethodGet, "/v1/security-events", "", "", "Cookie", cookieOf(t, in)).body, `"by":"shop:cafe/1"`, "the member is told who made it")

	require.Equal(t, "not_found", link(till, `{"card": "9901"}`).code(t), "another shop's")
	require.Equal(t, "link_not_made", link(till, `{"card": "8801"}`).code(t), "she has signed in")
	recovered := answered(t, link(h.cafeKey, `{"card": "8801"}`), http.StatusCreated, "link")
	require.Equal(t, http.StatusCreated, h.send(http.MethodPost, "/v1/session", "", `{"link": "`+recovered+`"}`).status)
	require.Equal(t, "unauthenticated", h.send(http.MethodGet, "/v1/session", "", "", "Cookie", cookieOf(t, in)).code(t), "the lost telephone is out")
	h.does(h.hotpotKey, "cards", `{"card": "9902", "member": "ann", "product": "explorer"}`)
	require.Equal(t, "link_not_made", link(h.cafeKey, `{"card": "8801"}`).code(t), "she holds another shop's card too")
	require.Equal(t, http.StatusCreated, link(h.key, `{"member": "ann"}`).status)
	require.Equal(t, "1", answered(t, h.send(http.MethodDelete, "/v1/members/ann/sessions", h.key, ""), http.StatusOK, "ended"))

	require.Equal(t, "invalid_request", link(till, `{"member": "ann"}`).code(t))
	require.Equal(t, "not_found", link(h.key, `{"member": "zoe"}`).code(t))
	require.Equal(t, "invalid_request", link(h.key, `{}`).code(t))
	require.Equal(t, "invalid_request", link(h.key, `{"member": "ann", "card": "8801"}`).code(t))
	require.Equal(t, "invalid_request", link(h.key, `{"member": "ann", "till": "1"}`).code(t))
	wu := h.staffed(h.alliance, access.Owner, "cafe", "Wu").ID
	require.Equal(t, "link_not_made", link(till, `{"staff": "`+wu+`"}`).code(t))
	require.Equal(t, http.StatusCreated, link(h.key, `{"staff": "`+wu+`"}`).status)
	require.Equal(t, "not_found", link(h.hotpotKey, `{"staff": "`+wu+`"}`).code(t))
	li := h.staffed(h.alliance, access.Cashier, "cafe", "Li").ID
	require.Equal(t, "invalid_request", link(h.cafeKey, `{"staff": "`+li+`"}`).code(t))
	require.Equal(t, http.StatusCreated, link(h.cafeKey, `{"staff": "`+li+`", "till": "3"}`).status)
}

func TestOneWayIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, body := range []string{
		`{}`, `{"circle": "harbour"}`, `{"circle": "harbour", "telephone": "13800138000"}`, `{"pin": "480151"}`,
		`{"link": "x", "pin": "480151", "staff": "stf_0123456789abcdef"}`, `{"link": "x", "circle": "harbour", "telephone": "13800138000", "code": "123456"}`,
	} {
		require.Equal(t, "invalid_request", h.send(http.MethodPost, "/v1/session", "", body).code(t), body)
	}
	require.Equal(t, "not_found", h.send(http.MethodPost, "/v1/session", "", `{"staff": "stf_0123456789abcdef", "pin": "480151"}`).code(t), "no till")
	require.Equal(t, "sign_in_refused", h.send(http.MethodPost, "/v1/sign-in/tills", "", `{"circle": "harbour", "code": "0000-0000-0000"}`).code(t))
}
