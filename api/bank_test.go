package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/bankfile/banktest"
	"github.com/lianka/lianka/clearing/reference"
)

// month is a harbour whose October has closed and is approved: the cafe owes, the
// hotpot and the organiser are to be paid.
type month struct {
	*harbour
	owes, paid spec.Obligation // of the cafe, to the hotpot
}

func newMonth(t *testing.T) *month {
	t.Helper()
	m := monthOf(t, newHarbour(t), "2026-11-05T09:00:00+08:00")
	require.NotEmpty(t, m.owes.Reference)
	require.NotEmpty(t, m.paid.Reference)
	return m
}

// monthOf lets something happen in the October of a harbour, and its clock go on to an instant.
func monthOf(t *testing.T, h *harbour, instant string) *month {
	t.Helper()
	m := &month{harbour: h}
	m.sold("8801", "ann")
	m.does(m.hotpotKey, "spends", `{"card": "8801", "amount": "100.00"}`)
	m.advanceTo(instant)
	page, err := m.organiser.ListObligationsWithResponse(t.Context(), "2026-10", nil)
	for _, o := range ok(t, page.JSON200, page.ApplicationProblemJSONDefault, err).Items {
		switch {
		case o.Payer == "cafe":
			m.owes = o
		case o.Payee == "hotpot":
			m.paid = o
		}
	}
	for holder, number := range map[string]string{"custody": "1202020209900112233", "hotpot": "6222021202033445561", "organiser": "1202020209900445566"} {
		answer := m.send(http.MethodPut, "/v1/bank-accounts/party/"+holder, m.key,
			fmt.Sprintf(`{"holder": "%s 有限公司", "number": %q, "bank": "中国工商银行"}`, holder, number))
		require.Equal(t, http.StatusOK, answer.status, answer.body)
	}
	return m
}

func (m *month) run() string {
	m.t.Helper()
	answer := m.send(http.MethodPost, "/v1/payment-runs", m.key, `{"execute_on": "2026-11-06", "accept_shortage": true}`, "Idempotency-Key", m.fresh())
	require.Equal(m.t, http.StatusCreated, answer.status, answer.body)
	return answer.body
}

// imports sends a bank statement of some lines, and returns the types of the events
// that it made.
func (m *month) imports(id string, lines ...bankfile.Line) []string {
	m.t.Helper()
	text, err := banktest.Camt053(id, "1202020209900112233", lines)
	require.NoError(m.t, err)
	answer := m.send(http.MethodPost, "/v1/bank-statements?format=camt.053", m.key, string(text),
		"Content-Type", "application/octet-stream", "Idempotency-Key", m.fresh())
	require.Equal(m.t, http.StatusCreated, answer.status, answer.body)
	var receipt spec.SettlementReceipt
	require.NoError(m.t, json.Unmarshal([]byte(answer.body), &receipt))
	var types []string
	for _, e := range receipt.Events {
		types = append(types, e.Type)
	}
	return types
}

func (m *month) line(id string, credit bool, amount, ref string) bankfile.Line {
	m.t.Helper()
	minor, err := json.Number(strings.ReplaceAll(amount, ".", "")).Int64()
	require.NoError(m.t, err)
	return bankfile.Line{
		ID: id, BookedOn: time.Date(2026, time.November, 6, 0, 0, 0, 0, time.UTC), Credit: credit, Amount: m.alliance.Currency.Minor(minor),
		Reference: ref, Counterparty: "某公司",
	}
}

func (m *month) state(ref string) string {
	m.t.Helper()
	page, err := m.organiser.ListObligationsWithResponse(m.t.Context(), "2026-10", nil)
	for _, o := range ok(m.t, page.JSON200, page.ApplicationProblemJSONDefault, err).Items {
		if o.Reference == ref {
			return string(o.State)
		}
	}
	m.t.Fatalf("there is no obligation %s", ref)
	return ""
}

