package api_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

// wrongValues returns values that a schema forbids.
func wrongValues(s *openapi3.Schema) []string {
	control := "a\x01b"
	switch {
	case s.Type.Is("integer"):
		wrong := []string{"x", "1.5", "+1", "9223372036854775808"}
		if s.Min != nil {
			wrong = append(wrong, fmt.Sprint(int64(*s.Min)-1))
		}
		if s.Max != nil {
			wrong = append(wrong, fmt.Sprint(int64(*s.Max)+1))
		}
		return wrong
	case len(s.Enum) > 0:
		return []string{"banana", strings.ToUpper(fmt.Sprint(s.Enum[0])), control}
	case s.Pattern != "":
		return []string{"?", "x y", control}
	}
	return []string{control, "\xff", "\x00", strings.Repeat("x", int(*s.MaxLength)+1)}
}

// TestEveryParameterIsChecked sends each operation's examples with one parameter
// after another wrong.
func TestEveryParameterIsChecked(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	checked := 0
	lin := h.enters(h.alliance, signin.Link{Person: person(h.staffed(h.alliance, access.Organiser, "", "Lin"))})
	ann := h.enters(h.alliance, signin.Link{Person: signin.Person{Member: "ann"}})
	for path, item := range document(t).Paths.Map() {
		for method, o := range item.Operations() {
			for _, wrong := range o.Parameters {
				for _, value := range wrongValues(wrong.Value.Schema.Value) {
					request := h.requestWith(t, method, path, o, wrong.Value, value)
					key := h.key
					if o.OperationID == "agreeToCampaign" { // the organiser can't
						key = h.cafeKey
					}
					if !strings.Contains(quoted(o.Security), "Key") && strings.Contains(quoted(o.Security), `"memberSession"`) && !strings.Contains(quoted(o.Security), `"staffSession"`) {
						key, request.headers = "", append(request.headers, "Cookie", ann) // the member alone
					} else if !strings.Contains(quoted(o.Security), "Key") && len(*o.Security) > 0 { // a key can't
						key, request.headers = "", append(request.headers, "Cookie", lin)
					}
					answer := h.send(method, request.path, key, request.body, request.headers...)
					code, status := "invalid_request", http.StatusBadRequest
					if wrong.Value.In == "path" && wrong.Value.Schema.Value.Enum == nil && !wrong.Value.Schema.Value.Type.Is("integer") {
						code, status = "not_found", http.StatusNotFound
					}
					if (strings.ContainsAny(value, "\x00\x01") || !utf8.ValidString(value)) && wrong.Value.In == "path" {
						code, status = "not_found", http.StatusNotFound
					}
					require.Equal(t, status, answer.status, "%s: %s=%q: %s", o.OperationID, wrong.Value.Name, value, answer.body)
					require.Equal(t, code, answer.code(t))
					require.Contains(t, answer.body, wrong.Value.Name, o.OperationID)
					checked++
				}
			}
		}
	}
	require.Greater(t, checked, 300)
}

type exampleRequest struct {
	path, body string
	headers    []string
}

// requestWith returns the example request of an operation, with a wrong value of one
// parameter.
func (h *harbour) requestWith(t *testing.T, method, path string, o *openapi3.Operation, wrong *openapi3.Parameter, value string) exampleRequest {
	t.Helper()
	var r exampleRequest
	query := url.Values{}
	for _, ref := range o.Parameters {
		p := ref.Value
		text := fmt.Sprint(p.Example)
		if p == wrong {
			text = value
		} else if !p.Required {
			continue
		}
		switch p.In {
		case "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(text))
		case "query":
			query.Set(p.Name, text)
		case "header":
			if strings.ContainsAny(text, "\x00\x01") {
				text = strings.Repeat("x", 256) // net/http sends no control characters
			}
			r.headers = append(r.headers, p.Name, text)
		}
	}
	r.path = path
	if len(query) > 0 {
		r.path += "?" + query.Encode()
	}
	if o.RequestBody != nil && method != http.MethodGet {
		if media := o.RequestBody.Value.Content["application/json"]; media != nil {
			r.body = quoted(media.Example)
		}
	}
	return r
}

