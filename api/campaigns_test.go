package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/merchant/access"
)

// newCampaigns is a harbour where campaigns give.
func newCampaigns(t *testing.T) *harbour {
	t.Helper()
	h := newHarbour(t)
	h.does(h.cafeKey, "cards", `{"card": "8801", "member": "ann", "product": "explorer"}`)
	return h
}

// cashier returns a key of a cashier of a shop.
func (h *harbour) cashier(shop string) string {
	h.t.Helper()
	_, key := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: shop, Till: h.fresh(), Right: access.CashierRight})
	return key
}

// asked sends a request and returns the body of its answer.
func asked[T any](h *harbour, method, path, key, body string, status int) (into T) {
	h.t.Helper()
	answer := h.send(method, path, key, body)
	require.Equal(h.t, status, answer.status, answer.body)
	require.NoError(h.t, json.Unmarshal([]byte(answer.body), &into))
	return into
}

// stands returns how a campaign stands.
func (h *harbour) stands(code string) spec.Campaign {
	h.t.Helper()
	return asked[spec.CampaignDetail](h, http.MethodGet, "/v1/campaigns/"+code, h.key, "", http.StatusOK).Campaign
}

// switches pauses, resumes, closes or agrees, and returns how the campaign stands then.
func (h *harbour) switches(key, code, how, body string) spec.Campaign {
	h.t.Helper()
	return asked[spec.Campaign](h, http.MethodPost, "/v1/campaigns/"+code+"/"+how, key, body, http.StatusOK)
}

// buys books a purchase and returns how often a campaign was given then.
func (h *harbour) buys(code string) int64 {
	h.t.Helper()
	h.does(h.cafeKey, "purchases", `{"card": "8801", "bill": "10.00"}`)
	return h.stands(code).Given
}

const manyTimes = `{"code": "treat", "when": "use", "per_member": 100, "budget": "10.00", "gift": {"points": 100}%s}`

func TestACampaignGivesOnlyWhileItRuns(t *testing.T) {
	t.Parallel()
	h := newCampaigns(t)
	added := asked[spec.Campaign](h, http.MethodPost, "/v1/campaigns", h.key, fmt.Sprintf(manyTimes, ""), http.StatusCreated)
	require.Equal(t, []any{spec.CampaignStateRunning, 1, "organiser", "10.00", int64(0)}, []any{added.State, added.Version, added.FundedBy, *added.BudgetLeft, added.Given})
	require.EqualValues(t, 1, h.buys("treat"))

	// The test clock stands still, so that all of this has one instant.
	for range 2 {
		paused := h.switches(h.key, "treat", "pause", "")
		require.Equal(t, []any{spec.CampaignStatePaused, 2}, []any{paused.State, paused.Version}, "twice changes nothing")
	}
	require.EqualValues(t, 1, h.buys("treat"))
	for range 2 {
		require.Equal(t, 3, h.switches(h.key, "treat", "resume", "").Version)
	}
	require.EqualValues(t, 2, h.buys("treat"))
	require.Equal(t, "2.00", h.stands("treat").Committed)
	require.Equal(t, spec.CampaignStateClosed, h.switches(h.key, "treat", "close", "").State)
	require.Equal(t, spec.CampaignStateClosed, h.switches(h.key, "treat", "close", "").State)
	require.EqualValues(t, 2, h.buys("treat"))
	for _, how := range []string{"pause", "resume"} {
		answer := h.send(http.MethodPost, "/v1/campaigns/treat/"+how, h.key, "")
		require.Equal(t, []any{http.StatusConflict, "campaign_ended"}, []any{answer.status, answer.code(t)})
	}
	answer := h.send(http.MethodPatch, "/v1/campaigns/treat", h.key, `{"budget": "20.00"}`)
	require.Equal(t, "campaign_ended", answer.code(t))

	// Its history says which transaction each change came after, and the feed tells of them.
	detail := asked[spec.CampaignDetail](h, http.MethodGet, "/v1/campaigns/treat", h.key, "", http.StatusOK)
	var changes []string
	for _, v := range detail.Versions {
		changes = append(changes, v.Change+" "+v.AfterTransaction)
	}
	require.Equal(t, []string{"campaign.added txn_1", "campaign.paused txn_3", "campaign.resumed txn_4", "campaign.closed txn_6"}, changes)
	require.Equal(t, []string{"campaign.added", "campaign.paused", "campaign.resumed", "campaign.closed"}, h.told("campaign."))
	h.audit(h.alliance)
}

