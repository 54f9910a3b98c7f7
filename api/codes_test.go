package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/attempts"
	"github.com/lianka/lianka/merchant/signin"
)

// quick lets tills wait no longer than a test has time.
func quick(c *api.Config) { c.WrongCodePause = time.Millisecond }

// asks sets what the circle asks to be shown.
func (h *harbour) asks(body string) {
	h.t.Helper()
	answer := h.send(http.MethodPut, "/v1/presentation", h.key, body)
	require.Equal(h.t, http.StatusOK, answer.status, answer.body)
}

// showing is order with a code.
func showing(kind, key, code, body string) string {
	return fmt.Sprintf(`{"type": %q, "idempotency_key": %q, "card_code": %q, "body": %s}`, kind, key, code, body)
}

// code issues a code of a card.
func (h *harbour) code(card, body string) spec.NewCode {
	h.t.Helper()
	answer := h.send(http.MethodPost, "/v1/cards/"+card+"/codes", h.key, body)
	require.Equal(h.t, http.StatusCreated, answer.status, answer.body)
	var code spec.NewCode
	require.NoError(h.t, json.Unmarshal([]byte(answer.body), &code))
	return code
}

// shows sends a command of a till that shows something; headers are pairs of name and value.
func (h *harbour) shows(key, resource, body string, headers ...string) answer {
	h.t.Helper()
	return h.send(http.MethodPost, "/v1/"+resource, key, body, append(headers, "Idempotency-Key", h.fresh())...)
}

func TestACircleAsksForACode(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, quick)
	h.sold("8801", "ann")
	const spend = `{"card": "8801", "amount": "20.00"}`
	require.JSONEq(t, `{"presentation": "number", "offline": "pin"}`, h.send(http.MethodGet, "/v1/presentation", h.hotpotKey, "").body)
	h.does(h.hotpotKey, "spends", spend)

	h.asks(`{"presentation": "code"}`)
	h.asks(`{"presentation": "code"}`) // changes nothing
	events := h.send(http.MethodGet, "/v1/events?type=presentation.changed", h.key, "").body
	require.Equal(t, 1, strings.Count(events, `"presentation":"code"`), events)
	require.Equal(t, "code_required", h.refused(h.hotpotKey, "spends", spend, http.StatusUnprocessableEntity))

	code := h.code("8801", `{}`)
	require.Equal(t, start.Add(31*time.Minute), code.ExpiresAt, "by the server's clock, not that of the test circle")
	key := h.fresh()
	booked := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, spend, "Idempotency-Key", key, "Card-Code", code.Code)
	require.Equal(t, http.StatusCreated, booked.status, booked.body)
	require.Contains(t, booked.body, `"presented":"code"`)
	require.Contains(t, booked.body, `"value":`)
	for _, shown := range []string{code.Code, code.Digits, h.code("8801", `{}`).Code, ""} {
		again := h.send(http.MethodPost, "/v1/spends", h.hotpotKey, spend, "Idempotency-Key", key, "Card-Code", shown)
		require.Equal(t, booked.body, again.body, "a retry, whatever it shows")
		require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	}
	require.Equal(t, "invalid_code", h.shows(h.hotpotKey, "spends", spend, "Card-Code", code.Code).code(t), "replayed")
	require.Equal(t, "invalid_code", h.shows(h.hotpotKey, "spends", spend, "Card-Code", code.Digits).code(t), "also by its digits")

	digits := h.code("8801", `{}`).Digits
	require.Equal(t, "insufficient_value", h.shows(h.hotpotKey, "spends", `{"card": "8801", "amount": "4000.00"}`, "Card-Code", digits).code(t))
	require.Equal(t, http.StatusCreated, h.shows(h.hotpotKey, "spends", spend, "Card-Code", digits).status, "a refusal leaves it")
	require.Contains(t, h.send(http.MethodGet, "/v1/events?subject=card:8801", h.key, "").body, `"presented":"code"`)
	h.audit(h.alliance)
}

