package api_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

const (
	annsNumber   = "+8613912345678"
	annsName     = "安然"
	annsBirthday = "07-31"
	annsBody     = `{"telephone": "139 1234 5678", "display_name": "安然", "birthday": "07-31", "language": "zh-CN", "tags": ["vip"]}`
)

// registers registers a person and returns the member's code.
func (h *harbour) registers(key, body string) string {
	h.t.Helper()
	answer := h.send(http.MethodPost, "/v1/members", key, body)
	require.Equal(h.t, http.StatusCreated, answer.status, answer.body)
	var p spec.Person
	require.NoError(h.t, json.Unmarshal([]byte(answer.body), &p))
	return p.Member
}

// as sends a request in the session of a member.
func (h *harbour) as(member string) func(method, path, body string) answer {
	h.t.Helper()
	cookie := h.enters(h.alliance, signin.Link{Person: signin.Person{Member: member}})
	return func(method, path, body string) answer {
		h.t.Helper()
		return h.send(method, path, "", body, "Cookie", cookie)
	}
}

func TestAPersonIsRegisteredAtTheTill(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	_, till := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: "7"})
	answer := h.send(http.MethodPost, "/v1/members", till, annsBody)
	require.Equal(t, http.StatusCreated, answer.status, answer.body)
	var p spec.Person
	require.NoError(t, json.Unmarshal([]byte(answer.body), &p))
	require.Equal(t, "cafe", p.RegisteredBy)
	require.Equal(t, "5678", *p.TelephoneEnd)
	require.Nil(t, p.Telephone, "a cashier sees the last digits")

	require.Equal(t, "telephone_taken", h.send(http.MethodPost, "/v1/members", h.hotpotKey, annsBody).code(t))
	found := h.send(http.MethodPost, "/v1/member-lookups", h.hotpotKey, `{"telephone": "+86 139-1234-5678"}`)
	require.JSONEq(t, `{"member": "`+p.Member+`"}`, found.body, "a known number finds the code, and nothing else")
	h.does(h.hotpotKey, "cards", `{"card": "H1", "member": "`+p.Member+`", "product": "explorer"}`)

	for body, code := range map[string]string{
		`{"telephone": "1"}`:                                                                                   "invalid_document",
		`{"display_name": "x"}`:                                                                                "invalid_request",
		`{"telephone": "13800138001", "birthday": "02-30"}`:                                                    "invalid_document",
		`{"telephone": "13800138001", "birth_year": "1990"}`:                                                   "invalid_request",
		`{"telephone": "13800138001", "member": "bob"}`:                                                        "not_found",
		`{"telephone": "13800138001", "merchant": "hotpot"}`:                                                   "forbidden_merchant",
		`{"telephone": "13800138001", "consents": [{"purpose": "all", "version": 1}]}`:                         "invalid_request",
		`{"telephone": "13800138001", "consents": [{"purpose": "messages", "version": 9}]}`:                    "consent_text_changed",
		`{"telephone": "13800138001", "consents": [{"purpose": "messages", "version": 1, "party": "hotpot"}]}`: "forbidden_merchant",
	} {
		refused := h.send(http.MethodPost, "/v1/members", till, body)
		require.Equal(t, code, refused.code(t), body)
		require.NotContains(t, refused.body, "13800138001")
	}
	h.sold("B1", "bob")
	require.Equal(t, "bob", h.registers(till, `{"telephone": "13800138001", "member": "bob"}`), "a code that the books know, of a card that the shop sold")
	require.Equal(t, "person_exists", h.send(http.MethodPost, "/v1/members", till, `{"telephone": "13800138002", "member": "bob"}`).code(t))
	require.Equal(t, "carl", h.registers(h.key, `{"telephone": "13800138003", "member": "carl"}`), "the organiser registers any code")
	require.Equal(t, "not_found", h.send(http.MethodPost, "/v1/members", h.key, `{"telephone": "13800138004", "merchant": "nowhere"}`).code(t))
}

