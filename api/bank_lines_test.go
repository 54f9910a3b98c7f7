package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/reference"
)

// waiting imports lines as one statement, and returns by their numbers the transactions that
// took them in.
func (m *month) waiting(statement string, lines ...bankfile.Line) map[string]string {
	m.t.Helper()
	m.imports(statement, lines...)
	took := make(map[string]string)
	for _, l := range m.bankLines() {
		took[l.Line] = l.Transaction
	}
	return took
}

// says sends what a person says of a line.
func (m *month) says(transaction, verb, body string) answer {
	m.t.Helper()
	return m.send(http.MethodPost, "/v1/bank-lines/"+transaction+"/"+verb, m.key, body, "Idempotency-Key", m.fresh())
}

// done is says for what is done, and returns the types of its events.
func (m *month) done(transaction, verb, body string) []string {
	m.t.Helper()
	answer := m.says(transaction, verb, body)
	require.Equal(m.t, http.StatusCreated, answer.status, answer.body)
	var receipt spec.SettlementReceipt
	require.NoError(m.t, json.Unmarshal([]byte(answer.body), &receipt))
	var types []string
	for _, e := range receipt.Events {
		types = append(types, e.Type)
	}
	return types
}

// refusals are bodies that are refused, and with which code.
type refusals []struct{ transaction, body, code string }

// refuses requires that what is said is refused, that it changes no line, and that the answer
// names what was wrong.
func (m *month) refuses(verb string, all refusals) {
	m.t.Helper()
	before := m.bankLines()
	for _, r := range all {
		answer := m.says(r.transaction, verb, r.body)
		require.Equal(m.t, http.StatusUnprocessableEntity, answer.status, "%s: %s", r.code, answer.body)
		require.Equal(m.t, r.code, answer.code(m.t), answer.body)
	}
	require.Equal(m.t, before, m.bankLines())
}

// outcome returns what became of the line that a transaction took in.
func (m *month) outcome(transaction string) string {
	m.t.Helper()
	for _, l := range m.bankLines() {
		if l.Transaction == transaction {
			return l.Outcome
		}
	}
	m.t.Fatalf("%s took in no line", transaction)
	return ""
}

// part is the body of a match with one payment.
func part(ref string) string { return fmt.Sprintf(`{"parts": [{"reference": %q}]}`, ref) }

func TestAPersonSaysWhatALineIsFor(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	ours, theirs := m.owes.Reference, m.paid.Reference
	none, err := reference.New(m.alliance.ID, "2026-10", 77)
	require.NoError(t, err)
	txn := m.waiting("S1",
		m.line("in", true, "3.00", ""), m.line("out", false, "3.00", ""), m.line("much in", true, "99999.00", ""), m.line("much out", false, "99999.00", ""))
	m.refuses("match", refusals{
		{"txn_1", part(ours), "unknown_bank_line"},
		{"txn_9000000000", part(ours), "unknown_bank_line"},
		{txn["in"], part(none), "unknown_reference"},
		{txn["in"], fmt.Sprintf(`{"parts": [{"reference": %q, "amount": "1.00"}, {"reference": %q, "amount": "1.00"}]}`, ours, ours), "bank_line_differs"},
		{txn["in"], fmt.Sprintf(`{"parts": [{"reference": %q, "amount": "0.00"}, {"reference": %q, "amount": "3.00"}]}`, ours, ours), "invalid_amount"},
		{txn["in"], fmt.Sprintf(`{"parts": [{"reference": %q, "amount": "3.001"}]}`, ours), "invalid_amount"},
		{txn["much in"], part(ours), "over_payment"},
		{txn["out"], part(ours), "not_received"},
		{txn["in"], part(theirs), "not_sent"},
		{txn["much out"], part(theirs), "already_confirmed"},
	})
	require.Equal(t, []string{"settlement.paying", "payment.received", "payment.received", "statement.line_matched"},
		m.done(txn["in"], "match", fmt.Sprintf(`{"parts": [{"reference": %q, "amount": "1.00"}, {"reference": %q, "amount": "2.00"}], "note": "两笔"}`, ours, ours)))
	require.Equal(t, "matched", m.outcome(txn["in"]))
	require.Equal(t, "part_paid", m.state(ours))
	m.refuses("match", refusals{{txn["in"], part(ours), "bank_line_resolved"}})

	rest := m.owed(ours)
	more := m.waiting("S2", m.line("rest", true, rest, ""), m.line("again", true, "1.00", ""))
	m.done(more["rest"], "match", part(ours))
	require.Equal(t, "paid", m.state(ours))
	m.refuses("match", refusals{{more["again"], part(ours), "nothing_due"}})

	m.run()
	sent := m.waiting("S3", m.line("sent", false, m.paid.Amount, ""))
	require.Equal(t, []string{"payout.confirmed", "statement.line_matched"}, m.done(sent["sent"], "match", part(theirs)))
	require.Equal(t, "confirmed", m.state(theirs))
	m.audit(m.alliance)
}