func TestWhichCommandsACodeIsAskedFor(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, quick)
	h.gives()
	h.sold("8801", "ann")
	h.does(h.hotpotKey, "purchases", `{"card": "8801", "bill": "500.00"}`)
	h.asks(`{"presentation": "code"}`)
	for resource, body := range map[string]string{
		"spends":           `{"card": "8801", "merchant": "cafe", "amount": "1.00"}`,
		"pass-uses":        `{"card": "8801", "merchant": "cafe", "benefit": "coffee"}`,
		"coupon-uses":      `{"card": "8801", "merchant": "hotpot", "benefit": "hotpot20", "bill": "300.00"}`,
		"point-spends":     `{"card": "8801", "merchant": "cafe", "points": 1}`,
		"holds":            `{"card": "8801", "merchant": "cafe", "amount": "1.00"}`,
		"item-redemptions": `{"card": "8801", "merchant": "cafe", "item": "mug"}`,
	} {
		require.Equal(t, "code_required", h.refused(h.key, resource, body, http.StatusUnprocessableEntity), resource)
		answer := h.shows(h.key, resource, body, "Card-Code", h.code("8801", `{}`).Code)
		require.Equal(t, http.StatusCreated, answer.status, "%s: %s", resource, answer.body)
	}
	h.does(h.cafeKey, "cards", `{"card": "8802", "member": "bob", "product": "explorer"}`)
	h.does(h.cafeKey, "top-ups", `{"card": "8801", "amount": "1.00"}`)
	h.does(h.hotpotKey, "purchases", `{"card": "8801", "bill": "1.00"}`)
	results := h.batch(h.hotpotKey, showing("purchase.recorded", h.fresh(), h.code("8801", `{}`).Code, `{"card": "8801", "bill": "1.00"}`))
	require.Equal(t, "invalid_request", results[0].Problem.Code, "a purchase takes nothing")
	h.audit(h.alliance)
}

func TestABatchShowsACodeBesideEachCommand(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, quick)
	h.sold("8801", "ann")
	h.asks(`{"presentation": "code"}`)
	code, another := h.code("8801", `{}`), h.code("8801", `{}`)
	item := func(key, code string) string {
		return showing("value.spent", key, code, `{"card": "8801", "amount": "1.00"}`)
	}
	items := []string{item("a", code.Code), item("b", code.Digits), item("c", another.Digits), item("d", "LK:nonsense")}
	for _, replayed := range []bool{false, true} {
		for i, r := range h.batch(h.hotpotKey, items...) {
			require.Equal(t, []int{201, 422, 201, 400}[i], r.Status)
			require.Equal(t, replayed && i < 3, r.Replayed, i)
			if i == 3 {
				require.Equal(t, "commands[3].card_code", *r.Problem.Path)
			}
		}
	}
	require.NoError(t, h.mayShow("hotpot"), "retries are no guesses")
}

func TestACodeIsBound(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, quick)
	h.sold("8801", "ann")
	h.sold("8802", "bob")
	h.asks(`{"presentation": "code"}`)
	atCafe, small := h.code("8801", `{"merchant": "cafe"}`), h.code("8801", `{"largest_amount": "10.00"}`)
	foreign := h.code("8802", `{}`)
	for name, shown := range map[string]spec.NewCode{"for the other shop": atCafe, "of another card": foreign} {
		require.Equal(t, "invalid_code", h.shows(h.hotpotKey, "spends", `{"card": "8801", "amount": "1.00"}`, "Card-Code", shown.Code).code(t), name)
	}
	require.Equal(t, "not_found", h.send(http.MethodGet, "/v1/presentations/"+atCafe.Digits, h.hotpotKey, "").code(t))
	require.Equal(t, "invalid_code", h.shows(h.hotpotKey, "spends", `{"card": "8801", "amount": "10.01"}`, "Card-Code", small.Code).code(t))
	require.Equal(t, http.StatusCreated, h.shows(h.hotpotKey, "spends", `{"card": "8801", "amount": "10.00"}`, "Card-Code", small.Code).status)
	require.Equal(t, http.StatusCreated, h.shows(h.cafeKey, "spends", `{"card": "8801", "amount": "1.00"}`, "Card-Code", atCafe.Digits).status)
	for body, code := range map[string]string{
		`{"merchant": "nobody"}`: "unknown_merchant", `{"largest_amount": "0.00"}`: "invalid_amount", `{"largest_amount": "x"}`: "invalid_amount",
	} {
		require.Equal(t, code, h.send(http.MethodPost, "/v1/cards/8801/codes", h.key, body).code(t), body)
	}
	require.Equal(t, "forbidden", h.send(http.MethodPost, "/v1/cards/8801/codes", h.cafeKey, `{}`).code(t), "a till makes none")
	h.audit(h.alliance)
}