func TestWhoGoesThroughTelephonesIsStopped(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	member := h.registers(h.cafeKey, annsBody)
	stopped := 0
	for i := range 40 {
		answer := h.send(http.MethodPost, "/v1/member-lookups", h.hotpotKey, fmt.Sprintf(`{"telephone": "139001390%02d"}`, i))
		if answer.status == http.StatusTooManyRequests {
			require.Equal(t, "too_many_attempts", answer.code(t))
			require.NotEmpty(t, answer.header.Get("Retry-After"))
			stopped++
			continue
		}
		require.Equal(t, http.StatusNotFound, answer.status, answer.body)
	}
	require.Equal(t, 10, stopped)
	require.Equal(t, http.StatusTooManyRequests, h.send(http.MethodPost, "/v1/members", h.hotpotKey, annsBody).status, "the other way to ask is closed too")
	require.JSONEq(t, `{"member": "`+member+`"}`, h.send(http.MethodPost, "/v1/member-lookups", h.cafeKey, `{"telephone": "13912345678"}`).body, "another till goes on")
}

func TestWhoSeesWhatOfAPerson(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	_, till := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: "7"})
	member := h.registers(h.cafeKey, annsBody)
	h.registers(h.hotpotKey, `{"telephone": "13800138001"}`)
	path := "/v1/members/" + member + "/person"
	itself := h.as(member)
	whole := `"telephone":"` + annsNumber + `"`
	require.Contains(t, h.send(http.MethodGet, path, h.key, "").body, whole)
	require.Contains(t, h.send(http.MethodGet, path, h.cafeKey, "").body, whole)
	require.Contains(t, itself(http.MethodGet, path, "").body, whole)
	cashiers := h.send(http.MethodGet, path, till, "").body
	require.Contains(t, cashiers, annsName)
	require.NotContains(t, cashiers, "13912345678")
	require.NotContains(t, cashiers, annsBirthday)

	// Another shop sees nothing until the member lets it, and nothing when that is withdrawn.
	consents := "/v1/members/" + member + "/consents"
	require.Equal(t, "not_found", h.send(http.MethodGet, path, h.hotpotKey, "").code(t))
	require.Equal(t, "not_found", h.send(http.MethodGet, consents, h.hotpotKey, "").code(t))
	require.Equal(t, "not_found", h.send(http.MethodPost, consents, h.hotpotKey, `{"purpose": "messages", "decision": "withdrawn"}`).code(t))
	require.Equal(t, http.StatusCreated, itself(http.MethodPost, consents, `{"purpose": "see_details", "party": "hotpot", "decision": "given", "version": 1}`).status)
	require.Contains(t, h.send(http.MethodGet, path, h.hotpotKey, "").body, whole)
	require.Equal(t, http.StatusCreated, h.send(http.MethodPost, consents, h.hotpotKey, `{"purpose": "see_details", "decision": "withdrawn"}`).status, "at its till too")
	require.Equal(t, "not_found", h.send(http.MethodGet, path, h.hotpotKey, "").code(t))

	// A member sees nothing of another.
	other := h.as("somebody")
	for _, part := range []string{"person", "consents", "reads", "knowers", "export", "payout-account"} {
		require.Equal(t, "not_found", other(http.MethodGet, "/v1/members/"+member+"/"+part, "").code(t), part)
	}
	require.Equal(t, "not_found", other(http.MethodDelete, path, "").code(t))
	require.Equal(t, "not_found", other(http.MethodPut, path, annsBody).code(t))
	for _, key := range []string{h.cafeKey, till} {
		for _, method := range []string{http.MethodPut, http.MethodDelete} {
			require.Equal(t, "forbidden", h.send(method, path, key, map[string]string{http.MethodPut: annsBody}[method]).code(t))
		}
	}

	// What was read is on the record, and the member sees it; its own reading is not.
	var reads spec.PersonReadPage
	require.NoError(t, json.Unmarshal([]byte(itself(http.MethodGet, "/v1/members/"+member+"/reads", "").body), &reads))
	var who []string
	for _, r := range reads.Items {
		who = append(who, r.Role+" "+r.Party+" "+r.Operation+" "+strings.Join(r.Fields, ","))
	}
	require.Equal(t, []string{
		"owner hotpot getPerson display_name,language,tags,telephone_end,telephone,birthday",
		"cashier cafe getPerson display_name,language,tags,telephone_end",
		"owner cafe getPerson display_name,language,tags,telephone_end,telephone,birthday",
		"organiser organiser getPerson display_name,language,tags,telephone_end,telephone,birthday",
	}, who)
	knowers := itself(http.MethodGet, "/v1/members/"+member+"/knowers", "")
	var known spec.KnowerList
	require.NoError(t, json.Unmarshal([]byte(knowers.body), &known))
	require.Len(t, known.Items, 3)
	require.Equal(t, []spec.KnowerGrounds{"registered"}, known.Items[1].Grounds)
	require.Contains(t, known.Items[1].Fields, "birthday")
	require.Equal(t, "hotpot", known.Items[2].Party)
	require.Empty(t, known.Items[2].Grounds)
	require.Empty(t, known.Items[2].Fields)
	require.Equal(t, 1, known.Items[2].Reads)
}

