package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/api/spec"
)

// result is what became of a command of a batch, its receipt as it was sent.
type result struct {
	Status   int             `json:"status"`
	Replayed bool            `json:"replayed"`
	Receipt  json.RawMessage `json:"receipt"`
	Problem  *spec.Problem   `json:"problem"`
}

// order writes a command of a batch.
func order(kind, key, body string) string {
	return fmt.Sprintf(`{"type": %q, "idempotency_key": %q, "body": %s}`, kind, key, body)
}

// batch sends commands at once, and returns what became of each.
func (h *house) batch(key string, commands ...string) []result {
	h.t.Helper()
	answer := h.send(http.MethodPost, "/v1/batch", key, `{"commands": [`+strings.Join(commands, ", ")+`]}`)
	require.Equal(h.t, http.StatusOK, answer.status, answer.body)
	require.Equal(h.t, "application/json", answer.header.Get("Content-Type"))
	var body struct {
		Results []result `json:"results"`
	}
	require.NoError(h.t, json.Unmarshal([]byte(answer.body), &body))
	require.Len(h.t, body.Results, len(commands))
	for i, r := range body.Results {
		require.Equal(h.t, r.Status == http.StatusCreated, r.Problem == nil, "%d: %s", i, answer.body)
		require.Equal(h.t, r.Status == http.StatusCreated, r.Receipt != nil, "%d: %s", i, answer.body)
		if r.Problem != nil {
			require.Equal(h.t, r.Status, r.Problem.Status)
			require.Equal(h.t, answer.header.Get("X-Request-Id"), r.Problem.RequestID)
		}
	}
	return body.Results
}

// requireSame checks that a command was answered as a single POST was. That POST
// was sent first or again, as replayed tells.
func requireSame(t *testing.T, single answer, r result) {
	t.Helper()
	require.Equal(t, single.status, r.Status, single.body)
	require.Equal(t, single.header.Get("Idempotency-Replayed") == "", r.Replayed, "one of them is the first answer")
	if r.Problem == nil {
		require.Equal(t, single.body, string(r.Receipt))
		return
	}
	var p spec.Problem
	require.NoError(t, json.Unmarshal([]byte(single.body), &p))
	p.RequestID = r.Problem.RequestID
	require.Equal(t, p, *r.Problem)
}

// everyKind is a command of every kind with the path of its single POST, each
// possible after those before it, for an organiser.
var everyKind = []struct{ kind, path, key, body string }{
	{"card.sold", "cards", "card.sold", `{"card": "8801", "member": "ann", "product": "explorer", "merchant": "cafe"}`},
	{"card.topped_up", "top-ups", "card.topped_up", `{"card": "8801", "merchant": "cafe", "amount": "300.00", "bonus": "30.00", "bonus_funded_by": "merchant"}`},
	{"value.spent", "spends", "value.spent", `{"card": "8801", "merchant": "hotpot", "amount": "128.00"}`},
	{"pass.used", "pass-uses", "pass.used", `{"card": "8801", "merchant": "cafe", "benefit": "coffee", "count": 2}`},
	{"coupon.used", "coupon-uses", "coupon.used", `{"card": "8801", "merchant": "hotpot", "benefit": "hotpot20", "bill": "236.00"}`},
	{"purchase.recorded", "purchases", "purchase.recorded", `{"card": "8801", "merchant": "hotpot", "bill": "236.00"}`},
	{"points.spent", "point-spends", "points.spent", `{"card": "8801", "merchant": "cafe", "points": 200}`},
	{"reversed", "reversals", "reversed", `{"idempotency_key": "value.spent", "amount": "28.00"}`},
	{"card.frozen", "freezes", "card.frozen", `{"card": "8801"}`},
	{"card.unfrozen", "unfreezes", "card.unfrozen", `{"card": "8801"}`},
	{"hold.placed", "holds", "hold.placed", `{"card": "8801", "merchant": "hotpot", "amount": "100.00"}`},
	{"hold.captured", "hold-captures", "hold.captured", `{"idempotency_key": "hold.placed", "amount": "88.00"}`},
	{"hold.placed", "holds", "another", `{"card": "8801", "merchant": "hotpot", "amount": "100.00"}`},
	{"hold.voided", "hold-voids", "hold.voided", `{"idempotency_key": "another"}`},
	{"card.replaced", "replacements", "card.replaced", `{"card": "8801", "new_card": "8809"}`},
	{"card.given", "givings", "card.given", `{"card": "8809", "member": "cleo"}`},
	{"gift.granted", "gifts", "gift.granted", `{"card": "8809", "campaign": "thanks"}`},
	{"item.redeemed", "item-redemptions", "item.redeemed", `{"card": "8809", "merchant": "cafe", "item": "mug", "count": 1}`},
	{"card.refunded", "refunds", "card.refunded", `{"card": "8809", "ground": "member", "merchant": "cafe"}`},
}

