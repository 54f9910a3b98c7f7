package api_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
)

const (
	custodyNumber = "1202020209900112233"
	custodyIBAN   = "DE89 3704 0044 0532 0130 00"
)

// bankCases are files that went wrong somewhere, and what is right for each. In the files
// gym is who owes (here the cafe), and hotpot and organiser are to be paid (here the hotpot).
var bankCases = []struct {
	name  string
	run   bool   // payouts are on their way
	owner string // of custody's account; empty: the number in the files
	files []bankCase
	state map[string]string // of obligations, in the end
}{
	{"01 lines without numbers, two days", false, "", []bankCase{{"01a-day1-no-ids.xml", "", []string{"no_reference"}, ""}, {"01b-day2-no-ids.xml", "", []string{"received"}, ""}}, map[string]string{"gym": "paid"}},
	{"02 numbers that begin again", false, "", []bankCase{{"02a-day1-ntryref-1.xml", "", []string{"no_reference"}, ""}, {"02b-day2-ntryref-1.xml", "", []string{"received"}, ""}}, map[string]string{"gym": "paid"}},
	{"03 two statements in a file", false, "", []bankCase{{"03-two-statements-one-file.xml", "", []string{"no_reference", "received"}, ""}}, map[string]string{"gym": "paid"}},
	{"05 a payment and its fee with one number", false, "", []bankCase{{"05-same-acctsvcrref-twice.xml", "", []string{"received", "no_reference"}, ""}}, map[string]string{"gym": "paid"}},
	{
		"06 the payee's own statement", true, "",
		[]bankCase{{"06a-custody-paid-organiser.xml", "", []string{"confirmed"}, ""}, {"06b-organisers-own-account.xml", "not_custodys_account", nil, ""}}, map[string]string{"organiser": "confirmed"},
	},
	{"07 an account of nobody's", false, "", []bankCase{{"07-other-account.xml", "not_custodys_account", nil, ""}}, map[string]string{"gym": "due"}},
	{"09 a debit that is marked as a return", true, "", []bankCase{{"09-debit-marked-reversal.xml", "", []string{"debit_marked_return"}, ""}}, map[string]string{"hotpot": "sent"}},
	{"10 the same as CSV", true, "", []bankCase{{"10-csv-debit-marked-returned.csv", "", []string{"debit_marked_return"}, ""}}, map[string]string{"hotpot": "sent"}},
	{
		"11 thanks that name the reference", true, "",
		[]bankCase{{"11a-paid.xml", "", []string{"confirmed"}, ""}, {"11b-credit-not-marked-return.xml", "", []string{"return_not_marked"}, ""}}, map[string]string{"hotpot": "confirmed"},
	},
	{"12 a column 收/支", true, "", []bankCase{{"12-csv-shouzhi-column.csv", "", []string{"confirmed"}, ""}}, map[string]string{"hotpot": "confirmed"}},
	{"14 a column 交易类型", false, "", []bankCase{{"14-csv-type-column.csv", "", []string{"not_due"}, ""}}, map[string]string{"gym": "due"}},
	{"16 a line of 0.00", false, "", []bankCase{{"16-csv-zero-line.csv", "", []string{"received"}, ""}}, map[string]string{"gym": "paid"}},
	{"18 a preamble", false, "", []bankCase{{"18-csv-preamble.csv", "", []string{"received"}, ""}}, map[string]string{"gym": "paid"}},
	{"19 a red line", true, "", []bankCase{{"19-csv-red-reversal.csv", "", []string{"confirmed", "returned"}, ""}}, map[string]string{"hotpot": "payable"}},
	{"21 a zero more", false, "", []bankCase{{"21-amount-trailing-zero.xml", "", []string{"received"}, ""}}, map[string]string{"gym": "paid"}},
	{"22 two accounts", false, "", []bankCase{{"22-two-accounts.xml", "", []string{"received"}, ""}}, map[string]string{"gym": "paid"}},
	{"23 NUL", false, "", []bankCase{{"23-csv-nul.csv", "invalid_document", nil, ""}}, nil},
	{
		"24 a very long number", false, "",
		[]bankCase{{"24-csv-long-id.csv", "invalid_document", nil, ""}, {"24-csv-long-id.csv", "", []string{"text_too_long"}, signed}}, nil,
	},
	{"25 the year 0", false, "", []bankCase{{"25-csv-year-zero.csv", "invalid_document", nil, ""}, {"25-csv-year-zero.csv", "", []string{"bad_date"}, signed}}, nil},
	{"26 one account, one number, two formats", false, custodyIBAN, []bankCase{
		{"26a-iban-with-spaces.csv", "invalid_document", nil, ""},
		{"26a-iban-with-spaces.csv", "", []string{"no_reference"}, signed},
		{"26b-iban-without-spaces.xml", "", nil, ""},
	}, nil},
	{"28 an envelope", false, "", []bankCase{{"28-business-envelope.xml", "", []string{"received"}, ""}}, map[string]string{"gym": "paid"}},
	{"30 a payment that its bank takes back", false, "", []bankCase{{"30a-incoming.xml", "", []string{"received"}, ""}, {"30b-bounced-incoming.xml", "", []string{"taken_back"}, ""}}, map[string]string{"gym": "due"}},
}

