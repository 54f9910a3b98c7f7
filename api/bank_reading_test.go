package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
)

// export sends an export with query parameters, pairs of name and value.
func (m *month) export(content string, parameters ...string) answer {
	m.t.Helper()
	query := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		query.Set(parameters[i], parameters[i+1])
	}
	return m.send(http.MethodPost, "/v1/bank-statements?"+query.Encode(), m.key, content, "Content-Type", "application/octet-stream", "Idempotency-Key", m.fresh())
}

// previews returns what an export would do.
func (m *month) previews(content string, parameters ...string) spec.StatementPreview {
	m.t.Helper()
	before := m.bankLines()
	answer := m.export(content, append(parameters, "preview", "true", "account", custodyNumber)...)
	require.Equal(m.t, http.StatusOK, answer.status, answer.body)
	require.Equal(m.t, before, m.bankLines(), "a preview changes nothing")
	var preview spec.StatementPreview
	require.NoError(m.t, json.Unmarshal([]byte(answer.body), &preview))
	return preview
}

const (
	oddExport  = "when,how much,way,what\n2026-11-06,3.00,ein,x\n"
	oddMapping = `{"date": "when", "amount": "how much", "direction": "way", "credit_words": ["ein"], "debit_words": ["aus"], "text": ["what"]}`
)

func TestHowAnExportWasReadIsRemembered(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	unread := func(why string) {
		answer := m.export(oddExport, "account", custodyNumber)
		require.Equal(t, "invalid_document", answer.code(t), why)
		require.Contains(t, answer.body, "when, how much, way, what", "it names the columns that there are")
	}
	unread("no profile fits")
	require.Equal(t, "mapping", m.previews(oddExport, "mapping", oddMapping).Profile)
	unread("a preview remembers nothing")

	answer := m.export(oddExport, "account", custodyNumber, "mapping", oddMapping)
	require.Equal(t, http.StatusCreated, answer.status, answer.body)
	require.Len(t, m.bankLines(), 1)
	next := m.previews("when,how much,way,what\n2026-11-07,4.00,aus,y\n")
	require.Equal(t, "mapping", next.Profile, "remembered")
	require.Equal(t, spec.MoneyOut, next.Lines[0].Direction)

	plain := "date,amount,text\n2026-11-08,+5.00,z\n"
	require.Equal(t, "generic", m.previews(plain).Profile, "what the mapping doesn't fit is read by its header")
	require.Equal(t, "generic", m.previews(plain, "profile", "generic").Profile)
	answer = m.export(plain, "account", custodyNumber, "profile", "generic")
	require.Equal(t, http.StatusCreated, answer.status, answer.body)
	unread("the newest reading counts")
	m.audit(m.alliance)
}

func TestAMappingThatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	for name, c := range map[string]struct {
		parameter, value, code, says string
	}{
		"no JSON":             {"mapping", `date=when`, "invalid_request", `"path":"mapping"`},
		"a list":              {"mapping", `["when"]`, "invalid_request", `"path":"mapping"`},
		"an unknown key":      {"mapping", `{"date": "when", "amount": "how much", "day": "x"}`, "invalid_request", `day`},
		"something behind":    {"mapping", `{"date": "when"} {}`, "invalid_request", `"path":"mapping"`},
		"no date":             {"mapping", `{"amount": "how much"}`, "invalid_document", `"path":"mapping.date"`},
		"two ways":            {"mapping", `{"date": "when", "amount": "how much", "credit": "way"}`, "invalid_document", `"path":"mapping.amount"`},
		"one of two columns":  {"mapping", `{"date": "when", "credit": "way"}`, "invalid_document", `"path":"mapping.debit"`},
		"a column not there":  {"mapping", `{"date": "when", "amount": "how much", "direction": "way", "text": ["who"]}`, "invalid_document", `who`},
		"the date not there":  {"mapping", `{"date": "day", "amount": "how much"}`, "invalid_document", `day`},
		"words in no column":  {"mapping", `{"date": "when", "amount": "how much", "credit_words": ["ein"]}`, "invalid_document", `"path":"mapping.direction"`},
		"a word for both":     {"mapping", `{"date": "when", "amount": "how much", "direction": "way", "credit_words": ["ein"], "debit_words": ["ein"]}`, "invalid_document", `"path":"mapping.debit_words"`},
		"no direction":        {"mapping", `{"date": "when", "amount": "how much"}`, "invalid_document", `which amounts came in`},
		"an unknown profile":  {"profile", `icbc-2099`, "invalid_document", `"path":"profile"`},
		"another's profile":   {"profile", `icbc`, "invalid_document", `icbc`},
		"an unknown preview":  {"preview", `yes`, "invalid_request", `"path":"preview"`},
		"somebody's account":  {"account", `6222021202033445561`, "invalid_document", `the columns`},
		"an account too long": {"account", "12345678901234567890123456789012345678901234567890123456789012345", "invalid_request", `"path":"account"`},
	} {
		parameters := []string{"account", custodyNumber, "preview", "true", c.parameter, c.value}
		for range 2 { // in a preview, and not
			answer := m.export(oddExport, parameters...)
			require.Equal(t, c.code, answer.code(t), "%s: %s", name, answer.body)
			require.Contains(t, answer.body, c.says, name)
			if c.parameter != "preview" {
				parameters[3] = "false"
			}
		}
	}
	require.Empty(t, m.bankLines())
}

func TestAStatementIsOfCustodysAccount(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	for _, preview := range []string{"true", "false"} {
		answer := m.export(oddExport, "account", "6222021202033445561", "mapping", oddMapping, "preview", preview)
		require.Equal(t, "not_custodys_account", answer.code(t), answer.body)
		require.Contains(t, answer.body, `"custody":"`+custodyNumber+`"`)
	}
	h := newHarbour(t)
	for _, preview := range []string{"true", "false"} {
		answer := h.send(http.MethodPost, "/v1/bank-statements?account=1&preview="+preview+"&mapping="+url.QueryEscape(oddMapping), h.key, oddExport,
			"Content-Type", "application/octet-stream", "Idempotency-Key", h.fresh())
		require.Equal(t, "account_missing", answer.code(t), answer.body)
	}
}
