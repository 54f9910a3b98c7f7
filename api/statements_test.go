package api_test

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/spec"
)

// The client checks each answer against the document. That the model loses nothing is seen
// by writing it again.
func TestAStatementIsAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	for party, entity := range map[string]string{
		"cafe":      `{"legal_name": "转角咖啡餐饮有限公司", "tax_number": "91350100M000100Y43"}`,
		"organiser": `{"legal_name": "江边商业管理有限公司"}`,
	} {
		answer := m.send(http.MethodPut, "/v1/legal-entities/"+party, m.key, entity)
		require.Equal(t, http.StatusOK, answer.status, answer.body)
	}
	of := func(party string) spec.Statement {
		answer, err := m.organiser.GetStatementWithResponse(t.Context(), "2026-10", &spec.GetStatementParams{Party: &party})
		s := ok(t, answer.JSON200, answer.ApplicationProblemJSONDefault, err)
		again, err := json.Marshal(s)
		require.NoError(t, err)
		require.JSONEq(t, string(answer.Body), string(again))
		return s
	}
	for _, party := range []string{"cafe", "hotpot", "organiser"} {
		s := of(party)
		require.Equal(t, party, s.Party.Code)
		require.Len(t, s.Lines, int(s.LineCount))
		require.NotEmpty(t, s.Lines)
		require.Len(t, s.Payments, len(s.Transfers))
	}

	s := of("cafe")
	require.Equal(t, "转角咖啡餐饮有限公司 91350100M000100Y43", value(s.Party.LegalName)+" "+value(s.Party.TaxNumber))
	require.Equal(t, "江边商业管理有限公司", value(s.Circle.LegalName))
	require.Equal(t, spec.StatementStateApproved, s.State)
	p := s.Payments[0]
	require.Equal(t, []string{m.owes.Reference, "custody", "-" + m.owes.Amount, m.owes.Amount, "due"}, []string{p.Reference, p.With, p.Amount, p.Outstanding, p.State})
	require.True(t, p.DueAt.Equal(*m.owes.DueAt))
	require.Equal(t, "1202020209900112233", p.PayTo.Number, "custody's account")
	require.Equal(t, "6222021202033445561", of("hotpot").Payments[0].PayTo.Number, "its own, on which it is paid")

	paid := m.send(http.MethodPost, "/v1/payments", m.key, fmt.Sprintf(`{"reference": %q, "amount": %q}`, m.owes.Reference, m.owes.Amount), "Idempotency-Key", m.fresh())
	require.Equal(t, http.StatusCreated, paid.status, paid.body)
	p = of("cafe").Payments[0]
	require.Equal(t, []string{"paid", "0.00", m.owes.Amount}, []string{p.State, p.Outstanding, p.Paid})
}

func TestAStatementsFileIsNamed(t *testing.T) {
	t.Parallel()
	m := newMonth(t)
	amended := m.send(http.MethodPut, "/v1/shops/hotpot", m.key, `{"name": "江边火锅\"/.."}`)
	require.Equal(t, http.StatusOK, amended.status, amended.body)
	for format, ending := range map[string]string{"json": ".json", "csv": ".csv", "summary.csv": ".summary.csv", "xlsx": ".xlsx", "pdf": ".pdf"} {
		answer := m.send(http.MethodGet, "/v1/settlements/2026-10/statement?format="+format, m.hotpotKey, "")
		require.Equal(t, http.StatusOK, answer.status)
		header := answer.header.Get("Content-Disposition")
		disposition, parameters, err := mime.ParseMediaType(header)
		require.NoError(t, err)
		require.Equal(t, "attachment", disposition)
		require.Equal(t, "结算单-"+m.alliance.Name+"-江边火锅__-2026-10"+ending, parameters["filename"], "RFC 6266")
		require.Contains(t, header, `; filename="statement-`+m.alliance.Code+`-hotpot-2026-10`+ending+`"`, "for what knows no other")
		for _, b := range []byte(header) {
			require.Less(t, b, byte(0x7f), "a header is ASCII")
		}
	}
}
