package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/referral"
	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

// makesLink makes a link of a member.
func (h *harbour) makesLink(member string) spec.Link {
	h.t.Helper()
	return asked[spec.Link](h, http.MethodPost, "/v1/links", h.key, fmt.Sprintf(`{"member": %q}`, member), http.StatusCreated)
}

// joins has somebody join by a link, at the cafe's till.
func (h *harbour) joins(link, member string) spec.Joining {
	h.t.Helper()
	return asked[spec.Joining](h, http.MethodPost, "/v1/joinings", h.cafeKey, fmt.Sprintf(`{"link": %q, "member": %q}`, link, member), http.StatusOK)
}

func (h *harbour) linkNow(code string) spec.Link {
	h.t.Helper()
	return asked[spec.Link](h, http.MethodGet, "/v1/links/"+code, h.key, "", http.StatusOK)
}

// turnsTo moves the circle's clock.
func (h *harbour) turnsTo(at string) {
	h.t.Helper()
	answer := h.send(http.MethodPost, "/v1/test-clock/advance", h.key, fmt.Sprintf(`{"to": %q}`, at))
	require.Equal(h.t, http.StatusOK, answer.status, answer.body)
}

// earned is what came of a link in money.
func earned(l spec.Link) [4]string { return [4]string{l.Waiting, l.Payable, l.Paid, l.TakenBack} }

// TestALinkBringsMembers follows a link from its making to the payment of what it has earned.
func TestALinkBringsMembers(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	sell := func(card, member string) spec.Receipt {
		t.Helper()
		return h.does(h.cafeKey, "cards", fmt.Sprintf(`{"card": %q, "member": %q, "product": "explorer"}`, card, member))
	}
	sell("1", "ann")
	link := h.makesLink("ann")
	require.Regexp(t, `^[0-9A-HJKMNP-TV-Z]{10}$`, link.Link)
	require.Equal(t, "http://localhost:8080/j/"+link.Link, link.URL)
	require.Equal(t, [4]string{"0.00", "0.00", "0.00", "0.00"}, earned(link))

	typed := strings.ToLower(link.Link[:5]) + "-" + link.Link[5:]
	joined := h.joins(typed, "bob")
	require.Equal(t, link.Link, joined.Link)
	require.Equal(t, joined, h.joins(link.Link, "bob"), "joining again changes nothing")
	require.Zero(t, h.linkNow(link.Link).Bought)
	require.Equal(t, [4]string{"0.00", "0.00", "0.00", "0.00"}, earned(h.linkNow(link.Link)), "nothing is earned by joining")

	// The sale names nobody, and a retry of it gets the same answer after the link is gone.
	sale := `{"card": "2", "member": "bob", "product": "explorer"}`
	first := h.send(http.MethodPost, "/v1/cards", h.cafeKey, sale, "Idempotency-Key", "sale-2")
	require.Equal(t, http.StatusCreated, first.status, first.body)
	require.Equal(t, http.StatusOK, h.send(http.MethodPost, "/v1/links/"+link.Link+"/revoke", h.key, "").status)
	again := h.send(http.MethodPost, "/v1/cards", h.cafeKey, sale, "Idempotency-Key", "sale-2")
	require.Equal(t, first.body, again.body)
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	now := h.linkNow(link.Link)
	require.NotNil(t, now.RevokedAt)
	require.Equal(t, []int{1, 1}, []int{now.Joined, now.Bought})
	require.Equal(t, [4]string{"15.92", "0.00", "0.00", "0.00"}, earned(now))
	require.Equal(t, now, asked[spec.Link](h, http.MethodPost, "/v1/links/"+link.Link+"/revoke", h.key, "", http.StatusOK), "revoking again changes nothing")

	// Second level, through another link of ann's and one of bob's.
	other, bobs := h.makesLink("ann"), h.makesLink("bob")
	h.joins(bobs.Link, "cid")
	h.joins(other.Link, "dan")
	sell("3", "cid")
	reversed := sell("4", "dan")
	require.Equal(t, [4]string{"19.90", "0.00", "0.00", "0.00"}, earned(h.linkNow(link.Link)), "what bob brings is on the second level")
	require.Equal(t, [4]string{"15.92", "0.00", "0.00", "0.00"}, earned(h.linkNow(bobs.Link)))
	h.does(h.cafeKey, "reversals", fmt.Sprintf(`{"transaction": %q}`, reversed.Transaction))
	require.Equal(t, [4]string{"0.00", "0.00", "0.00", "15.92"}, earned(h.linkNow(other.Link)))

	h.turnsTo("2026-10-20T00:00:00+08:00")
	require.Equal(t, [4]string{"0.00", "19.90", "0.00", "0.00"}, earned(h.linkNow(link.Link)))
	h.turnsTo("2026-11-01T00:00:00+08:00")
	require.Equal(t, [4]string{"0.00", "0.00", "19.90", "0.00"}, earned(h.linkNow(link.Link)))
	sell("5", "bob") // who bought before: the referrer earns on every card
	require.Equal(t, [4]string{"15.92", "0.00", "19.90", "0.00"}, earned(h.linkNow(link.Link)))

	// The figures of the links are those of the books.
	page := asked[spec.LinkPage](h, http.MethodGet, "/v1/links?member=ann", h.key, "", http.StatusOK)
	require.Len(t, page.Items, 2)
	ann := asked[spec.MemberDetail](h, http.MethodGet, "/v1/members/ann", h.key, "", http.StatusOK)
	require.Equal(t, []string{"15.92", "0.00", "19.90"}, []string{ann.Pending, ann.Payable, ann.Paid})
	h.audit(h.alliance)
}