func TestConsentsAreDecidedByWhoMay(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	member := h.registers(h.cafeKey, `{"telephone": "13912345678", "consents": [{"purpose": "messages", "version": 1}]}`)
	path := "/v1/members/" + member + "/consents"
	itself := h.as(member)
	require.Equal(t, "forbidden", h.send(http.MethodPost, path, h.cafeKey, `{"purpose": "profiling", "decision": "given", "version": 1}`).code(t))
	require.Equal(t, "invalid_request", itself(http.MethodPost, path, `{"purpose": "profiling", "decision": "given", "version": 1}`).code(t), "to whom?")
	require.Equal(t, "invalid_request", itself(http.MethodPost, path, `{"purpose": "profiling", "party": "organiser", "decision": "given"}`).code(t), "which text?")
	require.Equal(t, "invalid_request", itself(http.MethodPost, path, `{"purpose": "profiling", "party": "organiser", "decision": "refused", "version": 1}`).code(t))
	require.Equal(t, "not_found", itself(http.MethodPost, path, `{"purpose": "profiling", "party": "nowhere", "decision": "refused"}`).code(t))
	require.Equal(t, http.StatusCreated, itself(http.MethodPost, path, `{"purpose": "profiling", "party": "organiser", "decision": "refused"}`).status)
	require.Equal(t, http.StatusCreated, h.send(http.MethodPost, path, h.key, `{"purpose": "see_details", "party": "hotpot", "decision": "given", "version": 1}`).status)

	text := h.send(http.MethodPut, "/v1/consent-texts/messages", h.key, `{"chinese": "我同意。", "english": "I agree."}`)
	require.Contains(t, text.body, `"version":2`)
	require.Contains(t, itself(http.MethodGet, "/v1/consent-texts", "").body, "I agree.")
	require.Equal(t, "consent_text_changed", itself(http.MethodPost, path, `{"purpose": "messages", "party": "hotpot", "decision": "given", "version": 1}`).code(t))
	require.Equal(t, "forbidden", h.send(http.MethodPut, "/v1/consent-texts/messages", h.cafeKey, `{"chinese": "我同意。", "english": "I agree."}`).code(t))

	decided := func(a answer) (all []string) {
		var list spec.ConsentList
		require.NoError(t, json.Unmarshal([]byte(a.body), &list))
		for _, c := range list.Items {
			all = append(all, fmt.Sprintf("%s %s %s %d %s", c.Purpose, c.Party, c.Decision, c.Version, c.Place))
		}
		return all
	}
	require.Equal(t, []string{
		"see_details hotpot given 1 organiser", "profiling organiser refused 1 member", "messages cafe given 1 till cafe/1",
	}, decided(itself(http.MethodGet, path, "")))
	require.Equal(t, []string{"messages cafe given 1 till cafe/1"}, decided(h.send(http.MethodGet, path, h.cafeKey, "")), "a shop sees what is about itself")
}