func TestACodeEndsAfterAMinute(t *testing.T) {
	t.Parallel()
	var passed atomic.Int64
	h := newHarbour(t, quick, func(c *api.Config) { c.Clock = func() time.Time { return start.Add(time.Duration(passed.Load())) } })
	h.sold("8801", "ann")
	h.asks(`{"presentation": "code"}`)
	const spend = `{"card": "8801", "amount": "1.00"}`
	code, other := h.code("8801", `{}`), h.code("8801", `{}`)
	passed.Store(int64(time.Minute - time.Microsecond))
	require.Equal(t, http.StatusOK, h.send(http.MethodGet, "/v1/presentations/"+code.Code, h.hotpotKey, "").status)
	require.Equal(t, http.StatusCreated, h.shows(h.hotpotKey, "spends", spend, "Card-Code", code.Code).status)
	passed.Store(int64(time.Minute))
	require.Equal(t, "invalid_code", h.send(http.MethodGet, "/v1/presentations/"+other.Code, h.hotpotKey, "").code(t))
	refused := h.shows(h.hotpotKey, "spends", spend, "Card-Code", other.Code)
	require.Equal(t, "invalid_code", refused.code(t))
	require.Contains(t, refused.body, "has expired")
	for range 10 {
		require.Equal(t, http.StatusUnprocessableEntity, h.send(http.MethodGet, "/v1/presentations/"+other.Digits, h.hotpotKey, "").status, "who is late is no guesser")
	}
}

func TestATillLooksACodeUp(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, quick)
	h.sold("8801", "ann")
	h.asks(`{"presentation": "code"}`)
	code := h.code("8801", `{"merchant": "hotpot", "largest_amount": "50.00"}`)
	for _, text := range []string{code.Code, strings.ToLower(code.Code), code.Digits} {
		answer := h.send(http.MethodGet, "/v1/presentations/"+text, h.hotpotKey, "")
		require.Equal(t, http.StatusOK, answer.status, answer.body)
		var found spec.PresentedCard
		require.NoError(t, json.Unmarshal([]byte(answer.body), &found))
		require.Equal(t, "8801", found.Card.Card)
		require.NotEmpty(t, found.Card.Value, "with what is on the card")
		require.Equal(t, "50.00", *found.LargestAmount)
		require.Nil(t, found.Card.Member, "who the member is, the shop that sold the card is told")
	}
	require.Equal(t, http.StatusCreated, h.shows(h.hotpotKey, "spends", `{"card": "8801", "amount": "1.00"}`, "Card-Code", code.Code).status, "looking it up leaves it")
	require.Equal(t, "invalid_code", h.send(http.MethodGet, "/v1/presentations/"+code.Code, h.hotpotKey, "").code(t))
	require.Equal(t, "not_found", h.send(http.MethodGet, "/v1/presentations/hello", h.hotpotKey, "").code(t))
	require.NotContains(t, h.log.String(), code.Code)
	require.NotContains(t, h.log.String(), code.Digits)
}

// TestANumberAloneTellsNoBalance: in a circle that asks for codes.
func TestANumberAloneTellsNoBalance(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, quick)
	h.welcomes()
	h.sold("8801", "ann") // by the cafe
	_, cashier := h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: "9"})
	whole := h.send(http.MethodGet, "/v1/cards/8801", h.hotpotKey, "").body
	require.Contains(t, whole, `"available"`)
	for _, setting := range []string{`{"presentation": "code"}`, `{"presentation": "code_above", "above": "50.00"}`} {
		h.asks(setting)
		for name, key := range map[string]string{"another shop's owner": h.hotpotKey, "a cashier of the shop that sold it": cashier} {
			card := h.send(http.MethodGet, "/v1/cards/8801", key, "")
			require.Equal(t, http.StatusOK, card.status)
			for _, field := range []string{"value", "bonus", "available", "points", "tier", "coupons", "holds", "benefits", "pool"} {
				require.NotContains(t, card.body, `"`+field+`"`, name)
			}
			require.Contains(t, card.body, `"status":"active"`)
			require.Equal(t, "code_required", h.send(http.MethodGet, "/v1/cards/8801/gifts", key, "").code(t), name)
			require.Equal(t, "code_required", h.send(http.MethodPost, "/v1/cards/8801/refund-quote", key, `{"ground": "member"}`).code(t), name)
			list := h.send(http.MethodGet, "/v1/cards", key, "")
			require.NotContains(t, list.body, `"value"`, name)
		}
		for name, key := range map[string]string{"the organiser": h.key, "the owner of the shop that sold it": h.cafeKey} {
			require.Contains(t, h.send(http.MethodGet, "/v1/cards/8801", key, "").body, `"available"`, name)
			require.Contains(t, h.send(http.MethodGet, "/v1/cards", key, "").body, `"available"`, name)
			require.Equal(t, http.StatusOK, h.send(http.MethodGet, "/v1/cards/8801/gifts", key, "").status, name)
		}
		receipt := h.does(h.hotpotKey, "purchases", `{"card": "8801", "bill": "1.00"}`)
		require.Empty(t, receipt.Card.Value)
		require.Empty(t, receipt.Card.Points)
		receipt = h.does(h.key, "purchases", `{"card": "8801", "merchant": "hotpot", "bill": "1.00"}`)
		require.NotEmpty(t, receipt.Card.Value, "the organiser")
	}
	h.asks(`{"presentation": "number"}`)
	require.Contains(t, h.send(http.MethodGet, "/v1/cards/8801", h.hotpotKey, "").body, `"available"`)
}