// bankCase is a file of a case: the code with which it is refused, or the outcomes of the
// lines that are new.
type bankCase struct {
	file, refused string
	outcomes      []string
	mapping       string
}

// signed says of exports without a sign that what goes out would have a minus: without it
// nothing proves which way an amount went, and the file is refused.
const signed = `{"id": "id", "date": "date", "amount": "amount", "text": ["text"], "signed": true}`

func TestBankFilesThatWentWrong(t *testing.T) {
	t.Parallel()
	for _, c := range bankCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMonth(t)
			of := map[string]spec.Obligation{"gym": m.owes, "hotpot": m.paid, "organiser": m.paid}
			account := custodyNumber
			if c.owner != "" {
				account = c.owner
				answer := m.send(http.MethodPut, "/v1/bank-accounts/party/custody", m.key, `{"holder": "某公司", "number": "`+c.owner+`", "bank": "某行"}`)
				require.Equal(t, http.StatusOK, answer.status, answer.body)
			}
			if c.run {
				m.run()
			}
			for _, f := range c.files {
				m.importsCase(f, account, of)
			}
			for name, state := range c.state {
				require.Equal(t, state, m.state(of[name].Reference), name)
			}
			m.audit(m.alliance)
		})
	}
}

func (m *month) importsCase(f bankCase, account string, of map[string]spec.Obligation) {
	m.t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "bank", f.file))
	require.NoError(m.t, err)
	content := string(text)
	for name, o := range of {
		content = strings.NewReplacer("@"+name+".ref@", o.Reference, "@"+name+".amount@", o.Amount).Replace(content)
	}
	before := m.bankLines()
	send := func(preview string) answer {
		parameters := []string{"account", account, "preview", preview}
		if f.mapping != "" {
			parameters = append(parameters, "mapping", f.mapping)
		}
		return m.export(content, parameters...)
	}
	previewed := send("true")
	require.Equal(m.t, before, m.bankLines(), "a preview changes nothing")
	booked := send("false")
	if f.refused != "" {
		require.Equal(m.t, http.StatusUnprocessableEntity, booked.status, booked.body)
		require.Equal(m.t, f.refused, booked.code(m.t), booked.body)
		require.Equal(m.t, f.refused, previewed.code(m.t))
		return
	}
	require.Equal(m.t, http.StatusCreated, booked.status, booked.body)
	require.Equal(m.t, http.StatusOK, previewed.status, previewed.body)
	var outcomes, foretold []string
	for _, l := range m.bankLines()[len(before):] {
		outcomes = append(outcomes, l.Outcome)
	}
	require.Equal(m.t, f.outcomes, outcomes, f.file)
	var preview spec.StatementPreview
	require.NoError(m.t, json.Unmarshal([]byte(previewed.body), &preview))
	for _, l := range preview.Lines {
		if l.Outcome != "known" && l.Outcome != "without_amount" {
			foretold = append(foretold, l.Outcome)
		}
	}
	require.Equal(m.t, outcomes, foretold, "the preview said so")
	again := send("false")
	require.Equal(m.t, http.StatusCreated, again.status, again.body)
	require.Len(m.t, m.bankLines(), len(before)+len(outcomes), "the same file again: nothing")
}

// bankLines returns all lines, the oldest first.
func (m *month) bankLines() []spec.BankLine {
	m.t.Helper()
	page, err := m.organiser.ListBankLinesWithResponse(m.t.Context(), nil)
	lines := ok(m.t, page.JSON200, page.ApplicationProblemJSONDefault, err).Items
	for i, j := 0, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	return lines
}