func TestABatchTakesEveryKindOfCommand(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.gives()
	commands := make([]string, len(everyKind))
	for i, c := range everyKind {
		commands[i] = order(c.kind, c.key, c.body)
	}
	results := h.batch(h.key, commands...)
	for i, c := range everyKind {
		var receipt spec.Receipt
		require.Equal(t, http.StatusCreated, results[i].Status, "%s: %v", c.kind, results[i].Problem)
		require.NoError(t, json.Unmarshal(results[i].Receipt, &receipt))
		require.Equal(t, c.kind, receipt.Type)
		require.Equal(t, fmt.Sprintf("txn_%d", i+1), receipt.Transaction, "in the order given")
		requireSame(t, h.send(http.MethodPost, "/v1/"+c.path, h.key, c.body, "Idempotency-Key", c.key), result{
			Status: results[i].Status, Receipt: results[i].Receipt,
		})
	}
	for i, r := range h.batch(h.key, commands...) {
		require.True(t, r.Replayed)
		require.Equal(t, string(results[i].Receipt), string(r.Receipt))
	}
	card, err := h.organiser.GetCardWithResponse(t.Context(), "8801")
	require.Equal(t, "8809", *ok(t, card.JSON200, card.ApplicationProblemJSONDefault, err).ReplacedBy)
	card, err = h.organiser.GetCardWithResponse(t.Context(), "8809")
	require.Equal(t, spec.Refunded, ok(t, card.JSON200, card.ApplicationProblemJSONDefault, err).Status)
	h.audit(h.alliance)
}

func TestWhatWasSentSinglyIsReplayedInABatch(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.gives()
	for _, c := range everyKind {
		first := h.send(http.MethodPost, "/v1/"+c.path, h.key, c.body, "Idempotency-Key", c.key)
		require.Equal(t, http.StatusCreated, first.status, first.body)
		spaced := strings.ReplaceAll(c.body, ",", " ,\n")
		requireSame(t, first, h.batch(h.key, order(c.kind, c.key, spaced))[0])
	}
	h.sold("8802", "ann")
	refused := `{"card": "8802", "merchant": "cafe", "amount": "9000.00"}`
	first := h.send(http.MethodPost, "/v1/spends", h.key, refused, "Idempotency-Key", "too much")
	require.Equal(t, "insufficient_value", first.code(t))
	requireSame(t, first, h.batch(h.key, order("value.spent", "too much", refused))[0])
}