func TestTheBanksStatementTellsWhatBecameOfPayments(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	m.run()
	unknown, err := reference.New(m.alliance.ID, "2026-10", 77)
	require.NoError(t, err)
	returned := m.line("4", true, m.paid.Amount, m.paid.Reference)
	returned.Returned, returned.ReasonCode = true, "AC04"
	lines := []bankfile.Line{
		m.line("1", false, m.paid.Amount, m.paid.Reference),
		m.line("2", true, "1.00", m.owes.Reference),
		m.line("3", true, m.owes.Amount, unknown),
		returned,
		m.line("5", true, m.owes.Amount, m.owes.Reference),
	}
	require.Equal(t, []string{
		"payout.confirmed", "statement.line_unmatched", "statement.line_unmatched", "payout.returned", "payout.payable", "payment.received", "statement.imported",
	}, m.imports("S1", lines...))
	require.Equal(t, "payable", m.state(m.paid.Reference), "it goes into the next run")
	require.Equal(t, "paid", m.state(m.owes.Reference))

	require.Equal(t, []string{"statement.imported"}, m.imports("S1", lines...), "the same file again: nothing")
	require.Equal(t, []string{"statement.line_unmatched", "statement.imported"}, m.imports("S2", lines[4], m.line("6", true, m.owes.Amount, m.owes.Reference)),
		"an overlapping one: the line that it shares is known, and nothing is owed any more")

	outcomes := func(matched spec.ListBankLinesParamsMatched) map[string]string {
		list, err := m.organiser.ListBankLinesWithResponse(t.Context(), &spec.ListBankLinesParams{Matched: &matched})
		all := map[string]string{}
		for _, l := range ok(t, list.JSON200, list.ApplicationProblemJSONDefault, err).Items {
			all[l.Line] = l.Outcome
		}
		return all
	}
	unmatched := map[string]string{"2": "not_due", "3": "unknown_reference", "6": "not_due"}
	require.Equal(t, unmatched, outcomes(spec.ListBankLinesParamsMatchedNo))
	require.Equal(t, unmatched, outcomes(spec.ListBankLinesParamsMatchedFalse))
	matched := outcomes(spec.ListBankLinesParamsMatchedTrue)
	require.Equal(t, matched, outcomes(spec.ListBankLinesParamsMatchedYes))
	require.NotEmpty(t, matched)
	for line, outcome := range matched {
		require.NotContains(t, unmatched, line)
		require.Contains(t, []string{"received", "confirmed", "returned"}, outcome)
	}

	require.Contains(t, m.run(), m.paid.Reference)
	require.Equal(t, []string{"payout.confirmed", "statement.imported"}, m.imports("S3", m.line("7", false, m.paid.Amount, m.paid.Reference)))
	require.Equal(t, "nothing_to_pay", m.refused(m.key, "payment-runs", `{}`, http.StatusUnprocessableEntity), "nothing is sent twice")
	m.audit(m.alliance)
}

func TestAPaymentFileIsMadeOnceAndFitsItsSchema(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	m.run()
	first := m.send(http.MethodGet, "/v1/payment-runs/1/file?format=pain.001", m.key, "")
	require.Equal(t, http.StatusOK, first.status, first.body)
	require.Contains(t, first.body, m.paid.Reference)
	require.Contains(t, first.body, "hotpot 有限公司")

	// Neither another account nor later payments change what was handed out.
	m.send(http.MethodPut, "/v1/bank-accounts/party/hotpot", m.key, `{"holder": "另一家", "number": "6222021202099999998", "bank": "某行"}`)
	m.send(http.MethodPut, "/v1/bank-accounts/party/custody", m.key, `{"holder": "另一家", "number": "6222021202088888889", "bank": "某行"}`)
	again := m.send(http.MethodGet, "/v1/payment-runs/1/file?format=pain.001", m.key, "")
	require.Equal(t, first.body, again.body)
	table := m.send(http.MethodGet, "/v1/payment-runs/1/file?format=csv", m.key, "")
	require.Equal(t, http.StatusOK, table.status)
	require.Contains(t, table.body, m.paid.Amount)
	require.Equal(t, http.StatusNotFound, m.send(http.MethodGet, "/v1/payment-runs/2/file?format=csv", m.key, "").status)

	program, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed, so the file was not checked against the schema; it is in Debian's libxml2-utils")
	}
	name := filepath.Join(t.TempDir(), "pain.001.xml")
	require.NoError(t, os.WriteFile(name, []byte(first.body), 0o600))
	said, err := exec.CommandContext(t.Context(), program, "--noout", "--nonet", "--schema", "../clearing/bankfile/testdata/pain.001.001.10.xsd", name).CombinedOutput()
	require.NoError(t, err, string(said))
}

func TestABankStatementThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	for what, c := range map[string]struct{ format, body, says string }{
		"no statement":      {"camt.053", "nonsense", "no line names the columns"},
		"columns missing":   {"csv", "a,b\n1,2\n", "column"},
		"nobody says whose": {"csv", "id,date,amount\n1,2026-11-01,+5.00\n", "whose statement"},
		"no direction":      {"csv", "id,date,amount\n1,2026-11-01,5.00\n", "which amounts came in"},
	} {
		answer := m.send(http.MethodPost, "/v1/bank-statements?format="+c.format, m.key, c.body,
			"Content-Type", "application/octet-stream", "Idempotency-Key", m.fresh())
		require.Equal(t, http.StatusUnprocessableEntity, answer.status, "%s: %s", what, answer.body)
		require.Equal(t, "invalid_document", answer.code(t), what)
		require.Contains(t, strings.ToLower(answer.body), c.says, what)
	}
	lines, err := m.organiser.ListBankLinesWithResponse(t.Context(), nil)
	require.Empty(t, ok(t, lines.JSON200, lines.ApplicationProblemJSONDefault, err).Items)
}

// The door lets in what the reader takes, and no more.
func TestABankStatementMayBeAsLargeAsTheReaderTakes(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	for size, want := range map[int]string{bankfile.MaxStatementSize: "invalid_document", bankfile.MaxStatementSize + 1: "body_too_large"} {
		answer := h.send(http.MethodPost, "/v1/bank-statements?format=csv", h.key, strings.Repeat(" ", size),
			"Content-Type", "application/octet-stream", "Idempotency-Key", h.fresh())
		require.Equal(t, want, answer.code(t), answer.body)
	}
}

func TestAShopSeesOnlyItsOwnOfAClosedMonth(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	page, err := m.hotpot.ListObligationsWithResponse(t.Context(), "2026-10", nil)
	items := ok(t, page.JSON200, page.ApplicationProblemJSONDefault, err).Items
	require.Len(t, items, 1)
	require.Equal(t, m.paid.Reference, items[0].Reference)
	covers, err := m.hotpot.ListCoverWithResponse(t.Context(), nil)
	require.Equal(t, "hotpot", ok(t, covers.JSON200, covers.ApplicationProblemJSONDefault, err).Items[0].Merchant)
	events, err := m.hotpot.ListEventsWithResponse(t.Context(), nil)
	for _, e := range ok(t, events.JSON200, events.ApplicationProblemJSONDefault, err).Items {
		require.NotEqual(t, "cafe", value(e.Party))
	}
	for _, path := range []string{
		"/v1/bank-accounts/party/custody", "/v1/bank-accounts/party/cafe", "/v1/bank-accounts/member/ann",
	} {
		require.Equal(t, http.StatusNotFound, m.send(http.MethodGet, path, m.hotpotKey, "").status, path)
	}
	require.Equal(t, http.StatusForbidden, m.send(http.MethodGet, "/v1/settlements/2026-10/statement?party=cafe", m.hotpotKey, "").status)
	for _, format := range []string{"json", "csv", "summary.csv", "xlsx", "pdf"} {
		answer := m.send(http.MethodGet, "/v1/settlements/2026-10/statement?format="+format, m.hotpotKey, "")
		require.Equal(t, http.StatusOK, answer.status, format)
		require.NotEmpty(t, answer.body, format)
	}
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