func TestParametersThatUsedToPass(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	account := `{"holder": "江边火锅有限公司", "number": "6222020200112233446", "bank": "中国工商银行"}`
	require.Equal(t, http.StatusOK, h.send(http.MethodPut, "/v1/bank-accounts/party/hotpot", h.key, account).status)
	stored := h.send(http.MethodGet, "/v1/bank-accounts/party/hotpot", h.key, "").body
	for _, test := range []struct{ method, path, body, says string }{
		{http.MethodPut, "/v1/bank-accounts/banana/hotpot", strings.ReplaceAll(account, "6222", "6333"), "holder_kind is not one of party, member"},
		{http.MethodGet, "/v1/bank-lines?matched=maybe", "", "matched is not one of true, false, yes, no"},
		{http.MethodGet, "/v1/payment-runs/1/file?format=mt101", "", "format is not one of pain.001, csv"},
		{http.MethodGet, "/v1/payment-runs/1/file", "", "format is missing"},
		{http.MethodGet, "/v1/events?after=-5", "", "after must be at least 0"},
		{http.MethodGet, "/v1/events?limit=201", "", "limit must be between 1 and 200"},
		{http.MethodGet, "/v1/disputes?period=October", "", "period is not written like 2026-10"},
		{http.MethodGet, "/v1/disputes?state=lost", "", "state is not one of"},
		{http.MethodPost, "/v1/disputes/0/withdraw", "", "dispute must be at least 1"},
		{http.MethodGet, "/v1/cards?cursor=%2F%2F", "", "cursor is not written like"},
	} {
		answer := h.send(test.method, test.path, h.key, test.body, "Idempotency-Key", "x")
		require.Equal(t, http.StatusBadRequest, answer.status, test.path)
		require.Contains(t, answer.body, test.says)
	}
	require.Equal(t, stored, h.send(http.MethodGet, "/v1/bank-accounts/party/hotpot", h.key, "").body, "the payout account is as it was")
}

// TestCursorsBeyondTheirColumn: a number that the column can't hold is a cursor
// that no list gave, not a fault of the server.
func TestCursorsBeyondTheirColumn(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	for operation, path := range map[string]string{
		"listObligations": "/v1/settlements/2026-10/obligations", "listDisputes": "/v1/disputes", "listPaymentRuns": "/v1/payment-runs",
		"listBankLines": "/v1/bank-lines", "listTransactions": "/v1/transactions", "getMember": "/v1/members/ann",
	} {
		for _, number := range []string{"9223372036854775808", "0", "-1", "x"} {
			cursor := base64.RawURLEncoding.EncodeToString([]byte("1\n" + operation + "\n" + number))
			require.Equal(t, "invalid_request", h.send(http.MethodGet, path+"?cursor="+cursor, h.key, "").code(t), "%s %s", operation, number)
		}
		for _, number := range []string{"2147483648", "9223372036854775807"} {
			cursor := base64.RawURLEncoding.EncodeToString([]byte("1\n" + operation + "\n" + number))
			require.Less(t, h.send(http.MethodGet, path+"?cursor="+cursor, h.key, "").status, 500, "%s %s", operation, number)
		}
	}
}

func TestTextThatTheDatabaseCantHoldIsRefused(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	for path, body := range map[string]string{
		"/v1/keys":                       `{"role": "organiser", "label": "a\u0000b"}`,
		"/v1/shops":                      `{"code": "bar", "name": "a\u0000b"}`,
		"/v1/products":                   `{"code": "x", "kind": "free", "name": "a\u0000b"}`,
		"/v1/batch":                      `{"commands": [{"type": "value.spent", "idempotency_key": "a\u0000b", "body": {"card": "8801", "merchant": "cafe", "amount": "1"}}]}`,
		"/v1/payment-runs":               `{"execute_on": "2026-11-06\u0000"}`,
		"/v1/bank-accounts/party/hotpot": `{"holder": "a\u0000b", "number": "6222020200112233446", "bank": "b"}`,
	} {
		method := http.MethodPost
		if strings.Contains(path, "bank-accounts") {
			method = http.MethodPut
		}
		answer := h.send(method, path, h.key, body, "Idempotency-Key", "x")
		require.Contains(t, answer.body, "invalid_request", path)
		require.Less(t, answer.status, 500, path)
	}
	answer := h.send(http.MethodPost, "/v1/bank-statements?format=csv", h.key, "date,amount\na\x00b", "Idempotency-Key", "x", "Content-Type", "", "Content-Type", "application/octet-stream")
	require.Equal(t, http.StatusUnprocessableEntity, answer.status)
	require.Equal(t, "invalid_document", answer.code(t))
}