func TestOneCommandOfABatchLeavesTheOthersAsTheyAre(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann") // 330.00 with the bonus
	spent := func(key, amount string) string {
		return order("value.spent", key, `{"card": "8801", "amount": "`+amount+`"}`)
	}
	results := h.batch(h.hotpotKey,
		spent("1", "100.00"),
		spent("2", "300.00"), // more than is left
		spent("3", "30.00"),
		spent("1", "100.00"),                          // again
		spent("1", "100.01"),                          // another with the same key
		spent("2", "300.00"),                          // a refusal again
		order("value.spent", "4", `{"card": "8801"}`), // malformed
		order("value.spent", "4", `{"card": "8801", "amount": "1.00"}`), // what is malformed takes no key
		order("value.spent", "5", `{"card": "8801", "amount": "1.00", "merchant": "cafe"}`),
		order("reversed", "6", `{"idempotency_key": "3"}`),
		order("reversed", "7", `{"transaction": "txn_1"}`), // the cafe's
		order("reversed", "8", `{"transaction": "17"}`),
		order("card.frozen", "9", `{"card": "8801"}`), // the cafe sold it
		spent("10", "200.00"),
	)
	for i, want := range []struct {
		status   int
		replayed bool
		code     string
	}{
		{201, false, ""}, {422, false, "insufficient_value"}, {201, false, ""}, {201, true, ""}, {422, false, "idempotency_conflict"},
		{422, true, "insufficient_value"}, {400, false, "invalid_request"}, {201, false, ""}, {403, false, "forbidden_merchant"},
		{201, false, ""}, {404, false, "not_found"}, {400, false, "invalid_request"}, {404, false, "not_found"}, {201, false, ""},
	} {
		require.Equal(t, want.status, results[i].Status, "%d: %+v", i, results[i].Problem)
		require.Equal(t, want.replayed, results[i].Replayed, i)
		if want.code != "" {
			require.Equal(t, want.code, results[i].Problem.Code, i)
		}
	}
	require.Equal(t, string(results[0].Receipt), string(results[3].Receipt))
	require.Equal(t, "230.00", (*results[1].Problem.Data)["available"])
	card, err := h.hotpot.GetCardWithResponse(t.Context(), "8801")
	left := ok(t, card.JSON200, card.ApplicationProblemJSONDefault, err)
	require.Equal(t, []string{"0.00", "29.00"}, []string{left.Value, left.Bonus}, "330 less 100, 1 and 200")
	h.audit(h.alliance)
}

// TestAMalformedCommandHasTheProblemOfTheSinglePost sends each body in a batch
// and alone.
func TestAMalformedCommandHasTheProblemOfTheSinglePost(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	for name, c := range map[string]struct{ kind, path, body string }{
		"unknown key":       {"value.spent", "spends", `{"card": "8801", "amount": "1.00", "note": "x"}`},
		"wrong case":        {"value.spent", "spends", `{"Card": "8801", "amount": "1.00"}`},
		"duplicate key":     {"value.spent", "spends", `{"card": "8801", "card": "8802", "amount": "1.00"}`},
		"escaped duplicate": {"value.spent", "spends", `{"card": "8801", "c\u0061rd": "8802", "amount": "1.00"}`},
		"missing":           {"value.spent", "spends", `{"card": "8801"}`},
		"null":              {"value.spent", "spends", `{"card": "8801", "amount": null}`},
		"number as amount":  {"value.spent", "spends", `{"card": "8801", "amount": 1.00}`},
		"list":              {"value.spent", "spends", `[]`},
		"text":              {"value.spent", "spends", `"x"`},
		"nothing":           {"value.spent", "spends", `null`},
		"empty card":        {"value.spent", "spends", `{"card": "", "amount": "1.00"}`},
		"long card":         {"value.spent", "spends", `{"card": "` + strings.Repeat("界", 43) + `", "amount": "1.00"}`},
		"control character": {"value.spent", "spends", `{"card": "88\u000001", "amount": "1.00"}`},
		"fraction":          {"points.spent", "point-spends", `{"card": "8801", "points": 1.5}`},
		"large":             {"points.spent", "point-spends", `{"card": "8801", "points": 9223372036854775808}`},
		"funder":            {"card.topped_up", "top-ups", `{"card": "8801", "amount": "1.00", "bonus_funded_by": "seller"}`},
		"nothing to undo":   {"reversed", "reversals", `{}`},
		"two to undo":       {"reversed", "reversals", `{"transaction": "txn_1", "idempotency_key": "x"}`},
		"no transaction":    {"reversed", "reversals", `{"transaction": "17"}`},
		"another's":         {"reversed", "reversals", `{"transaction": "txn_1"}`},
		"another shop":      {"purchase.recorded", "purchases", `{"card": "8801", "bill": "1.00", "merchant": "cafe"}`},
		"another's card":    {"card.unfrozen", "unfreezes", `{"card": "8801"}`},
	} {
		single := h.send(http.MethodPost, "/v1/"+c.path, h.hotpotKey, c.body, "Idempotency-Key", "x")
		require.NotEqual(t, http.StatusUnprocessableEntity, single.status, "%s: not decided", name)
		results := h.batch(h.hotpotKey, order(c.kind, "x", c.body), order("value.spent", name, `{"card": "8801", "amount": "0.01"}`))
		results[0].Replayed = true // neither is the first answer: nothing was decided
		requireSame(t, single, results[0])
		require.Equal(t, http.StatusCreated, results[1].Status, name)
	}
	for name, body := range map[string]string{
		"not UTF-8": "{\"card\": \"\xff\", \"amount\": \"1.00\"}", "lone surrogate": `{"card": "\ud800", "amount": "1.00"}`,
	} {
		results := h.batch(h.hotpotKey, order("value.spent", "x", body), order("value.spent", name, `{"card": "8801", "amount": "0.01"}`))
		require.Equal(t, http.StatusBadRequest, results[0].Status, name)
		require.Contains(t, *results[0].Problem.Detail, "is not JSON", name)
		require.Equal(t, http.StatusCreated, results[1].Status, name)
	}
}

