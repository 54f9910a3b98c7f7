package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

// requireDeclared fails for an answer in the 400s that the document doesn't declare for its
// operation: the status is among its responses; the code is in the description of that
// response, or the operation's own description names it behind "Refusals:".
func requireDeclared(tb testing.TB, request *http.Request, status int, body []byte) {
	tb.Helper()
	if status < 400 || status >= 500 {
		return
	}
	switch status {
	case http.StatusMethodNotAllowed, http.StatusRequestHeaderFieldsTooLarge:
		return // answered before it is known which operation is meant
	}
	router, err := contract()
	require.NoError(tb, err)
	asked := request.Clone(request.Context())
	asked.URL = &url.URL{Path: request.URL.EscapedPath()}
	route, _, err := router.FindRoute(asked)
	if err != nil {
		return // of no operation
	}
	var p struct{ Code string }
	require.NoError(tb, json.Unmarshal(body, &p), string(body))
	if !declares(route.Operation, status, p.Code) {
		tb.Errorf("openapi.yaml: %s doesn't declare %d %s: add the status to its responses, and the code behind Refusals: in its description", route.Operation.OperationID, status, p.Code)
	}
}

var (
	refusalsOf = regexp.MustCompile(`Refusals:\s+([^.]*)\.`)
	codeOf     = regexp.MustCompile("`(\\w+)`")
)

func declares(o *openapi3.Operation, status int, code string) bool {
	response := o.Responses.Value(strconv.Itoa(status))
	if response == nil {
		return false
	}
	texts := []string{*response.Value.Description}
	if status == http.StatusConflict || status == http.StatusUnprocessableEntity {
		for _, sentence := range refusalsOf.FindAllStringSubmatch(o.Description, -1) {
			texts = append(texts, sentence[1])
		}
	}
	for _, named := range codeOf.FindAllStringSubmatch(strings.Join(texts, " "), -1) {
		if named[1] == code {
			return true
		}
	}
	return false
}

// TestWhatIsNotDeclaredIsFound proves that requireDeclared, which sees every answer to these
// tests, finds what the document lacks.
func TestWhatIsNotDeclaredIsFound(t *testing.T) {
	t.Parallel()
	router, err := contract()
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/cards", nil)
	require.NoError(t, err)
	route, _, err := router.FindRoute(request)
	require.NoError(t, err)
	o := route.Operation
	require.True(t, declares(o, 422, "card_exists"), "by the operation")
	require.True(t, declares(o, 422, "idempotency_conflict"), "by the response that many operations share")
	require.True(t, declares(o, 401, "unauthenticated"))
	require.False(t, declares(o, 422, "benefit_exhausted"), "another operation's code")
	require.False(t, declares(o, 400, "card_exists"), "with another status")
	require.False(t, declares(o, 418, "teapot"))
}

// TestEachOperationDeclaresWhatEachCanAnswer fails for a new operation that lacks what all have.
func TestEachOperationDeclaresWhatEachCanAnswer(t *testing.T) {
	t.Parallel()
	for id, o := range operations(t) {
		needed := []string{"400", "401", "415", "default"}
		for _, p := range o.Parameters {
			switch {
			case p.Value.In == openapi3.ParameterInPath:
				needed = append(needed, "404")
			case p.Value.Name == "Idempotency-Key":
				needed = append(needed, "409", "422")
			}
		}
		if o.RequestBody != nil {
			needed = append(needed, "413")
		}
		for _, status := range needed {
			require.NotNil(t, o.Responses.Value(status), "%s: %s", id, status)
		}
	}
}

// operations returns the operations of the document by their ids.
func operations(t *testing.T) map[string]*openapi3.Operation {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	require.NoError(t, err)
	all := make(map[string]*openapi3.Operation)
	for _, item := range document.Paths.Map() {
		for _, o := range item.Operations() {
			all[o.OperationID] = o
		}
	}
	return all
}