// owed returns what is outstanding of an obligation of October.
func (m *month) owed(ref string) string {
	m.t.Helper()
	page, err := m.organiser.ListObligationsWithResponse(m.t.Context(), "2026-10", nil)
	for _, o := range ok(m.t, page.JSON200, page.ApplicationProblemJSONDefault, err).Items {
		if o.Reference == ref {
			return o.Outstanding
		}
	}
	m.t.Fatalf("there is no obligation %s", ref)
	return ""
}

func TestALineIsForNoMonthThatIsNotApproved(t *testing.T) {
	t.Parallel()
	m := monthOf(t, newHarbour(t), "2026-11-01T09:00:00+08:00")
	txn := m.waiting("S1", m.line("in", true, "3.00", ""), m.line("out", false, "3.00", ""))
	m.refuses("match", refusals{{txn["in"], part(m.owes.Reference), "not_approved"}, {txn["out"], part(m.paid.Reference), "not_approved"}})
}

func TestALineIsForNoNewerMonthThanWhatIsOwed(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.newTerms(`"minimum_transfer": "1.00"`, `"minimum_transfer": "1.00", "payment_days": 60`)
	m := monthOf(t, h, "2026-11-05T09:00:00+08:00")
	m.sold("8802", "bob")
	m.advanceTo("2026-12-05T09:00:00+08:00")
	page, err := m.organiser.ListObligationsWithResponse(t.Context(), "2026-11", nil)
	newer := ""
	for _, o := range ok(t, page.JSON200, page.ApplicationProblemJSONDefault, err).Items {
		if o.Payer == "cafe" {
			newer = o.Reference
		}
	}
	require.NotEmpty(t, newer, "%+v", page.JSON200)
	txn := m.waiting("S1", m.line("in", true, "3.00", ""))
	m.refuses("match", refusals{{txn["in"], part(newer), "older_payment_due"}})
	m.done(txn["in"], "match", part(m.owes.Reference))
}

func TestALineIsForNoDirectTransfer(t *testing.T) {
	t.Parallel()
	h := newHarbour(t)
	h.newTerms(`"minimum_transfer": "1.00"`, `"minimum_transfer": "1.00", "transfers": "direct"`)
	m := monthOf(t, h, "2026-11-05T09:00:00+08:00")
	txn := m.waiting("S1", m.line("in", true, "3.00", ""))
	m.refuses("match", refusals{{txn["in"], part(m.owes.Reference), "not_custodys_account"}})
	require.Equal(t, []string{"statement.line_suspended", "statement.line_given_back"}, m.done(txn["in"], "give-back", `{"note": "应直接付给对方"}`))
	m.audit(m.alliance)
}