func TestAnExportHasAllThatIsKnown(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	member := h.registers(h.cafeKey, annsBody)
	h.sold("8801", member)
	h.does(h.hotpotKey, "purchases", `{"card": "8801", "bill": "88.00"}`)
	h.does(h.cafeKey, "spends", `{"card": "8801", "amount": "20.00"}`)
	h.does(h.cafeKey, "cards", `{"card": "B1", "member": "bob", "product": "explorer", "referrer": "`+member+`"}`)
	itself := h.as(member)
	require.Equal(t, http.StatusOK, itself(http.MethodPut, "/v1/members/"+member+"/payout-account", `{"holder": "安然", "number": "6228480322334455662", "bank": "中国农业银行杭州分行", "tax_number": "11010519491231002X"}`).status)
	h.send(http.MethodGet, "/v1/members/"+member+"/person", h.cafeKey, "")

	answer := itself(http.MethodGet, "/v1/members/"+member+"/export", "")
	require.Equal(t, http.StatusOK, answer.status, answer.body)
	require.Contains(t, answer.header.Get("Content-Disposition"), "lianka-harbour-"+member+".json")
	var e spec.PersonExport
	require.NoError(t, json.Unmarshal([]byte(answer.body), &e))
	require.Equal(t, annsNumber, e.Person.Telephone)
	require.Equal(t, annsName, *e.Person.DisplayName)
	require.Equal(t, annsBirthday, *e.Person.Birthday)
	require.Equal(t, "5662", *e.Person.PayoutAccountEnds)
	require.Len(t, e.Cards, 1)
	card := e.Cards[0]
	require.Equal(t, "8801", card.Card)
	var lines []string
	for _, l := range card.Lines {
		lines = append(lines, fmt.Sprintf("%s %s amount=%s value=%s bonus=%s", l.Type, orNone(l.Merchant), orNone(l.Amount), orNone(l.Value), orNone(l.Bonus)))
	}
	require.Equal(t, []string{
		"value.spent cafe amount=20.00 value=-20.00 bonus=", "purchase.recorded hotpot amount=88.00 value= bonus=",
		"card.topped_up cafe amount=300.00 value=300.00 bonus=30.00", "card.sold cafe amount=199.00 value= bonus=",
	}, lines)
	require.Equal(t, "15.92", e.Commission.Pending)
	require.Len(t, e.Commission.Earnings, 1)
	require.Len(t, e.Reads, 1)
	require.NotContains(t, answer.body, "6228480322334455662")

	page := itself(http.MethodGet, "/v1/members/"+member+"/export?format=html", "")
	require.Equal(t, "text/html; charset=utf-8", page.header.Get("Content-Type"))
	for _, shown := range []string{"我的资料 My data", annsName, annsNumber, annsBirthday, "售卡", "Card sold", "-20.00", "15.92", "在本店登记 registered here", "2026-10-01 09:"} {
		require.Contains(t, html.UnescapeString(page.body), shown)
	}
	for _, outside := range []string{"http://", "https://", "<script", "src="} {
		require.NotContains(t, page.body, outside)
	}
}