// told returns the types of the events in the organiser's feed that begin with a prefix.
func (h *harbour) told(prefix string) (types []string) {
	h.t.Helper()
	page, err := h.organiser.ListEventsWithResponse(h.t.Context(), &spec.ListEventsParams{Limit: pointer(100)})
	for _, e := range ok(h.t, page.JSON200, page.ApplicationProblemJSONDefault, err).Items {
		if strings.HasPrefix(e.Type, prefix) {
			types = append(types, e.Type)
		}
	}
	return types
}

func TestAShopAgreesToWhatItFunds(t *testing.T) {
	t.Parallel()
	h := newCampaigns(t)
	added := asked[spec.Campaign](h, http.MethodPost, "/v1/campaigns", h.key, fmt.Sprintf(manyTimes, `, "funded_by": "cafe"`), http.StatusCreated)
	require.Equal(t, spec.CampaignStateAwaitingConsent, added.State)
	require.Zero(t, h.buys("treat"))

	// Neither the organiser nor another shop agrees for it, nor does its own cashier.
	for name, c := range map[string]struct {
		key    string
		status int
		code   string
	}{
		"organiser": {h.key, http.StatusForbidden, "forbidden"}, "another": {h.hotpotKey, http.StatusNotFound, "not_found"},
		"cashier": {h.cashier("cafe"), http.StatusForbidden, "forbidden"},
	} {
		answer := h.send(http.MethodPost, "/v1/campaigns/treat/agree", c.key, `{"version": 1}`)
		require.Equal(t, []any{c.status, c.code}, []any{answer.status, answer.code(t)}, name)
	}
	require.Equal(t, http.StatusNotFound, h.send(http.MethodGet, "/v1/campaigns/treat", h.hotpotKey, "").status)
	require.Empty(t, asked[spec.CampaignPage](h, http.MethodGet, "/v1/campaigns", h.hotpotKey, "", http.StatusOK).Items)
	require.Len(t, asked[spec.CampaignPage](h, http.MethodGet, "/v1/campaigns", h.cafeKey, "", http.StatusOK).Items, 1)

	// What it agrees to is what it has read.
	changed := asked[spec.Campaign](h, http.MethodPatch, "/v1/campaigns/treat", h.key, `{"budget": "9.00"}`, http.StatusOK)
	require.Equal(t, 2, changed.Version)
	answer := h.send(http.MethodPost, "/v1/campaigns/treat/agree", h.cafeKey, `{"version": 1}`)
	require.Equal(t, []any{http.StatusConflict, "campaign_changed"}, []any{answer.status, answer.code(t)})
	for range 2 {
		agreed := h.switches(h.cafeKey, "treat", "agree", `{"version": 2}`)
		require.Equal(t, []any{spec.CampaignStateRunning, 3, "cafe"}, []any{agreed.State, agreed.Version, agreed.ChangedBy})
	}
	require.EqualValues(t, 1, h.buys("treat"))

	// What may cost it more needs its consent again; what costs it less, or what it does itself, does not.
	amend := func(key, body string) spec.CampaignState {
		return asked[spec.Campaign](h, http.MethodPatch, "/v1/campaigns/treat", key, body, http.StatusOK).State
	}
	require.Equal(t, spec.CampaignStateRunning, amend(h.key, `{"budget": "8.00", "until": "2027-01-01T00:00:00+08:00"}`))
	require.Equal(t, spec.CampaignStateRunning, amend(h.cafeKey, `{"budget": "9.00", "until": "2027-02-01T00:00:00+08:00", "per_member": 200}`))
	for _, body := range []string{`{"budget": "9.01"}`, `{"until": "2027-03-01T00:00:00+08:00"}`, `{"per_member": 201}`} {
		require.Equal(t, spec.CampaignStateAwaitingConsent, amend(h.key, body), body)
		given := h.stands("treat").Given
		require.Equal(t, given, h.buys("treat"), "it gives nothing until then")
		require.Equal(t, spec.CampaignStateRunning, h.switches(h.cafeKey, "treat", "agree", fmt.Sprintf(`{"version": %d}`, h.stands("treat").Version)).State)
		require.Equal(t, given+1, h.buys("treat"))
	}

	// What the shop has paused the organiser can't switch on alone, nor by pausing it as well.
	h.switches(h.cafeKey, "treat", "pause", "")
	h.switches(h.key, "treat", "pause", "")
	require.Equal(t, spec.CampaignStateAwaitingConsent, h.switches(h.key, "treat", "resume", "").State)
	require.Equal(t, spec.CampaignStateRunning, h.switches(h.cafeKey, "treat", "agree", fmt.Sprintf(`{"version": %d}`, h.stands("treat").Version)).State)
	h.switches(h.key, "treat", "pause", "")
	require.Equal(t, spec.CampaignStateRunning, h.switches(h.key, "treat", "resume", "").State, "its own pause")
	h.audit(h.alliance)
}