func TestALineIsLinkedWithWhatWasBookedByHand(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	booked := m.does(m.key, "payments", fmt.Sprintf(`{"reference": %q, "amount": "50.00"}`, m.owes.Reference))
	txn := m.waiting("S1",
		m.line("same", true, "50.00", ""), m.line("once more", true, "50.00", ""), m.line("other amount", true, "51.00", ""), m.line("other way", false, "50.00", ""))
	link := func(transaction string) string { return fmt.Sprintf(`{"transaction": %q}`, transaction) }
	m.refuses("link", refusals{
		{"txn_1", link(booked.Transaction), "unknown_bank_line"},
		{txn["same"], link("txn_1"), "not_booked_by_hand"},
		{txn["same"], link("txn_9000000000"), "not_booked_by_hand"},
		{txn["other amount"], link(booked.Transaction), "bank_line_differs"},
		{txn["other way"], link(booked.Transaction), "bank_line_differs"},
	})
	require.Equal(t, []string{"statement.line_linked"}, m.done(txn["same"], "link", link(booked.Transaction)))
	require.Equal(t, "linked", m.outcome(txn["same"]))
	m.refuses("link", refusals{
		{txn["same"], link(booked.Transaction), "bank_line_resolved"},
		{txn["once more"], link(booked.Transaction), "not_booked_by_hand"},
	})
	require.Equal(t, "part_paid", m.state(m.owes.Reference), "50.00 came in once")
	m.audit(m.alliance)
}

func TestALineThatNobodyCanExplainGoesIntoSuspense(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	export := m.send(http.MethodPost, "/v1/bank-statements?account="+custodyNumber, m.key, "id,date,amount\nbad,2026-11-06,+12x\nplain,2026-11-06,+1.00\n",
		"Content-Type", "application/octet-stream", "Idempotency-Key", m.fresh())
	require.Equal(t, http.StatusCreated, export.status, export.body)
	txn := m.waiting("S1", m.line("in", true, "88.00", ""))
	m.refuses("suspend", refusals{{"txn_1", `{}`, "unknown_bank_line"}, {txn["bad"], `{}`, "bank_line_differs"}})
	require.Equal(t, []string{"statement.line_suspended"}, m.done(txn["in"], "suspend", `{"note": "待查"}`))
	require.Equal(t, "in_suspense", m.outcome(txn["in"]))
	m.refuses("suspend", refusals{{txn["in"], `{}`, "bank_line_resolved"}})
	compared, err := m.organiser.GetBankReconciliationWithResponse(t.Context())
	require.Equal(t, "88.00", ok(t, compared.JSON200, compared.ApplicationProblemJSONDefault, err).Suspense)

	require.Equal(t, []string{"settlement.paying", "payment.received", "statement.line_matched"}, m.done(txn["in"], "match", part(m.owes.Reference)), "and is said later what it is for")
	compared, err = m.organiser.GetBankReconciliationWithResponse(t.Context())
	require.Equal(t, "0.00", ok(t, compared.JSON200, compared.ApplicationProblemJSONDefault, err).Suspense)
	m.audit(m.alliance)
}

func TestMoneyThatCameInByMistakeIsGivenBack(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	txn := m.waiting("S1", m.line("in", true, "88.00", ""), m.line("out", false, "5.00", ""))
	m.refuses("give-back", refusals{{"txn_1", `{}`, "unknown_bank_line"}, {txn["out"], `{}`, "bank_line_differs"}})
	answer := m.says(txn["in"], "give-back", `{"note": "误汇，原路退回"}`)
	require.Equal(t, http.StatusCreated, answer.status, answer.body)
	var receipt spec.SettlementReceipt
	require.NoError(t, json.Unmarshal([]byte(answer.body), &receipt))
	require.Equal(t, "given_back", m.outcome(txn["in"]))
	m.refuses("give-back", refusals{{txn["in"], `{}`, "bank_line_resolved"}})

	back := m.waiting("S2", m.line("back", false, "88.00", ""))
	require.Equal(t, []string{"statement.line_linked"}, m.done(back["back"], "link", fmt.Sprintf(`{"transaction": %q}`, receipt.Transaction)), "the bank shows it")
	m.audit(m.alliance)
}

