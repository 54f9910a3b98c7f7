package demo_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api/client"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
)

// The problems are looked for in the books, not only in what is printed.
func TestMonthEndWithProblemsIsSettled(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	st := newTestServer(t, clearing.Test)
	_, printed := st.runDemo(t, 2, 60)
	api, err := client.Connect(st.url, st.key)
	require.NoError(t, err)
	requireGrowth(t, api, printed)

	events := st.events(t, api)
	held := events["dispute.opened"]
	require.Len(t, held, 2)
	for _, e := range held {
		require.NotEqual(t, "0.00", (*e.Data)["held"], "what is disputed is held out of the payment")
	}
	require.Len(t, events["dispute.adjusted"], 1)
	require.Len(t, events["dispute.refused"], 1)
	require.Len(t, events["deposit.lodged"], 1)
	require.Empty(t, events["payment.defaulted"])
	for _, period := range []string{"2026-09", "2026-10"} {
		require.Equal(t, "consent", approval(t, events, period), "the review of %s ends by silence", period)
	}

	require.Len(t, events["payment.reminded"], 1)
	late := *events["payment.reminded"][0].Reference
	var parts []string
	for _, e := range events["payment.received"] {
		if *e.Reference == late {
			parts = append(parts, (*e.Data)["state"])
		}
	}
	require.Equal(t, []string{"part_paid", "paid"}, parts, "of who was reminded")

	require.Len(t, events["payout.returned"], 1)
	back := *events["payout.returned"][0].Reference
	var runs []string
	for _, e := range events["payout.sent"] {
		if *e.Reference == back {
			runs = append(runs, (*e.Data)["run"])
		}
	}
	require.Equal(t, []string{"1", "2"}, runs, "what came back goes into the next run")

	var unmatched []string
	for _, e := range events["statement.line_unmatched"] {
		unmatched = append(unmatched, (*e.Data)["why"])
	}
	require.ElementsMatch(t, []string{"amount_differs", "no_reference"}, unmatched)

	transfers := readTransfers(t, printed)
	require.Len(t, transfers, 10)
	var disputes, halves, returns int
	for _, f := range transfers {
		require.Equal(t, f.net, f.carried+f.paid, f.party)
		switch {
		case strings.Contains(f.state, "催款"):
			halves++
			require.Contains(t, f.state, "paid 已付")
		case strings.Contains(f.state, "退票"):
			returns++
			require.Contains(t, f.state, "confirmed 已收")
		}
		if f.disputed != 0 {
			disputes++
		}
		require.NotRegexp(t, `payable|sent|due|default`, f.state)
	}
	require.Equal(t, []int{2, 1, 1}, []int{disputes, halves, returns}, "disputes, payments in parts, payouts that came back")

	for _, period := range []string{"2026-09", "2026-10"} {
		answer, err := api.GetSettlementWithResponse(t.Context(), period)
		require.NoError(t, err)
		require.EqualValues(t, "settled", answer.JSON200.State, period)
	}
	for _, sentence := range []string{"net to", "is held out of its payment", "returned 退票", "not matched 未匹配", "in message LIANKA-", "Payout slip", "lines of hledger"} {
		require.Contains(t, strings.Join(strings.Fields(printed), " "), sentence)
	}
}

// events returns all events of the circle by their types, the oldest first.
func (st *testServer) events(t *testing.T, api *client.ClientWithResponses) map[string][]spec.Event {
	t.Helper()
	events := map[string][]spec.Event{}
	after := int64(0)
	for {
		answer, err := api.ListEventsWithResponse(t.Context(), &spec.ListEventsParams{After: &after})
		require.NoError(t, err)
		require.NotNil(t, answer.JSON200, string(answer.Body))
		if len(answer.JSON200.Items) == 0 {
			return events
		}
		for _, e := range answer.JSON200.Items {
			require.Greater(t, e.Number, after)
			after = e.Number
			events[e.Type] = append(events[e.Type], e)
		}
	}
}

// approval returns how a month was approved.
func approval(t *testing.T, events map[string][]spec.Event, period string) string {
	t.Helper()
	for _, e := range events["settlement.approved"] {
		if *e.Period == period {
			return (*e.Data)["by"]
		}
	}
	t.Fatalf("%s was never approved", period)
	return ""
}

// transferLine is a line of the printed table of shops' transfers.
type transferLine struct {
	party                        string
	net, disputed, carried, paid int64
	state                        string
}

func readTransfers(t *testing.T, printed string) []transferLine {
	t.Helper()
	_, rest, ok := strings.Cut(printed, "disputed")
	require.True(t, ok)
	rest, below, _ := strings.Cut(rest[strings.Index(rest, "-----"):], "\n\n")
	remarks := map[string]string{}
	for _, said := range regexp.MustCompile(`(?m)^  (\w+) +(.* (?:催款|退票))$`).FindAllStringSubmatch(below, -1) {
		remarks[said[1]] = said[2]
	}
	var transfers []transferLine
	row := regexp.MustCompile(`^(\w+) +\S+ +(\S+) +(\S+) +(\S+) +(\S+) +(.*)$`)
	for _, text := range strings.Split(rest, "\n")[1:] {
		cells := row.FindStringSubmatch(text)
		require.NotNil(t, cells, text)
		transfers = append(transfers, transferLine{cells[1], minor(t, cells[2]), minor(t, cells[3]), minor(t, cells[4]), minor(t, cells[5]), cells[6] + remarks[cells[1]]})
	}
	return transfers
}