func TestAShopAddsWhatItFunds(t *testing.T) {
	t.Parallel()
	h := newCampaigns(t)
	added := asked[spec.Campaign](h, http.MethodPost, "/v1/campaigns", h.cafeKey, fmt.Sprintf(manyTimes, ""), http.StatusCreated)
	require.Equal(t, []any{"cafe", spec.CampaignStateRunning, "cafe"}, []any{added.FundedBy, added.State, added.ChangedBy})
	for _, funder := range []string{"hotpot", "organiser"} {
		answer := h.send(http.MethodPost, "/v1/campaigns", h.cafeKey, fmt.Sprintf(manyTimes, fmt.Sprintf(`, "funded_by": %q`, funder)))
		require.Equal(t, []any{http.StatusForbidden, "forbidden_merchant"}, []any{answer.status, answer.code(t)})
		require.Contains(t, answer.body, `"path":"funded_by"`)
	}
	require.Equal(t, http.StatusForbidden, h.send(http.MethodPost, "/v1/campaigns", h.cashier("cafe"), fmt.Sprintf(manyTimes, "")).status)
	require.Equal(t, http.StatusNotFound, h.send(http.MethodPost, "/v1/campaigns/treat/pause", h.hotpotKey, "").status)

	page, err := h.cafe.ListEventsWithResponse(t.Context(), nil)
	var told []string
	for _, e := range ok(t, page.JSON200, page.ApplicationProblemJSONDefault, err).Items {
		if strings.HasPrefix(e.Type, "campaign.") {
			told = append(told, e.Type)
		}
	}
	require.Equal(t, []string{"campaign.added"}, told, "its own feed tells of it")
}