// TestWhoMayJoin: joining is for those who have not bought, once, by a link in force.
func TestWhoMayJoin(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("1", "ann")
	h.sold("2", "bob")
	anns, bobs := h.makesLink("ann"), h.makesLink("bob")
	joins := func(body string, status int) string {
		t.Helper()
		answer := h.send(http.MethodPost, "/v1/joinings", h.cafeKey, body)
		require.Equal(t, status, answer.status, answer.body)
		return answer.code(t)
	}
	body := func(link, member string) string { return fmt.Sprintf(`{"link": %q, "member": %q}`, link, member) }
	require.Equal(t, "already_member", joins(body(bobs.Link, "ann"), http.StatusConflict))
	require.Equal(t, "already_member", joins(body(anns.Link, "ann"), http.StatusConflict), "nobody brings itself")
	h.joins(anns.Link, "cid")
	require.Equal(t, "already_joined", joins(body(bobs.Link, "cid"), http.StatusConflict))
	require.Equal(t, http.StatusOK, h.send(http.MethodPost, "/v1/links/"+bobs.Link+"/revoke", h.key, "").status)
	require.Equal(t, "not_found", joins(body(bobs.Link, "dan"), http.StatusNotFound))
	require.Equal(t, "invalid_request", joins(body("what is it?", "dan"), http.StatusBadRequest))
	require.Equal(t, "invalid_request", joins(fmt.Sprintf(`{"link": %q}`, anns.Link), http.StatusBadRequest), "a till says who joins")

	// What a till names comes second.
	h.does(h.hotpotKey, "cards", `{"card": "3", "member": "cid", "product": "explorer", "referrer": "bob"}`)
	cid := asked[spec.MemberDetail](h, http.MethodGet, "/v1/members/cid", h.key, "", http.StatusOK)
	require.Equal(t, "ann", *cid.Referrer)

	// Links are no business of tills, and who has no card has none.
	require.Equal(t, http.StatusForbidden, h.send(http.MethodGet, "/v1/links", h.cafeKey, "").status)
	require.Equal(t, http.StatusNotFound, h.send(http.MethodPost, "/v1/links", h.key, `{"member": "nobody"}`).status)
	require.Equal(t, http.StatusBadRequest, h.send(http.MethodPost, "/v1/links", h.key, `{}`).status)
	require.Equal(t, http.StatusNotFound, h.send(http.MethodGet, "/v1/links/0000000000", h.key, "").status)
	for range referral.MaxLinks - 1 {
		h.makesLink("ann")
	}
	answer := h.send(http.MethodPost, "/v1/links", h.key, `{"member": "ann"}`)
	require.Equal(t, http.StatusConflict, answer.status)
	require.Equal(t, "too_many_links", answer.code(t))

	// Pages of links.
	var codes []string
	for query := ""; ; {
		page := asked[spec.LinkPage](h, http.MethodGet, "/v1/links?limit=8"+query, h.key, "", http.StatusOK)
		for _, l := range page.Items {
			codes = append(codes, l.Link)
		}
		if page.NextCursor == nil {
			break
		}
		query = "&cursor=" + *page.NextCursor
	}
	require.Len(t, codes, referral.MaxLinks+1)
	require.IsIncreasing(t, codes)
}