// TestOneOfManyTillsWithACodeWins: 64 tills of two servers show one code at once.
func TestOneOfManyTillsWithACodeWins(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, quick)
	beside := h.another(quick)
	h.sold("8801", "ann")
	h.asks(`{"presentation": "code"}`)
	code := h.code("8801", `{}`)
	tills := make([]string, 64)
	for i := range tills {
		_, tills[i] = h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: []string{"cafe", "hotpot"}[i%2], Till: fmt.Sprint("t", i)})
	}
	var booked, refused atomic.Int64
	var group sync.WaitGroup
	begin := make(chan struct{})
	for i, key := range tills {
		server, shown := h.house, code.Code
		if i%4 > 1 {
			server = beside
		}
		if i%8 > 3 {
			shown = code.Digits
		}
		group.Go(func() {
			<-begin
			switch answer := server.send(http.MethodPost, "/v1/spends", key, `{"card": "8801", "amount": "1.00"}`, "Idempotency-Key", "race", "Card-Code", shown); answer.status {
			case http.StatusCreated:
				booked.Add(1)
			case http.StatusUnprocessableEntity:
				refused.Add(1)
			default:
				t.Error(answer.status, answer.body)
			}
		})
	}
	close(begin)
	group.Wait()
	require.EqualValues(t, 1, booked.Load())
	require.EqualValues(t, 63, refused.Load())
	h.audit(h.alliance)
}

func (h *harbour) mayShow(shop string) error {
	return attempts.Check(h.t.Context(), h.db, h.alliance.ID, "shop:"+shop+"/1", start.Add(30*time.Minute), api.WrongCodes...)
}

func TestLateUploadsTakeThePIN(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, quick)
	h.newTerms(`"settlement"`, `"offline": {"max_hours": 24, "max_count": 2, "max_amount": "100.00"}, "settlement"`)
	answer := h.send(http.MethodPost, "/v1/card-numbers", h.key, `{"count": 2, "pin": true}`)
	require.Equal(t, http.StatusCreated, answer.status)
	var printed spec.CardNumbers
	require.NoError(t, json.Unmarshal([]byte(answer.body), &printed))
	number, pin := printed.Items[0].Number, *printed.Items[0].Pin
	mistyped := h.shows(h.hotpotKey, "purchases", `{"card": "9271828182845908", "bill": "1.00"}`)
	require.Equal(t, "unknown_card", mistyped.code(t))
	require.Contains(t, mistyped.body, "check digit")
	h.sold(number, "ann")
	h.sold("8802", "bob") // without a PIN
	h.asks(`{"presentation": "code"}`)
	h.advanceTo("2026-10-01T10:00:00+08:00")
	late := func(card string) string {
		return fmt.Sprintf(`{"card": %q, "amount": "1.00", "occurred_at": %q}`, card, start.Add(30*time.Minute).Format(time.RFC3339))
	}
	require.Equal(t, "pin_required", h.shows(h.hotpotKey, "spends", late(number)).code(t))
	require.Equal(t, "invalid_pin", h.shows(h.hotpotKey, "spends", late(number), "Card-PIN", other(pin)).code(t))
	require.Equal(t, "invalid_pin", h.shows(h.hotpotKey, "spends", late("8802"), "Card-PIN", "1234").code(t))
	booked := h.shows(h.hotpotKey, "spends", late(number), "Card-PIN", pin)
	require.Equal(t, http.StatusCreated, booked.status, booked.body)
	require.Contains(t, booked.body, `"presented":"pin"`)
	require.Contains(t, h.send(http.MethodGet, "/v1/events?subject=card:"+number, h.key, "").body, `"presented":"pin"`)
	require.Equal(t, "code_required", h.shows(h.hotpotKey, "spends", fmt.Sprintf(`{"card": %q, "amount": "1.00"}`, number), "Card-PIN", pin).code(t), "now, a PIN is not enough")

	require.Equal(t, http.StatusNoContent, h.send(http.MethodPut, "/v1/cards/8802/pin", h.key, `{"pin": "4711"}`).status)
	require.Equal(t, http.StatusCreated, h.shows(h.hotpotKey, "spends", late("8802"), "Card-PIN", "4711").status)
	require.Equal(t, "offline_too_much", h.shows(h.hotpotKey, "spends", late("8802"), "Card-PIN", "4711").code(t), "within the terms' limits")
	require.Equal(t, http.StatusNoContent, h.send(http.MethodDelete, "/v1/cards/8802/pin", h.key, "").status)
	require.Equal(t, "invalid_pin", h.shows(h.cafeKey, "spends", late("8802"), "Card-PIN", "4711").code(t))
	h.asks(`{"presentation": "code", "offline": "number"}`)
	booked = h.shows(h.cafeKey, "spends", late("8802"))
	require.Contains(t, booked.body, `"presented":"number"`, "a card without a PIN, if the setting allows it")
	h.audit(h.alliance)
}