func TestAChangeHurtsNothingThatWasGiven(t *testing.T) {
	t.Parallel()
	h := newCampaigns(t)
	asked[spec.Campaign](h, http.MethodPost, "/v1/campaigns", h.key, fmt.Sprintf(manyTimes, `, "from": "2026-09-01T00:00:00+08:00"`), http.StatusCreated)
	require.EqualValues(t, 1, h.buys("treat"))
	require.EqualValues(t, 2, h.buys("treat"))
	for name, c := range map[string]struct{ body, path, says string }{
		"less than committed": {`{"budget": "1.99"}`, "budget", "1.99 is less than the 2.00 that is committed"},
		"no amount":           {`{"budget": "much"}`, "budget", "much"},
		"in the past":         {`{"until": "2026-10-01T08:59:59+08:00"}`, "until", "is in the past"},
		"no instant":          {`{"until": "2027-01-01"}`, "until", "is not an instant"},
		"fewer":               {`{"per_member": 99}`, "per_member", "99 is less than the 100"},
		"none":                {`{"per_member": 0}`, "per_member", "0 is not between 1"},
	} {
		answer := h.send(http.MethodPatch, "/v1/campaigns/treat", h.key, c.body)
		require.Equal(t, []any{422, "invalid_document"}, []any{answer.status, answer.code(t)}, "%s: %s", name, answer.body)
		require.Contains(t, answer.body, `"path":"`+c.path+`"`, name)
		require.Contains(t, answer.body, c.says, name)
	}
	for _, body := range []string{`{"gift": {"points": 1}}`, `{"funded_by": "cafe"}`} {
		require.Equal(t, http.StatusBadRequest, h.send(http.MethodPatch, "/v1/campaigns/treat", h.key, body).status, body)
	}
	require.Equal(t, http.StatusNotFound, h.send(http.MethodPatch, "/v1/campaigns/none", h.key, `{"budget": "1.00"}`).status)
	chinese := h.send(http.MethodPatch, "/v1/campaigns/treat", h.key, `{"budget": "1.99"}`, "Accept-Language", "zh")
	require.Contains(t, chinese.body, "1.99 低于赠礼已占用的 2.00")

	// Down to what is committed, and then nothing more is given: the budget holds.
	require.Equal(t, 2, asked[spec.Campaign](h, http.MethodPatch, "/v1/campaigns/treat", h.key, `{"budget": "2.00"}`, http.StatusOK).Version)
	require.Equal(t, 2, asked[spec.Campaign](h, http.MethodPatch, "/v1/campaigns/treat", h.key, `{"budget": "2.00"}`, http.StatusOK).Version, "it stays")
	require.EqualValues(t, 2, h.buys("treat"))
	asked[spec.Campaign](h, http.MethodPatch, "/v1/campaigns/treat", h.key, `{"budget": "3.50"}`, http.StatusOK)
	require.EqualValues(t, 3, h.buys("treat"))
	require.EqualValues(t, 3, h.buys("treat"), "0.50 is not enough for another")

	// It ends now, and again later.
	asked[spec.Campaign](h, http.MethodPatch, "/v1/campaigns/treat", h.key, `{"budget": "100", "until": "2026-10-01T09:00:00+08:00"}`, http.StatusOK)
	require.EqualValues(t, 3, h.buys("treat"))
	asked[spec.Campaign](h, http.MethodPatch, "/v1/campaigns/treat", h.key, `{"until": "2026-10-02T09:00:00+08:00"}`, http.StatusOK)
	require.EqualValues(t, 4, h.buys("treat"))
	h.audit(h.alliance)
}

// TestTheAuditTakesCampaignsAsTheyStood: a campaign that answers referrals was added after a
// member's first use, and is closed by now. With the campaigns as they are in the end, the
// first use would count as answered.
func TestTheAuditTakesCampaignsAsTheyStood(t *testing.T) {
	t.Parallel()
	h := newCampaigns(t)
	h.does(h.cafeKey, "cards", `{"card": "8802", "member": "bob", "product": "explorer", "referrer": "ann"}`)
	h.does(h.cafeKey, "cards", `{"card": "8803", "member": "cid", "product": "explorer", "referrer": "ann"}`)
	h.does(h.cafeKey, "purchases", `{"card": "8802", "bill": "10.00"}`)
	h.audit(h.alliance)
	asked[spec.Campaign](h, http.MethodPost, "/v1/campaigns", h.key, `{"code": "thanks", "when": "refers", "gift": {"points": 5}}`, http.StatusCreated)
	h.audit(h.alliance)
	h.does(h.cafeKey, "purchases", `{"card": "8803", "bill": "10.00"}`)
	require.EqualValues(t, 1, h.stands("thanks").Given)

	// A restarted server and a second one decide the same.
	second := &harbour{house: h.another(), cafeKey: h.cafeKey, counter: 1000}
	h.switches(h.key, "thanks", "pause", "")
	second.does(h.cafeKey, "purchases", `{"card": "8802", "bill": "10.00"}`)
	require.EqualValues(t, 1, h.stands("thanks").Given, "the other server knows at once that it is paused")
	h.switches(h.key, "thanks", "close", "")
	h.audit(h.alliance)
}