// TestJoiningIsNoWayToFindLinks: who names links that there are not is locked, and then the right
// one is refused as well.
func TestJoiningIsNoWayToFindLinks(t *testing.T) {
	t.Parallel()
	var at time.Time
	h := newHarbour(t, func(c *api.Config) {
		at = c.Clock()
		c.Clock = func() time.Time { return at }
	})
	h.sold("1", "ann")
	link := h.makesLink("ann")
	guess := func(i int) answer {
		return h.send(http.MethodPost, "/v1/joinings", h.cafeKey, fmt.Sprintf(`{"link": "%010d", "member": "eve"}`, i))
	}
	for i := range 10 {
		require.Equal(t, http.StatusNotFound, guess(i).status)
	}
	refused := guess(10)
	require.Equal(t, http.StatusTooManyRequests, refused.status)
	require.Equal(t, "600", refused.header.Get("Retry-After"))
	right := h.send(http.MethodPost, "/v1/joinings", h.cafeKey, fmt.Sprintf(`{"link": %q, "member": "eve"}`, link.Link))
	require.Equal(t, http.StatusTooManyRequests, right.status)
	answer := h.send(http.MethodPost, "/v1/joinings", h.hotpotKey, fmt.Sprintf(`{"link": %q, "member": "eve"}`, link.Link))
	require.Equal(t, http.StatusOK, answer.status, "another till goes on")
	at = at.Add(10 * time.Minute)
	h.joins(link.Link, "fay")
}

// TestALinkIsOfOneCircle: elsewhere it is no link.
func TestALinkIsOfOneCircle(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("1", "ann")
	link := h.makesLink("ann")
	_, key := h.newAlliance("pier", clearing.Test, start)
	require.Equal(t, http.StatusNotFound, h.send(http.MethodGet, "/v1/links/"+link.Link, key, "").status)
	require.Equal(t, http.StatusNotFound, h.send(http.MethodPost, "/v1/links/"+link.Link+"/revoke", key, "").status)
	require.Equal(t, http.StatusNotFound, h.send(http.MethodPost, "/v1/joinings", key, fmt.Sprintf(`{"link": %q, "member": "bob"}`, link.Link)).status)
	require.Nil(t, h.linkNow(link.Link).RevokedAt)
}

// TestTwoServersSellToWhoJoined: a joining at one server counts at the till of another, which has
// seen sales to others and one that was refused to the same member before.
func TestTwoServersSellToWhoJoined(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("1", "ann")
	link := h.makesLink("ann")
	other := h.another()
	answer := other.send(http.MethodPost, "/v1/cards", h.cafeKey, `{"card": "1", "member": "bob", "product": "explorer"}`, "Idempotency-Key", "a")
	require.Equal(t, http.StatusUnprocessableEntity, answer.status, "the card is sold")
	h.joins(link.Link, "bob")
	answer = other.send(http.MethodPost, "/v1/cards", h.cafeKey, `{"card": "2", "member": "bob", "product": "explorer"}`, "Idempotency-Key", "b")
	require.Equal(t, http.StatusCreated, answer.status, answer.body)
	require.Equal(t, [4]string{"15.92", "0.00", "0.00", "0.00"}, earned(h.linkNow(link.Link)))
	h.audit(h.alliance)
}