// other returns another PIN.
func other(pin string) string {
	if pin[0] == '1' {
		return "2" + pin[1:]
	}
	return "1" + pin[1:]
}

func TestAPINIsNotGuessed(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, quick)
	h.sold("8801", "ann")
	require.Equal(t, http.StatusNoContent, h.send(http.MethodPut, "/v1/cards/8801/pin", h.key, `{"pin": "4711"}`).status)
	tills := make([]string, 3)
	for i := range tills {
		_, tills[i] = h.issue(h.alliance, access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: fmt.Sprint("p", i)})
	}
	var wrong, locked int
	for i := range 30 {
		answer := h.shows(tills[i%3], "spends", `{"card": "8801", "amount": "1.00"}`, "Card-PIN", fmt.Sprintf("%04d", i))
		switch answer.status {
		case http.StatusUnprocessableEntity:
			wrong++
		case http.StatusTooManyRequests:
			locked++
		}
	}
	require.Equal(t, 5, wrong, "of a card, at whatever till")
	require.Equal(t, 25, locked)
	require.Equal(t, http.StatusTooManyRequests, h.shows(tills[0], "spends", `{"card": "8801", "amount": "1.00"}`, "Card-PIN", "4711").status, "the right one neither")
}

func TestAMemberMakesCodesOfItsOwnCards(t *testing.T) {
	t.Parallel()
	h := newHarbour(t, quick)
	h.sold("8801", "ann")
	h.sold("8802", "bob")
	h.asks(`{"presentation": "code"}`)
	ann := h.enters(h.alliance, signin.Link{Person: signin.Person{Member: "ann"}})
	as := func(method, path, body string) answer { return h.send(method, path, "", body, "Cookie", ann) }
	made := as(http.MethodPost, "/v1/cards/8801/codes", `{"largest_amount": "30.00"}`)
	require.Equal(t, http.StatusCreated, made.status, made.body)
	var code spec.NewCode
	require.NoError(t, json.Unmarshal([]byte(made.body), &code))
	require.Equal(t, http.StatusCreated, h.shows(h.hotpotKey, "spends", `{"card": "8801", "amount": "30.00"}`, "Card-Code", code.Digits).status)
	require.Equal(t, http.StatusNoContent, as(http.MethodPut, "/v1/cards/8801/pin", `{"pin": "4711"}`).status)
	for _, method := range []string{http.MethodPut, http.MethodDelete} {
		require.Equal(t, "not_found", as(method, "/v1/cards/8802/pin", `{"pin": "4711"}`).code(t), "another's card")
	}
	require.Equal(t, "not_found", as(http.MethodPost, "/v1/cards/8802/codes", `{}`).code(t))
	require.Equal(t, "not_found", as(http.MethodPost, "/v1/cards/none/codes", `{}`).code(t))
	require.Equal(t, "forbidden", as(http.MethodPut, "/v1/presentation", `{"presentation": "number"}`).code(t))
	require.Equal(t, "forbidden", as(http.MethodGet, "/v1/presentations/"+code.Digits, "").code(t))

	// A code ends when the card is given to somebody else.
	old := as(http.MethodPost, "/v1/cards/8801/codes", `{}`)
	require.NoError(t, json.Unmarshal([]byte(old.body), &code))
	h.does(h.cafeKey, "givings", `{"card": "8801", "member": "cy"}`)
	require.Equal(t, "invalid_code", h.shows(h.hotpotKey, "spends", `{"card": "8801", "amount": "1.00"}`, "Card-Code", code.Code).code(t))
	require.Equal(t, "not_found", as(http.MethodPost, "/v1/cards/8801/codes", `{}`).code(t))
	h.audit(h.alliance)
}