func TestTiersStayWhileACampaignNamesThem(t *testing.T) {
	t.Parallel()
	h := newCampaigns(t)
	tiers := func(ladder string) string {
		return strings.TrimSuffix(termsBody, "}") + `, "refunds": {"cooling_off_days": 3}, "tiers": {"measure": "spent", "months": 12, "ladder": [` + ladder + `]}}`
	}
	const basic, silver, gold = `{"code": "basic", "from": "0.00", "points_rate": "1"}`, `{"code": "silver", "from": "20.00", "points_rate": "1.2"}`,
		`{"code": "gold", "from": "500.00", "points_rate": "2"}`
	for path, body := range map[string]string{
		"tiers.ladder[1].from":        tiers(basic + "," + strings.Replace(silver, "20.00", "0.00", 1)),
		"tiers.ladder[0].from":        tiers(silver),
		"tiers.ladder[1].points_rate": tiers(basic + "," + strings.Replace(silver, "1.2", "101", 1)),
		"tiers.ladder[1].code":        tiers(basic + "," + strings.Replace(silver, "silver", "basic", 1)),
		"tiers.measure":               strings.Replace(tiers(basic), "spent", "visits", 1),
		"tiers.months":                strings.Replace(tiers(basic), "12", "37", 1),
		"refunds.cooling_off_days":    strings.Replace(tiers(basic), `"cooling_off_days": 3`, `"cooling_off_days": 366`, 1),
		"stored_value.scope":          strings.Replace(termsBody, `"limit"`, `"scope": "street", "limit"`, 1),
		"stored_value.hold_minutes":   strings.Replace(termsBody, `"limit"`, `"hold_minutes": 0, "limit"`, 1),
	} {
		answer := h.send(http.MethodPut, "/v1/terms", h.key, body)
		require.Equal(t, []any{422, "invalid_document"}, []any{answer.status, answer.code(t)}, "%s: %s", path, answer.body)
		require.Contains(t, answer.body, `"path":"`+path+`"`)
	}
	require.Equal(t, 2, asked[spec.TermsInForce](h, http.MethodPut, "/v1/terms", h.key, tiers(basic+","+silver+","+gold), http.StatusOK).Version)
	terms := asked[spec.TermsInForce](h, http.MethodGet, "/v1/terms", h.cafeKey, "", http.StatusOK).Terms
	require.Equal(t, "silver", terms.Tiers.Ladder[1].Code)
	require.Equal(t, 3, *terms.Refunds.CoolingOffDays)

	body := `{"code": "climb", "when": "tier", "tier": "silver", "gift": {"points": 7}}`
	answer := h.send(http.MethodPost, "/v1/campaigns", h.key, strings.Replace(body, "silver", "platinum", 1))
	require.Contains(t, answer.body, `"path":"tier"`)
	asked[spec.Campaign](h, http.MethodPost, "/v1/campaigns", h.key, body, http.StatusCreated)
	for path, body := range map[string]string{
		"tiers":        termsBody,
		"tiers.ladder": tiers(basic + "," + gold),
	} {
		answer := h.send(http.MethodPut, "/v1/terms", h.key, body)
		require.Equal(t, []any{422, "invalid_document"}, []any{answer.status, answer.code(t)}, answer.body)
		require.Contains(t, answer.body, `"path":"`+path+`"`)
		require.Contains(t, answer.body, "climb")
	}
	first := strings.Replace(silver, "20.00", "0.00", 1)
	require.Contains(t, h.send(http.MethodPut, "/v1/terms", h.key, tiers(first+","+gold)).body, "climb")
	require.EqualValues(t, 0, h.buys("climb"))
	require.EqualValues(t, 1, h.buys("climb"), "20.00 is silver")

	h.switches(h.key, "climb", "close", "")
	asked[spec.TermsInForce](h, http.MethodPut, "/v1/terms", h.key, tiers(basic+","+gold), http.StatusOK)
	require.EqualValues(t, 1, h.buys("climb"), "a closed one no longer keeps its tier")
	h.audit(h.alliance)
}

