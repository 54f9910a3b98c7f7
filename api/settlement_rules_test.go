package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/merchant/access"
)

// newTerms gives the circle other terms than the usual ones, in which some text is
// replaced.
func (h *harbour) newTerms(replace ...string) {
	h.t.Helper()
	answer := h.send(http.MethodPut, "/v1/terms", h.key, strings.NewReplacer(replace...).Replace(termsBody))
	require.Equal(h.t, http.StatusOK, answer.status, answer.body)
}

// advanceTo moves the circle's clock.
func (h *harbour) advanceTo(instant string) {
	h.t.Helper()
	answer := h.send(http.MethodPost, "/v1/test-clock/advance", h.key, fmt.Sprintf(`{"to": %q}`, instant))
	require.Equal(h.t, http.StatusOK, answer.status, answer.body)
}

const lateTerms = `"offline": {"max_hours": 48, "max_count": 1, "max_amount": "100.00"}, "settlement"`

// The cafe's late upload of a card that the hotpot sold moves the hotpot's account, and
// is no upload of the hotpot.
func TestALateUploadUsesUpTheLimitOfItsOwnShop(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.newTerms(`{"sale"`, `{"funding": "at_use", "sale"`, `"settlement"`, lateTerms)
	h.does(h.hotpotKey, "cards", `{"card": "8801", "member": "ann", "product": "explorer"}`)
	h.does(h.hotpotKey, "top-ups", `{"card": "8801", "amount": "300.00"}`)
	h.advanceTo("2026-10-02T12:00:00+08:00")
	late := func(amount string) string {
		return fmt.Sprintf(`{"card": "8801", "amount": %q, "occurred_at": "2026-10-02T10:00:00+08:00"}`, amount)
	}
	h.does(h.cafeKey, "spends", late("90.00"))
	h.does(h.hotpotKey, "spends", late("10.00"))
	require.Equal(t, "offline_too_much", h.refused(h.hotpotKey, "spends", late("10.00"), http.StatusUnprocessableEntity))
	h.audit(h.alliance)
}

func TestAUseIsNotOlderThanTheCard(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.newTerms(`"settlement"`, lateTerms)
	h.advanceTo("2026-10-02T12:00:00+08:00")
	h.sold("8801", "ann")
	h.advanceTo("2026-10-02T13:00:00+08:00")
	answer := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, `{"card": "8801", "amount": "10.00", "occurred_at": "2026-10-02T11:59:59+08:00"}`, "Idempotency-Key", h.fresh())
	require.Equal(t, http.StatusUnprocessableEntity, answer.status, answer.body)
	require.Equal(t, "before_sale", answer.code(t))
	require.Contains(t, answer.body, "2026-10-02T04:00:00Z", "it says when the card was sold")
	h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "10.00", "occurred_at": "2026-10-02T12:00:00+08:00"}`)
}

func TestTransactionsAndJournalsSayWhenALateUseHappened(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.newTerms(`"settlement"`, lateTerms)
	h.sold("8801", "ann")
	h.advanceTo("2026-10-02T12:00:00+08:00")
	late := h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "10.00", "occurred_at": "2026-10-02T10:30:00+08:00"}`)
	now := h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "10.00"}`)
	for _, key := range []string{h.key, h.hotpotKey} {
		one := h.send(http.MethodGet, "/v1/transactions/"+late.Transaction, key, "")
		require.Contains(t, one.body, `"occurred_at":"2026-10-02T02:30:00Z"`)
		require.Equal(t, 1, strings.Count(h.send(http.MethodGet, "/v1/transactions", key, "").body, `"occurred_at"`))
		require.NotContains(t, h.send(http.MethodGet, "/v1/transactions/"+now.Transaction, key, "").body, "occurred_at")
		for format, want := range map[string]string{
			"csv": ",2026-10-02T02:30:00Z,,,,\n", "hledger": "\n    ; occurred_at:2026-10-02T02:30:00Z\n", "beancount": "\n  occurred_at: \"2026-10-02T02:30:00Z\"\n",
		} {
			journal := h.send(http.MethodGet, "/v1/journal?format="+format, key, "")
			require.Contains(t, journal.body, want, format)
		}
	}
}

// With at_use a shop that honours its own card pays the clearing fee. That is no sale, so
// a shop at its cap goes on honouring.
func TestAShopAtItsCapHonoursItsOwnCards(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.newTerms(`{"sale"`, `{"funding": "at_use", "sale"`)
	answer := h.send(http.MethodPost, "/v1/shops", h.key, `{"code": "spa", "debit_cap": "9.95"}`)
	require.Equal(t, http.StatusCreated, answer.status, answer.body)
	_, spa := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "spa", Till: "1", Right: access.OwnerRight})
	h.does(spa, "cards", `{"card": "8801", "member": "ann", "product": "explorer"}`) // of 199.00 the organiser gets 9.95
	h.does(spa, "top-ups", `{"card": "8801", "amount": "100.00"}`)
	receipt := h.does(spa, "spends", `{"card": "8801", "amount": "50.00"}`)
	require.Equal(t, "-1.00", receipt.PositionChange)
	require.Equal(t, "over_debit_cap", h.refused(spa, "purchases", `{"card": "8801", "bill": "100.00"}`, http.StatusUnprocessableEntity))
	h.audit(h.alliance)
}

// Both parties of a direct transfer see what is disputed of it.
func TestTheCoverOfAPayeeShowsWhatItDisputesOfADirectTransfer(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.newTerms(`"minimum_transfer": "1.00"`, `"minimum_transfer": "1.00", "transfers": "direct"`)
	h.sold("8801", "ann")
	spent := h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "100.00"}`)
	h.advanceTo("2026-11-01T09:00:00+08:00")
	h.does(h.hotpotKey, "disputes", fmt.Sprintf(`{"period": "2026-10", "transaction": %q, "reason": "it was more"}`, spent.Transaction))
	page, err := h.organiser.ListCoverWithResponse(t.Context(), nil)
	held := make(map[string]string)
	for _, c := range ok(t, page.JSON200, page.ApplicationProblemJSONDefault, err).Items {
		held[c.Merchant] = c.Held
	}
	require.Equal(t, map[string]string{"cafe": "79.95", "hotpot": "98.00"}, held, "custody pays the hotpot 18.05 of it")
}