func TestWhatIsWrongAboutACommandItselfIsNamed(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	const body = `{"card": "8801", "amount": "0.01"}`
	for command, want := range map[string][3]string{
		`1`:              {"invalid_request", "commands[1]", "commands[1] is a number and should be an object"},
		`null`:           {"invalid_request", "commands[1]", "commands[1] is null"},
		`[` + body + `]`: {"invalid_request", "commands[1]", "is a list and should be an object"},
		`{"idempotency_key": "x", "body": ` + body + `}`:                        {"invalid_request", "commands[1].type", "is missing"},
		order("spent", "x", body):                                               {"invalid_request", "commands[1].type", "is not one of card.frozen, card.given, "},
		order("window.closed", "x", body):                                       {"invalid_request", "commands[1].type", "is not one of"},
		`{"type": 1, "idempotency_key": "x", "body": ` + body + `}`:             {"invalid_request", "commands[1].type", "is a number and should be a string"},
		`{"type": "value.spent", "idempotency_key": "x"}`:                       {"invalid_request", "commands[1].body", "is missing"},
		`{"type": "value.spent", "idempotency_key": "x", ` + body[1:]:           {"invalid_request", "commands[1].card", "the fields here are body, card_code, card_pin, idempotency_key, type"},
		`{"type": "value.spent", "Idempotency_key": "x", "body": ` + body + `}`: {"invalid_request", "commands[1].Idempotency_key", "write idempotency_key"},
		`{"type": "reversed", "type": "value.spent", "idempotency_key": "x", "body": ` + body + `}`: {
			"invalid_request", "commands[1]", `has the key "type" twice`},
		`{"type": "value.spent", "body": ` + body + `}`:                              {"idempotency_key_missing", "commands[1].idempotency_key", "a name of your choice"},
		order("value.spent", "", body):                                               {"idempotency_key_missing", "commands[1].idempotency_key", "a name of your choice"},
		order("value.spent", strings.Repeat("x", 256), body):                         {"invalid_request", "commands[1].idempotency_key", "at most 255 bytes"},
		`{"type": "value.spent", "idempotency_key": "a\tb", "body": ` + body + `}`:   {"invalid_request", "commands[1].idempotency_key", "no control characters"},
		`{"type": "value.spent", "idempotency_key": "\ud800", "body": ` + body + `}`: {"invalid_request", "commands[1].idempotency_key", "is not JSON"},
	} {
		before := h.fresh()
		results := h.batch(h.hotpotKey, order("value.spent", before, body), command, order("value.spent", before+" after", body))
		require.Equal(t, http.StatusCreated, results[0].Status)
		require.Equal(t, http.StatusBadRequest, results[1].Status, command)
		require.Equal(t, want[0], results[1].Problem.Code, command)
		require.Equal(t, want[1], *results[1].Problem.Path, command)
		require.Contains(t, *results[1].Problem.Detail, want[2], command)
		require.Equal(t, http.StatusCreated, results[2].Status)
	}
}