func orNone(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// TestACardThatWasGivenShowsNothingOfBefore: whoever had it before is another person.
func TestACardThatWasGivenShowsNothingOfBefore(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	member := h.registers(h.cafeKey, annsBody)
	h.sold("8801", "bob")
	h.does(h.cafeKey, "spends", `{"card": "8801", "amount": "20.00"}`)
	h.does(h.cafeKey, "givings", `{"card": "8801", "member": "`+member+`"}`)
	h.does(h.cafeKey, "spends", `{"card": "8801", "amount": "7.00"}`)
	answer := h.as(member)(http.MethodGet, "/v1/members/"+member+"/export", "")
	require.Contains(t, answer.body, `"7.00"`)
	require.NotContains(t, answer.body, `"20.00"`)
	require.NotContains(t, answer.body, "card.sold")
}

func TestAServerWithoutAMasterKeyGoesOn(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, func(c *api.Config) { c.People = nil })
	h.sold("8801", "ann")
	for _, r := range [][2]string{{http.MethodPost, "/v1/members"}, {http.MethodGet, "/v1/members/ann/person"}, {http.MethodGet, "/v1/consent-texts"}} {
		answer := h.send(r[0], r[1], h.key, map[string]string{http.MethodPost: annsBody}[r[0]])
		require.Equal(t, http.StatusServiceUnavailable, answer.status)
		require.Equal(t, "people_unavailable", answer.code(t))
		require.Contains(t, answer.body, "without a master key")
	}
}

// TestPersonalDataIsNowhereButInItsAnswers: not in the log, the metrics, errors, the journal or
// the feed.
func TestPersonalDataIsNowhereButInItsAnswers(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	member := h.registers(h.cafeKey, annsBody)
	h.sold("8801", member)
	itself := h.as(member)
	h.send(http.MethodPost, "/v1/members", h.cafeKey, annsBody)
	h.send(http.MethodPost, "/v1/member-lookups", h.hotpotKey, `{"telephone": "13912345678"}`)
	h.send(http.MethodGet, "/v1/members/13912345678/person", h.key, "")
	h.send(http.MethodGet, "/v1/members/"+annsName+"/person?x="+annsName, h.key, "")
	var errs strings.Builder
	for _, body := range []string{
		`{"telephone": "13912345678", "display_name": "安然", "birthday": "安然"}`, `{"telephone": "13912345678", "language": "安然"}`, `{"telephone": "13912345678 13912345678"}`,
		`{"telephone": {"安然": "13912345678"}}`, `{"telephone": "13912345678", "tags": ["安然", ""]}`, `{"telephone": "13912345678", "birthday": "07-31"`,
	} {
		answer := itself(http.MethodPut, "/v1/members/"+member+"/person", body)
		require.GreaterOrEqual(t, answer.status, 400)
		errs.WriteString(answer.body)
	}
	answer := itself(http.MethodPut, "/v1/members/"+member+"/payout-account", `{"holder": "安然", "number": "6228480322334455661", "bank": "b"}`)
	require.Equal(t, "invalid_document", answer.code(t))
	errs.WriteString(answer.body)
	journal := h.send(http.MethodGet, "/v1/journal?format=csv", h.key, "")
	require.Equal(t, http.StatusOK, journal.status, journal.body)
	for name, text := range map[string]string{
		"log": h.log.String(), "metrics": h.send(http.MethodGet, "/metrics", "", "").body, "errors": errs.String(),
		"journal": journal.body, "feed": h.send(http.MethodGet, "/v1/events", h.key, "").body,
	} {
		require.NotEmpty(t, text, name)
		for _, personal := range []string{"13912345678", annsName, "62284803", "07-31"} {
			require.NotContains(t, text, personal, name)
		}
	}
}

// TestAFreeCardOpensNoPerson: a shop could give one to any member's code. One that was sold for money opens
// what its home may see.
func TestAFreeCardOpensNoPerson(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.setsUp("products", `{"code": "guest", "kind": "free"}`)
	_, owner := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "hotpot", Till: "office", Right: access.OwnerRight})
	member := h.registers(h.cafeKey, annsBody)
	h.does(h.hotpotKey, "cards", `{"card": "G1", "member": "`+member+`", "product": "guest"}`)
	require.Equal(t, "not_found", h.send(http.MethodGet, "/v1/members/"+member+"/person", owner, "").code(t))
	h.does(h.hotpotKey, "cards", `{"card": "H1", "member": "`+member+`", "product": "explorer"}`)
	answer := h.send(http.MethodGet, "/v1/members/"+member+"/person", owner, "")
	require.Equal(t, http.StatusOK, answer.status, answer.body)
}