// TestALiveCircleIsNoPyramid: what 禁止传销条例 article 7 forbids is refused with it, in whatever
// order a circle is set up; a test circle is asked nothing.
func TestALiveCircleIsNoPyramid(t *testing.T) {
	t.Parallel()
	house := newHouse(t)
	al, key := house.newAlliance("live", clearing.Live, start)
	send := func(key, method, path, body string, status int) answer {
		t.Helper()
		answer := house.send(method, path, key, body, "Accept-Language", "zh")
		require.Equal(t, status, answer.status, answer.body)
		return answer
	}
	set := func(method, path, body string) {
		send(key, method, path, body, map[string]int{http.MethodPut: 200, http.MethodPost: 201}[method])
	}
	forbidden := func(method, path, body string) {
		t.Helper()
		answer := send(key, method, path, body, http.StatusUnprocessableEntity)
		require.Equal(t, "recruiting_forbidden", answer.code(t))
		require.Contains(t, answer.body, "禁止传销条例第七条")
	}
	const (
		noMinimum = `{"code": "a", "when": "refers", "gift": {"points": 1}}`
		friend    = `{"code": "b", "when": "refers", "minimum": "1.00", "gift": {"points": 1}}`
		free      = `{"code": "taster", "kind": "free", "benefits": []}`
		flat      = `{"sale": {"seller": "0.10", "organiser": "0.05"},
			"referral": {"levels": ["0"], "hold_days": 7, "minimum_payout": "10.00"}, "redemption": {"clearing_fee": "0.02"},
			"traffic": {"home_merchant": "0.03", "organiser": "0.005"}, "points": {"per_unit": "1", "cost": "0.01", "value": "0.01"},
			"stored_value": {"spend_order": "principal_first", "limit": "5000.00"}, "settlement": {"minimum_transfer": "1.00"}}`
	)
	set(http.MethodPut, "/v1/terms", termsBody) // before there are cards
	set(http.MethodPost, "/v1/shops", `{"code": "cafe"}`)
	set(http.MethodPost, "/v1/shops", `{"code": "hotpot"}`)
	set(http.MethodPost, "/v1/products", productBody)
	forbidden(http.MethodPut, "/v1/terms", termsBody)
	set(http.MethodPut, "/v1/terms", flat)
	forbidden(http.MethodPost, "/v1/campaigns", friend)
	_, till := house.issue(al, access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: "1"})
	sold := house.send(http.MethodPost, "/v1/cards", till, `{"card": "1", "member": "ann", "product": "explorer"}`, "Idempotency-Key", "1")
	require.Equal(t, http.StatusCreated, sold.status, sold.body)
	set(http.MethodPost, "/v1/links", `{"member": "ann"}`) // nothing is rewarded

	set(http.MethodPost, "/v1/products", free)
	set(http.MethodPut, "/v1/terms", termsBody)
	forbidden(http.MethodPost, "/v1/campaigns", noMinimum)
	forbidden(http.MethodPost, "/v1/campaigns", strings.Replace(noMinimum, "refers", "referred", 1))
	set(http.MethodPost, "/v1/campaigns", friend)
	forbidden(http.MethodPost, "/v1/products/taster/retire", "")
	set(http.MethodPost, "/v1/links", `{"member": "ann"}`)
	set(http.MethodPut, "/v1/terms", flat)
	forbidden(http.MethodPost, "/v1/products/taster/retire", "")
	send(key, http.MethodPost, "/v1/campaigns/b/pause", "", http.StatusOK)
	forbidden(http.MethodPost, "/v1/products/taster/retire", "")
	send(key, http.MethodPost, "/v1/campaigns/b/close", "", http.StatusOK)
	send(key, http.MethodPost, "/v1/products/taster/retire", "", http.StatusOK)

	// What was there before the law was asked of it does not come back.
	house.write(func(tx clearing.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO campaigns (alliance_id, campaign, body, created_at)
			SELECT alliance_id, 'c', '{"code": "c", "when": "refers", "gift": {"points": 1}}', created_at FROM campaigns WHERE campaign = 'b'`)
		if err != nil {
			return err
		}
		if _, err = tx.Exec(t.Context(), `INSERT INTO campaign_sums (alliance_id, campaign, given, committed) SELECT alliance_id, 'c', 0, 0 FROM campaigns WHERE campaign = 'b'`); err != nil {
			return err
		}
		if _, err = tx.Exec(t.Context(), `UPDATE heads SET setup_version = setup_version + 1`); err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), `INSERT INTO campaign_changes (alliance_id, campaign, version, seq, changed_at, change, party, awaiting, paused_by, closed)
			SELECT alliance_id, 'c', 1, seq, changed_at, change, party, false, 'organiser', false FROM campaign_changes WHERE campaign = 'b' AND version = 1`)
		return err
	})
	forbidden(http.MethodPost, "/v1/campaigns/c/resume", "")
	send(key, http.MethodPost, "/v1/campaigns/c/close", "", http.StatusOK)

	h := furnish(t, house)
	h.setsUp("campaigns", noMinimum)
	h.sold("1", "ann")
	h.makesLink("ann")
}

// TestALinkNeedsAFreeCardInALiveCircle: so that nobody has to buy to share.
func TestALinkNeedsAFreeCardInALiveCircle(t *testing.T) {
	t.Parallel()
	house := newHouse(t)
	house.alliance, house.key = house.newAlliance("live", clearing.Live, start)
	h := furnish(t, house)
	h.does(h.cafeKey, "cards", `{"card": "1", "member": "ann", "product": "explorer"}`)
	answer := h.send(http.MethodPost, "/v1/links", h.key, `{"member": "ann"}`)
	require.Equal(t, http.StatusUnprocessableEntity, answer.status)
	require.Equal(t, "recruiting_forbidden", answer.code(t))
	h.setsUp("products", `{"code": "taster", "kind": "free", "benefits": []}`)
	h.does(h.cafeKey, "cards", `{"card": "2", "member": "bob", "product": "taster"}`)
	h.makesLink("bob") // who has paid nothing
}

// TestAMemberHasItsOwnLinks, joins itself, and sees nothing of others'.
func TestAMemberHasItsOwnLinks(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("1", "ann")
	h.sold("2", "bob")
	bobs := h.makesLink("bob")
	ann := h.enters(h.alliance, signin.Link{Person: signin.Person{Member: "ann"}})
	eve := h.enters(h.alliance, signin.Link{Person: signin.Person{Member: "eve"}})
	as := func(cookie, method, path, body string, status int) answer {
		t.Helper()
		answer := h.send(method, path, "", body, "Cookie", cookie)
		require.Equal(t, status, answer.status, answer.body)
		return answer
	}
	var link spec.Link
	require.NoError(t, json.Unmarshal([]byte(as(ann, http.MethodPost, "/v1/links", `{}`, http.StatusCreated).body), &link))
	require.Equal(t, "ann", link.Member)
	as(ann, http.MethodPost, "/v1/links", `{"member": "ann"}`, http.StatusCreated)
	as(ann, http.MethodPost, "/v1/links", `{"member": "bob"}`, http.StatusNotFound)
	as(ann, http.MethodGet, "/v1/links?member=bob", "", http.StatusNotFound)
	var page spec.LinkPage
	require.NoError(t, json.Unmarshal([]byte(as(ann, http.MethodGet, "/v1/links", "", http.StatusOK).body), &page))
	require.Len(t, page.Items, 2)
	as(ann, http.MethodGet, "/v1/links/"+link.Link, "", http.StatusOK)
	foreign := as(ann, http.MethodGet, "/v1/links/"+bobs.Link, "", http.StatusNotFound)
	none := as(ann, http.MethodGet, "/v1/links/0000000000", "", http.StatusNotFound)
	withoutID := func(body string) string { return regexp.MustCompile(`"request_id":"\w+"`).ReplaceAllString(body, "") }
	require.Equal(t, withoutID(none.body), withoutID(foreign.body), "what is another's is answered as if it did not exist")
	as(ann, http.MethodPost, "/v1/links/"+bobs.Link+"/revoke", "", http.StatusNotFound)
	require.Nil(t, h.linkNow(bobs.Link).RevokedAt)

	as(eve, http.MethodPost, "/v1/links", `{}`, http.StatusNotFound) // who has no card yet
	as(eve, http.MethodPost, "/v1/joinings", fmt.Sprintf(`{"link": %q, "member": "fay"}`, link.Link), http.StatusNotFound)
	as(eve, http.MethodPost, "/v1/joinings", fmt.Sprintf(`{"link": %q}`, link.Link), http.StatusOK)
	h.does(h.cafeKey, "cards", `{"card": "3", "member": "eve", "product": "explorer"}`)
	require.NoError(t, json.Unmarshal([]byte(as(ann, http.MethodGet, "/v1/links/"+link.Link, "", http.StatusOK).body), &link))
	require.Equal(t, [4]string{"15.92", "0.00", "0.00", "0.00"}, earned(link), "a member sees what its own link has earned")
	as(ann, http.MethodPost, "/v1/links/"+link.Link+"/revoke", "", http.StatusOK)
}