func TestWhatIsNoListOfCommandsFailsAsAWhole(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	one := order("value.spent", "k", `{"card": "8801", "amount": "1.00"}`)
	for body, says := range map[string]string{
		`{}`:                                  "commands is missing",
		`{"commands": []}`:                    "commands is empty; send at least 1",
		`{"commands": {}}`:                    "commands is an object and should be a list",
		`{"commands": null}`:                  "commands is null",
		`[` + one + `]`:                       "the body is a list and should be an object",
		`{"commands": [` + one + `], "x": 1}`: "x is unknown",
		`{"commands": [` + one + `], "commands": [` + one + `]}`:              `has the key \"commands\" twice`,
		`{"commands": [` + one + `,]}`:                                        "is not JSON",
		`{"commands": [` + one:                                                "is not JSON",
		`{"commands": [` + one + `]} {}`:                                      "goes on after the JSON value",
		`{"commands": [` + strings.Repeat(one+",", 100) + one + `]}`:          "commands has more than 100 items",
		`{"commands": [` + one + `, {"type": "value.spent", "body": {"x"}}]}`: "is not JSON",
	} {
		answer := h.send(http.MethodPost, "/v1/batch", h.hotpotKey, body)
		require.Equal(t, http.StatusBadRequest, answer.status, body)
		require.Equal(t, "invalid_request", answer.code(t), body)
		require.Contains(t, answer.body, says, body)
	}
	large := `{"commands": [` + one + `]}` + strings.Repeat(" ", 256<<10)
	require.Equal(t, "body_too_large", h.send(http.MethodPost, "/v1/batch", h.hotpotKey, large).code(t))
	card, err := h.hotpot.GetCardWithResponse(t.Context(), "8801")
	require.Equal(t, "300.00", ok(t, card.JSON200, card.ApplicationProblemJSONDefault, err).Value, "nothing happened")

	most := make([]string, 100)
	code := strings.Repeat("卡", 42)
	for i := range most {
		most[i] = order("card.sold", strings.Repeat("k", 252)+fmt.Sprintf("%03d", i),
			fmt.Sprintf(`{"card": "%s%d", "member": "%s", "product": "explorer", "merchant": "cafe", "referrer": "%[1]s"}`, code, i%10, code))
	}
	require.Equal(t, "unknown_member", h.batch(h.key, most...)[99].Problem.Code, "as many as there may be, all of them long")
}

// TestACheckInABatchSeesWhatCameBefore freezes and undoes what the same batch did:
// whose that is must be looked up in between.
func TestACheckInABatchSeesWhatCameBefore(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	results := h.batch(h.cafeKey,
		order("card.frozen", "1", `{"card": "8801"}`),
		order("card.sold", "2", `{"card": "8801", "member": "ann", "product": "explorer"}`),
		order("card.frozen", "3", `{"card": "8801"}`),
		order("pass.used", "4", `{"card": "8801", "benefit": "coffee"}`),
		order("card.unfrozen", "5", `{"card": "8801"}`),
		order("pass.used", "6", `{"card": "8801", "benefit": "coffee"}`),
		order("reversed", "7", `{"transaction": "txn_4"}`),
	)
	var statuses []int
	for _, r := range results {
		statuses = append(statuses, r.Status)
	}
	require.Equal(t, []int{404, 201, 201, 422, 201, 201, 201}, statuses)
	require.Equal(t, "card_frozen", results[3].Problem.Code)
	h.audit(h.alliance)
}

