package api_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
)

// readDocument reads openapi.yaml once: it takes half a second.
var readDocument = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromData([]byte(api.Document()))
})

// document returns openapi.yaml, which tests share and don't change.
func document(tb testing.TB) *openapi3.T {
	tb.Helper()
	d, err := readDocument()
	require.NoError(tb, err)
	return d
}

// sampleOf returns the sample answer of an operation, or nil.
func sampleOf(o *openapi3.Operation) any {
	for _, status := range []string{"200", "201"} {
		if response := o.Responses.Value(status); response != nil && response.Value.Content["application/json"] != nil {
			return response.Value.Content["application/json"].Example
		}
	}
	return nil
}

// TestSampleAnswersOfTheTillAreTheServers sends the document's sample commands, one
// after the other, and compares the answers with the sample answers.
func TestSampleAnswersOfTheTillAreTheServers(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.gives()
	// The card's referrer has bought one before.
	h.send(http.MethodPost, "/v1/cards", h.key, `{"card": "8000", "member": "bob", "product": "explorer", "merchant": "cafe"}`, "Idempotency-Key", "bob")
	paths := document(t).Paths
	sent := 0
	for _, path := range []string{
		"/v1/cards", "/v1/top-ups", "/v1/spends", "/v1/pass-uses", "/v1/coupon-uses", "/v1/purchases", "/v1/point-spends", "/v1/reversals", "/v1/freezes", "/v1/unfreezes",
		"/v1/holds", "/v1/hold-captures", "/v1/hold-voids", "/v1/replacements", "/v1/givings", "/v1/gifts", "/v1/item-redemptions", "/v1/refunds",
	} {
		if path == "/v1/hold-voids" { // of another hold
			h.send(http.MethodPost, "/v1/holds", h.key, `{"card": "8801", "merchant": "hotpot", "amount": "10.00"}`, "Idempotency-Key", "till-1-000125")
		}
		operation := paths.Value(path).Post
		body, err := json.Marshal(operation.RequestBody.Value.Content["application/json"].Example)
		require.NoError(t, err)
		answer := h.send(http.MethodPost, path, h.key, string(body), "Idempotency-Key", path)
		require.Equal(t, http.StatusCreated, answer.status, answer.body)
		sample, err := json.Marshal(sampleOf(operation))
		require.NoError(t, err)
		require.JSONEq(t, string(sample), answer.body, path)
		sent++
	}
	require.GreaterOrEqual(t, sent, 18)
}

// TestASampleAnswerIsOfItsOwnOperation fails for an answer that several operations
// share: each shows its own.
func TestASampleAnswerIsOfItsOwnOperation(t *testing.T) {
	t.Parallel()
	seen := make(map[string]string)
	receipts := 0
	for path, item := range document(t).Paths.Map() {
		for method, operation := range item.Operations() {
			command, _ := operation.Extensions["x-command"].(string)
			sample, is := sampleOf(operation).(map[string]any)
			if command != "" {
				require.Equal(t, command, sample["type"], operation.OperationID)
			}
			if !is || sample["events"] == nil && command == "" {
				continue
			}
			receipts++
			text, err := json.Marshal(sample)
			require.NoError(t, err)
			require.Empty(t, seen[string(text)], "%s %s shows what %s answers", method, path, seen[string(text)])
			seen[string(text)] = operation.OperationID
			if events, _ := sample["events"].([]any); len(events) > 0 {
				require.True(t, slices.ContainsFunc(events, func(e any) bool { return e.(map[string]any)["type"] == sample["type"] }), operation.OperationID)
			}
			if operation.RequestBody == nil || operation.RequestBody.Value.Content["application/json"] == nil {
				continue
			}
			// What the sample command names is in the sample answer.
			body, _ := operation.RequestBody.Value.Content["application/json"].Example.(map[string]any)
			for _, field := range []string{"card", "reference", "note", "reason", "answer"} {
				if value, is := body[field].(string); is {
					require.Contains(t, string(text), value, "%s: %s", operation.OperationID, field)
				}
			}
		}
	}
	require.GreaterOrEqual(t, receipts, 32)
}

// TestStatesAreTheDomains compares the enums of states and kinds with the constants
// of the domain's types.
func TestStatesAreTheDomains(t *testing.T) {
	t.Parallel()
	schemas := document(t).Components.Schemas
	for name, c := range map[string]struct{ folder, constants string }{
		"SettlementState": {"clearing/settlement", "Phase"},
		"ObligationState": {"clearing/settlement", "Status"},
		"DisputeState":    {"clearing/settlement", "Verdict"},
		"BenefitKind":     {"alliance", "BenefitKind"},
	} {
		var words []string
		for _, word := range schemas[name].Value.Enum {
			words = append(words, word.(string))
		}
		require.ElementsMatch(t, constants(t, c.folder, c.constants), words, name)
	}
}

// constants returns the values of a package's constants of a type.
func constants(t *testing.T, folder, typeName string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", folder, "*.go"))
	require.NoError(t, err)
	var values []string
	for _, name := range slices.DeleteFunc(names, func(n string) bool { return strings.HasSuffix(n, "_test.go") }) {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, is := n.(*ast.ValueSpec)
			if !is || len(spec.Values) != 1 {
				return true
			}
			if named, is := spec.Type.(*ast.Ident); is && named.Name == typeName {
				literal, is := spec.Values[0].(*ast.BasicLit)
				require.True(t, is)
				value, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				values = append(values, value)
			}
			return true
		})
	}
	require.NotEmpty(t, values, typeName)
	return values
}