func TestALineOfWhichNothingIsToBeBookedIsTickedOff(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	txn := m.waiting("S1", m.line("a", true, "88.00", ""), m.line("b", true, "88.00", ""), m.line("other", true, "87.00", ""), m.line("way", false, "88.00", ""),
		m.line("suspended", true, "7.00", ""))
	same := func(transaction string) string {
		return fmt.Sprintf(`{"reason": "与 CSV 中的同一笔", "same_as": %q}`, transaction)
	}
	m.done(txn["suspended"], "suspend", `{}`)
	m.refuses("tick-off", refusals{
		{"txn_1", `{"reason": "x"}`, "unknown_bank_line"},
		{txn["a"], same("txn_1"), "unknown_bank_line"},
		{txn["a"], same(txn["a"]), "bank_line_differs"},
		{txn["a"], same(txn["other"]), "bank_line_differs"},
		{txn["a"], same(txn["way"]), "bank_line_differs"},
		{txn["suspended"], `{"reason": "x"}`, "bank_line_resolved"},
	})
	require.Equal(t, []string{"statement.line_ticked_off"}, m.done(txn["a"], "tick-off", same(txn["b"])))
	require.Equal(t, []string{"statement.line_ticked_off"}, m.done(txn["way"], "tick-off", `{"reason": "手续费"}`))
	require.Equal(t, "ticked_off", m.outcome(txn["a"]))
	m.refuses("tick-off", refusals{{txn["a"], `{"reason": "x"}`, "bank_line_resolved"}})
	m.audit(m.alliance)
}

// What a body must be is the same at each of these operations: what is missing, unknown or no
// transaction is 400 and names the field, and a second answer to one key is the first.
func TestWhatIsSaidOfALineIsCheckedLikeAnyCommand(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	txn := m.waiting("S1", m.line("a", true, "88.00", ""))["a"]
	for _, c := range []struct{ verb, body, path string }{
		{"match", `{}`, `"path":"parts"`},
		{"match", `{"parts": []}`, `"path":"parts"`},
		{"match", `{"parts": [{"amount": "1.00"}]}`, `"path":"parts[0].reference"`},
		{"match", `{"parts": [{"reference": "RF1", "amount": 1}]}`, `"path":"parts[0].amount"`},
		{"link", `{}`, `"path":"transaction"`},
		{"link", `{"transaction": "17"}`, `"path":"transaction"`},
		{"suspend", `{"reason": "x"}`, `"path":"reason"`},
		{"give-back", `{"note": ""}`, `"path":"note"`},
		{"tick-off", `{}`, `"path":"reason"`},
		{"tick-off", `{"reason": "x", "same_as": "17"}`, `"path":"same_as"`},
	} {
		answer := m.says(txn, c.verb, c.body)
		require.Equal(t, http.StatusBadRequest, answer.status, "%s %s: %s", c.verb, c.body, answer.body)
		require.Equal(t, "invalid_request", answer.code(t))
		require.Contains(t, answer.body, c.path, "%s %s", c.verb, c.body)
	}
	for verb, body := range map[string]string{"match": part(m.owes.Reference), "link": `{"transaction": "txn_1"}`, "suspend": `{}`, "give-back": `{}`, "tick-off": `{"reason": "x"}`} {
		path := "/v1/bank-lines/" + txn + "/" + verb
		require.Equal(t, "forbidden", m.send(http.MethodPost, path, m.cafeKey, body, "Idempotency-Key", m.fresh()).code(t), verb)
		require.Equal(t, "not_found", m.says("line_1", verb, body).code(t), verb)
		require.Equal(t, "idempotency_key_missing", m.send(http.MethodPost, path, m.key, body).code(t), verb)
	}
	require.Equal(t, "no_reference", m.outcome(txn))

	path := "/v1/bank-lines/" + txn + "/suspend"
	first := m.send(http.MethodPost, path, m.key, `{}`, "Idempotency-Key", "suspend-1")
	again := m.send(http.MethodPost, path, m.key, `{}`, "Idempotency-Key", "suspend-1")
	require.Equal(t, http.StatusCreated, first.status, first.body)
	require.Equal(t, first.body, again.body)
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	other := m.send(http.MethodPost, path, m.key, `{"note": "x"}`, "Idempotency-Key", "suspend-1")
	require.Equal(t, "idempotency_conflict", other.code(t))
}