func TestARunOfMoreThanCustodyHasIsRefusedUntilItIsAccepted(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	answer := m.send(http.MethodPost, "/v1/payment-runs", m.key, `{}`, "Idempotency-Key", m.fresh())
	require.Equal(t, http.StatusUnprocessableEntity, answer.status, answer.body)
	require.Equal(t, "custody_short", answer.code(t))
	require.Contains(t, answer.body, `"shortage"`)
	require.Contains(t, answer.body, "accept_shortage")
	answer = m.send(http.MethodPost, "/v1/payment-runs", m.key, `{"accept_shortage": true}`, "Idempotency-Key", m.fresh())
	require.Equal(t, http.StatusCreated, answer.status, answer.body)
}

func TestTheOrganiserDrawsADeposit(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	m.does(m.key, "deposits", `{"merchant": "cafe", "amount": "5000.00"}`)
	require.Equal(t, "forbidden", m.refused(m.cafeKey, "deposit-draws", `{"merchant": "cafe", "amount": "1.00"}`, http.StatusForbidden))
	require.Equal(t, "insufficient_deposit", m.refused(m.key, "deposit-draws", `{"merchant": "cafe", "amount": "5000.01"}`, http.StatusUnprocessableEntity))
	m.does(m.key, "deposit-draws", `{"merchant": "cafe", "amount": "1.00", "note": "first"}`)
	require.Equal(t, "part_paid", m.state(m.owes.Reference))
	rest := m.owes
	page, err := m.organiser.ListObligationsWithResponse(t.Context(), "2026-10", nil)
	for _, o := range ok(t, page.JSON200, page.ApplicationProblemJSONDefault, err).Items {
		if o.Reference == rest.Reference {
			rest = o
		}
	}
	m.does(m.key, "deposit-draws", fmt.Sprintf(`{"merchant": "cafe", "reference": %q, "amount": %q}`, rest.Reference, rest.Outstanding))
	require.Equal(t, "paid", m.state(m.owes.Reference))
	require.Equal(t, "nothing_due", m.refused(m.key, "deposit-draws", `{"merchant": "cafe", "amount": "1.00"}`, http.StatusUnprocessableEntity))
	m.audit(m.alliance)
}