func TestABatchWithTheTypedClient(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	var spend, refund spec.Command
	require.NoError(t, spend.FromSpendCommand(spec.SpendCommand{IdempotencyKey: "1", Body: spec.Spend{Card: "8801", Amount: "10.00"}}))
	require.NoError(t, refund.FromReversalCommand(spec.ReversalCommand{
		IdempotencyKey: "2", Body: spec.Reversal{IdempotencyKey: pointer("1"), Amount: pointer("11.00")},
	}))
	answer, err := h.hotpot.BookBatchWithResponse(t.Context(), spec.Batch{Commands: []spec.Command{spend, refund}})
	results := ok(t, answer.JSON200, answer.ApplicationProblemJSONDefault, err).Results
	require.Equal(t, "9.80", results[0].Receipt.PositionChange)
	require.Nil(t, results[0].Problem)
	require.Equal(t, "invalid_amount", results[1].Problem.Code)
	require.Nil(t, results[1].Receipt)

	answer, err = h.hotpot.BookBatchWithResponse(t.Context(), spec.Batch{})
	require.NoError(t, err)
	require.Equal(t, "invalid_request", answer.ApplicationProblemJSONDefault.Code)
}

func TestProblemsOfABatchSpeakTheCallersLanguage(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	body := `{"commands": [` + order("value.spent", "k", `{"card": "none", "amount": "1.00"}`) + `, 1]}`
	answer := h.send(http.MethodPost, "/v1/batch", h.hotpotKey, body, "Accept-Language", "zh-CN")
	require.Equal(t, "zh", answer.header.Get("Content-Language"))
	require.Contains(t, answer.body, "没有这张卡")
	require.Contains(t, answer.body, "请求格式有误")
	answer = h.send(http.MethodPost, "/v1/batch", h.hotpotKey, body)
	require.Equal(t, "Accept-Language", answer.header.Get("Vary"))
	require.Contains(t, answer.body, "No such card")
}

func TestABatchInLogAndMetrics(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	const card, member, key = "CARD-31415926", "MEMBER-2718281", "IDEMPOTENCY-161803"
	h.batch(h.cafeKey,
		order("card.sold", key, `{"card": "`+card+`", "member": "`+member+`", "product": "explorer"}`),
		order("value.spent", key+"2", `{"card": "`+card+`", "amount": "1.00"}`),
		order("value.spent", key+"3", `{"`+card+`": 1}`),
		order("value.spent", key+"4", `{"card": "`+card+`", "amount": "2.00"}`),
		`{"`+card+`": 1}`,
	)
	log := h.log.String()
	for _, secret := range []string{card, member, key, h.cafeKey} {
		require.NotContains(t, log, secret)
	}
	require.Contains(t, log, `"route":"/v1/batch","status":200`)
	require.Contains(t, log, `"commands":5,"booked":1`)
	metrics := h.send(http.MethodGet, "/metrics", "", "").body
	for _, line := range []string{
		`lianka_batch_commands_total{status="201",type="card.sold"} 1`,
		`lianka_batch_commands_total{status="422",type="value.spent"} 2`,
		`lianka_batch_commands_total{status="400",type="value.spent"} 1`,
		`lianka_batch_commands_total{status="400",type="unread"} 1`,
		`lianka_http_requests_total{method="POST",route="/v1/batch",status="200"} 1`,
	} {
		require.Contains(t, metrics, line)
	}
	require.NotContains(t, metrics, card)
}

func TestTheDocumentNamesTheCommandsOfABatch(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	reference := h.send(http.MethodGet, "/docs", "", "").body
	_, batch, _ := strings.Cut(reference, `<article id="op-bookBatch"`)
	batch, _, _ = strings.Cut(batch, "</article>")
	var kinds []string
	for _, c := range everyKind {
		if !slices.Contains(kinds, c.kind) {
			kinds = append(kinds, c.kind)
		}
		require.Contains(t, batch, "<code>"+c.kind+"</code> as in <a href=", c.kind)
	}
	require.Contains(t, batch, strings.Join(kinds, " | "), "what type may be")
	var commands []string
	for _, kind := range alliance.Standard().Kinds() {
		if kind.Command != nil {
			commands = append(commands, string(kind.Type))
		}
	}
	require.ElementsMatch(t, commands, kinds, "every command of the rule book")
}