// TestTheServerDoesNotStartWithWhatItWouldNotEnforce changes the document.
func TestTheServerDoesNotStartWithWhatItWouldNotEnforce(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("openapi.yaml")
	require.NoError(t, err)
	require.NoError(t, api.CheckDocument(text))
	for old, changed := range map[string]string{
		"schema: {type: integer, minimum: 1, maximum: 200, default: 50}": "schema: {type: integer, minimum: 1, maximum: 200, multipleOf: 10}",
		"enum: [pain.001, csv]}":                                          "enum: [pain.001, csv], nullable: true}",
		"      x-max-body-bytes: 262144\n":                                "      x-max-body-bytes: many\n",
		"operationId: getTrialBalance":                                    "operationId: getTheTrialBalance",
		"      operationId: setTerms\n":                                   "      operationId: setTheTerms\n",
		"amount: {$ref: \"#/components/schemas/Amount\"}\n    PassUse:":   "amount: {type: string, format: money}\n    PassUse:",
		"count: {type: integer, format: int64, description: How many use": "count: {type: number, description: How many use",
		"          points.spent: ":                                        "          points.given: ",
		"      x-command: points.spent\n":                                 "",
	} {
		broken := strings.Replace(string(text), old, changed, 1)
		require.NotEqual(t, string(text), broken, old)
		require.Error(t, api.CheckDocument([]byte(broken)), changed)
	}
	opened := strings.Replace(string(text), "      operationId: getTrialBalance\n", "      operationId: getTrialBalance\n      x-note: opened to shops\n", 1)
	require.NoError(t, api.CheckDocument([]byte(opened)), "what is said about an operation is not a keyword of a schema")
	i := strings.Index(opened, "operationId: getTrialBalance")
	opened = opened[:i] + strings.Replace(opened[i:], "security: [{organiserKey: []}]", "security: [{organiserKey: []}, {shopKey: []}]", 1)
	require.ErrorContains(t, api.CheckDocument([]byte(opened)), "permissions of the role owner")
}

// TestNumbersBeyondTheirColumn sends the largest number wherever a body has one.
func TestNumbersBeyondTheirColumn(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.sold("8801", "ann")
	const most = "9223372036854775807"
	for _, test := range []struct{ method, path, body string }{
		{http.MethodPost, "/v1/products", `{"code": "a", "kind": "free", "valid_days": MOST}`},
		{http.MethodPost, "/v1/products", `{"code": "b", "kind": "free", "benefits": [{"code": "x", "kind": "pass", "merchant": "cafe", "reimbursement": "0", "uses": MOST}]}`},
		{http.MethodPut, "/v1/terms", strings.Replace(termsBody, `"hold_days": 7`, `"hold_days": MOST`, 1)},
		{http.MethodPut, "/v1/terms", strings.Replace(termsBody, `"settlement": {`, `"settlement": {"review_days": MOST, `, 1)},
		{http.MethodPut, "/v1/terms", strings.Replace(termsBody, `"settlement": {`, `"settlement": {"payment_days": MOST, `, 1)},
		{http.MethodPut, "/v1/terms", strings.Replace(termsBody, `"settlement": {`, `"settlement": {"reminder_days": MOST, `, 1)},
		{http.MethodPut, "/v1/terms", strings.Replace(termsBody, `"settlement": {`, `"settlement": {"grace_days": MOST, `, 1)},
		{http.MethodPut, "/v1/terms", strings.Replace(termsBody, `"settlement": {`, `"settlement": {"answer_days": MOST, `, 1)},
		{http.MethodPut, "/v1/terms", strings.Replace(termsBody, `"settlement": {`, `"offline": {"max_hours": MOST, "max_count": 1, "max_amount": "1"}, "settlement": {`, 1)},
		{http.MethodPut, "/v1/terms", strings.Replace(termsBody, `"settlement": {`, `"offline": {"max_hours": 1, "max_count": MOST, "max_amount": "1"}, "settlement": {`, 1)},
		{http.MethodPost, "/v1/pass-uses", `{"card": "8801", "merchant": "cafe", "benefit": "coffee", "count": MOST}`},
		{http.MethodPost, "/v1/point-spends", `{"card": "8801", "merchant": "cafe", "points": MOST}`},
	} {
		require.Contains(t, test.body, "MOST", test.path)
		for i, number := range []string{most, "-" + most, "2147483648", "0"} {
			answer := h.send(test.method, test.path, h.key, strings.Replace(test.body, "MOST", number, 1), "Idempotency-Key", test.path+number+fmt.Sprint(len(test.body), i))
			require.Less(t, answer.status, 500, "%s: %s: %s", number, test.body, answer.body)
		}
	}
}