// The keys of a shop that has left read on, and do nothing else.
func TestALeaversKeyReadsItsLastSettlement(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	h.does(h.hotpotKey, "spends", `{"card": "8801", "amount": "100.00"}`)
	h.does(h.hotpotKey, "shops/hotpot/notice", `{"leaves_at": "2026-10-20T00:00:00+08:00"}`)
	require.Equal(t, "notice_given", h.refused(h.key, "deposits", `{"merchant": "hotpot", "amount": "1.00"}`, http.StatusUnprocessableEntity))
	h.advanceTo("2026-11-01T09:00:00+08:00")
	later, laterKey := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "hotpot", Till: "office", Right: access.OwnerRight})
	require.False(t, later.LeftAt.IsZero())
	for _, key := range []string{h.hotpotKey, laterKey} {
		for _, path := range []string{
			"/v1/settlements", "/v1/settlements/2026-10", "/v1/settlements/2026-10/obligations", "/v1/settlements/2026-10/statement?format=pdf", "/v1/events",
			"/v1/transactions", "/v1/journal?format=csv", "/v1/disputes", "/v1/cover", "/v1/bank-accounts/party/hotpot",
		} {
			answer := h.send(http.MethodGet, path, key, "")
			require.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, answer.status, "%s: %s", path, answer.body)
		}
		require.NotContains(t, h.send(http.MethodGet, "/v1/transactions", key, "").body, `"ann"`, "members are none of its business any more")
		for resource, body := range map[string]string{
			"spends":              `{"card": "8801", "amount": "1.00"}`,
			"disputes":            `{"period": "2026-10", "transaction": "txn_1", "reason": "no"}`,
			"shops/hotpot/notice": `{"leaves_at": "2026-12-20T00:00:00+08:00"}`,
		} {
			require.Equal(t, "forbidden", h.refused(key, resource, body, http.StatusForbidden), resource)
		}
		answer := h.send(http.MethodPut, "/v1/bank-accounts/party/hotpot", key, `{"holder": "x", "number": "6222021202033445561", "bank": "b"}`)
		require.Equal(t, http.StatusForbidden, answer.status, answer.body)
	}
	keys, err := h.organiser.ListKeysWithResponse(t.Context(), nil)
	for _, k := range ok(t, keys.JSON200, keys.ApplicationProblemJSONDefault, err).Items {
		require.Equal(t, k.Shop != nil && *k.Shop == "hotpot", k.LeftAt != nil, k.KeyID)
		require.Nil(t, k.RevokedAt)
	}
	rotated, err := h.organiser.RotateKeyWithResponse(t.Context(), later.ID)
	fresh := ok(t, rotated.JSON201, rotated.ApplicationProblemJSONDefault, err)
	require.NotNil(t, fresh.Details.LeftAt)
	require.Equal(t, "forbidden", h.refused(fresh.Key, "spends", `{"card": "8801", "amount": "1.00"}`, http.StatusForbidden))
}

func TestTermsSayWhatBecomesOfADisputeThatNobodyAnswers(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	for _, wrong := range []string{`"answer_days": 0`, `"answer_days": 367`, `"unanswered": "ignored"`} {
		answer := h.send(http.MethodPut, "/v1/terms", h.key, strings.Replace(termsBody, `"minimum_transfer": "1.00"`, `"minimum_transfer": "1.00", `+wrong, 1))
		require.GreaterOrEqual(t, answer.status, 400, wrong)
		require.Less(t, answer.status, 500, wrong)
		field, _, _ := strings.Cut(strings.Trim(wrong, `"`), `"`)
		require.Contains(t, answer.body, "settlement."+field, "it names what is wrong")
	}
	h.newTerms(`"minimum_transfer": "1.00"`, `"minimum_transfer": "1.00", "answer_days": 10, "unanswered": "adjusted"`)
	h.sold("8801", "ann")
	h.advanceTo("2026-11-01T09:00:00+08:00")
	h.does(h.cafeKey, "disputes", `{"period": "2026-10", "transaction": "txn_2", "reason": "no such top-up"}`)
	dispute := func() spec.Dispute {
		page, err := h.organiser.ListDisputesWithResponse(t.Context(), nil)
		return ok(t, page.JSON200, page.ApplicationProblemJSONDefault, err).Items[0]
	}
	require.Equal(t, "2026-11-11T01:00:00Z", dispute().AnswerBy.UTC().Format("2006-01-02T15:04:05Z07:00"))
	h.advanceTo("2026-11-11T09:00:00+08:00")
	require.EqualValues(t, "adjusted", dispute().State)
	require.Equal(t, "300.00", *dispute().Adjusted)
	require.Equal(t, "organiser", *dispute().Against)
	h.audit(h.alliance)
}