func TestCampaignsThatBreakARule(t *testing.T) {
	t.Parallel()
	h := newCampaigns(t)
	for path, body := range map[string]string{
		"when":                     `{"code": "c", "when": "often", "gift": {"points": 1}}`,
		"minimum":                  `{"code": "c", "when": "joined", "minimum": "1.00", "gift": {"points": 1}}`,
		"tier":                     `{"code": "c", "when": "joined", "tier": "silver", "gift": {"points": 1}}`,
		"home":                     `{"code": "c", "when": "joined", "home": "gym", "gift": {"points": 1}}`,
		"until":                    `{"code": "c", "when": "joined", "from": "2027-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z", "gift": {"points": 1}}`,
		"funded_by":                `{"code": "c", "when": "joined", "funded_by": "gym", "gift": {"points": 1}}`,
		"gift":                     `{"code": "c", "when": "joined", "gift": {}}`,
		"gift.points":              `{"code": "c", "when": "joined", "gift": {"points": 0}}`,
		"gift.bonus":               `{"code": "c", "when": "joined", "gift": {"bonus": "0.00"}}`,
		"gift.coupons[0].code":     `{"code": "c", "when": "joined", "gift": {"coupons": [{"code": "coffee", "merchants": ["cafe"], "discount": "1.00", "valid_days": 1}]}}`,
		"gift.coupons[0].discount": `{"code": "c", "when": "joined", "gift": {"coupons": [{"code": "x", "merchants": ["cafe"], "discount": "0", "valid_days": 1}]}}`,
	} {
		answer := h.send(http.MethodPost, "/v1/campaigns", h.key, body)
		require.Equal(t, []any{422, "invalid_document"}, []any{answer.status, answer.code(t)}, "%s: %s", path, answer.body)
		require.Contains(t, answer.body, `"path":"`+path+`"`)
	}
	const coupon = `{"code": "c", "when": "joined", "gift": {"coupons": [{"code": "c5", "merchants": ["cafe"], "discount": "5.00", "valid_days": 30}]}}`
	added := asked[spec.Campaign](h, http.MethodPost, "/v1/campaigns", h.key, coupon, http.StatusCreated)
	require.Equal(t, 1, *(*added.Gift.Coupons)[0].Uses, "defaults are filled in")
	answer := h.send(http.MethodPost, "/v1/campaigns", h.key, coupon)
	require.Equal(t, []any{http.StatusConflict, "campaign_exists"}, []any{answer.status, answer.code(t)})
	answer = h.send(http.MethodPost, "/v1/products", h.key, `{"code": "p", "kind": "free", "benefits": [{"code": "c5", "kind": "coupon", "merchants": ["cafe"], "discount": "1.00"}]}`)
	require.Contains(t, answer.body, `"path":"benefits[0].code"`)
	chinese := h.send(http.MethodPost, "/v1/campaigns", h.key, `{"code": "d", "when": "joined", "gift": {}}`, "Accept-Language", "zh")
	require.Contains(t, chinese.body, "礼品须有积分")
}

func TestAProductHasAListPrice(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	body := `{"code": "p", "kind": "paid", "price": "50.00", "benefits": [{"code": "tea", "kind": "pass", "merchant": "cafe", "reimbursement": "12.00"%s}]}`
	product := asked[spec.ProductOnSale](h, http.MethodPost, "/v1/products", h.key, fmt.Sprintf(body, `, "list_price": "18.00"`), http.StatusCreated)
	require.Equal(t, "18.00", *product.Benefits[0].ListPrice)
	product = asked[spec.ProductOnSale](h, http.MethodGet, "/v1/products/explorer", h.cafeKey, "", http.StatusOK)
	require.Equal(t, "12.00", *product.Benefits[0].ListPrice, "the reimbursement if left out")
	answer := h.send(http.MethodPost, "/v1/products", h.key, fmt.Sprintf(body, `, "list_price": "x"`))
	require.Contains(t, answer.body, `"path":"benefits[0].list_price"`)
}
