package settlement_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/settlement"
)

// in returns a line of money that came in, and out one that went out.
func in(id string, minor int64, references ...string) settlement.BankLine {
	return settlement.BankLine{ID: id, Credit: true, Amount: cny(minor), References: references, Text: "text of " + id}
}

func out(id string, minor int64, references ...string) settlement.BankLine {
	return settlement.BankLine{ID: id, Amount: cny(minor), References: references, Text: "text of " + id}
}

func back(line settlement.BankLine) settlement.BankLine {
	line.Credit, line.Returned = true, true
	return line
}

// outBack returns a line of money that went out and is marked as a return.
func outBack(id string, minor int64) settlement.BankLine {
	line := out(id, minor)
	line.Returned = true
	return line
}

// load imports lines, and returns the transactions and what each new line was taken
// for.
func (r *fixture) load(lines ...settlement.BankLine) ([]settlement.Posting, []string) {
	r.Helper()
	for i := range lines { // a line without a date is of today
		if lines[i].BookedOn.IsZero() {
			lines[i].BookedOn = r.today()
		}
	}
	known := len(r.Lines)
	r.Remember()
	postings, err := r.try(settlement.ImportStatement{Account: "C", Statement: "2026/11", Lines: lines})
	require.NoError(r, err)
	var outcomes []string
	for _, l := range r.Lines[known:] {
		require.Equal(r, "C", l.Account)
		require.Equal(r, "2026/11", l.Statement)
		outcomes = append(outcomes, l.Outcome)
	}
	require.Len(r, postings, len(outcomes)+1)
	return postings, outcomes
}

func TestALineIsTakenForWhatItSaysOrNotAtAll(t *testing.T) {
	t.Parallel()
	ready := func(t *testing.T) *fixture {
		t.Helper()
		r := approved(t, terms, false)
		r.bank("ann")
		return r
	}
	reviewed := func(t *testing.T) *fixture {
		t.Helper()
		return october(t, terms, false)
	}
	paid := func(t *testing.T) *fixture {
		t.Helper()
		r := ready(t)
		r.do(settlement.ReceivePayment{Party: "gym", Amount: "120.00"})
		return r
	}
	sent := func(t *testing.T) *fixture {
		t.Helper()
		r := ready(t)
		r.do(settlement.SendPayouts{})
		return r
	}
	confirmed := func(t *testing.T) *fixture {
		t.Helper()
		r := sent(t)
		r.do(settlement.ConfirmPayout{Reference: r.ref("2026-10", 1)})
		return r
	}
	const gym, cafe = 2, 1
	for _, c := range []struct {
		name    string
		start   func(*testing.T) *fixture
		line    settlement.BankLine
		numbers []int // of October, that the line names
		outcome string
		entries []string
	}{
		{"a payment", ready, in("1", 12000), []int{gym}, "received", []string{"custody 120.00", "receivables:gym -120.00"}},
		{"a payment of too little", ready, in("1", 11999), []int{gym}, "amount_differs", nil},
		{"a payment of too much", ready, in("1", 12001), []int{gym}, "amount_differs", nil},
		{"no reference", ready, in("1", 12000), nil, "no_reference", nil},
		{"many references", ready, in("1", 15000), []int{gym, 5}, "many_references", nil},
		{"an unknown reference", ready, in("1", 12000), []int{99}, "unknown_reference", nil},
		{"a payment under review", reviewed, in("1", 12000), []int{gym}, "not_due", nil},
		{"a payment of what was booked by hand", paid, in("1", 12000), []int{gym}, "maybe_booked", nil},
		{"money that went to a debtor", ready, out("1", 12000), []int{gym}, "not_due", nil},
		{"a payment that was called back", ready, back(out("1", 12000)), []int{gym}, "not_due", nil},
		{"a payout", sent, out("1", 9000), []int{cafe}, "confirmed", []string{"payables:cafe 90.00", "custody -90.00"}},
		{"a payout of another amount", sent, out("1", 9001), []int{cafe}, "amount_differs", nil},
		{"a payout in no run", ready, out("1", 9000), []int{cafe}, "not_on_its_way", nil},
		{"a payout that was booked by hand", confirmed, out("1", 9000), []int{cafe}, "confirmed", nil},
		{"a payout that came back at once", sent, back(out("1", 9000)), []int{cafe}, "returned", nil},
		{"a payout that came back later", confirmed, back(out("1", 9000)), []int{cafe}, "returned", []string{"custody 90.00", "payables:cafe -90.00"}},
		{"a payout that came back, and the bank doesn't say so", confirmed, in("1", 9000), []int{cafe}, "return_not_marked", nil},
		{"a payout that left and is marked as a return", sent, outBack("1", 9000), []int{cafe}, "debit_marked_return", nil},
		{"a part that came back", sent, back(out("1", 8999)), []int{cafe}, "amount_differs", nil},
		{"a part that came back later", confirmed, back(out("1", 8999)), []int{cafe}, "amount_differs", nil},
		{"a return of what was never sent", ready, back(out("1", 9000)), []int{cafe}, "not_on_its_way", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := c.start(t)
			for _, n := range c.numbers {
				c.line.References = append(c.line.References, r.ref("2026-10", n))
			}
			postings, outcomes := r.load(c.line)
			require.Equal(t, []string{c.outcome}, outcomes)
			require.ElementsMatch(t, c.entries, entries(postings[0]))
			require.Equal(t, []string{"statement.imported statement=2026/11 lines=1 " + c.outcome + "=1"}, events(postings[1], "statement", "lines", c.outcome))
			require.EqualValues(t, settlement.StatementImported, postings[1].Type)
			switch {
			case postings[0].Type == settlement.LineLinked:
			case c.outcome == "received", c.outcome == "confirmed":
				require.Equal(t, "1", postings[0].Events[len(postings[0].Events)-1].Data["note"])
			case c.outcome == "returned":
				require.Equal(t, "text of 1", postings[0].Events[0].Data["reason"])
			default:
				require.Equal(t, []string{"statement.line_unmatched line=1 why=" + c.outcome}, events(postings[0], "line", "why"))
				require.Equal(t, c.line.Amount.String(), postings[0].Events[0].Data["amount"])
			}
		})
	}
}

func (r *fixture) amount(minor int64) string { return r.Alliance.Currency.Minor(minor).String() }

func TestALineOfAnOlderDebtComesFirst(t *testing.T) {
	t.Parallel()
	r := twoMonths(t, false)
	_, outcomes := r.load(in("1", 5000, r.ref("2026-11", 2)), in("2", 12000, r.ref("2026-10", 2)), in("3", 5000, r.ref("2026-11", 2)))
	require.Equal(t, []string{"received", "received", "not_due"}, outcomes, "of two for November the first counts")
	require.Zero(t, r.books[receivables("gym")])
}

// What arrived in custody's bank has not gone to the payee of a direct transfer.
func TestALineOfADirectTransferIsForAPerson(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, true)
	postings, outcomes := r.load(in("1", 9000, r.ref("2026-10", 1)))
	require.Equal(t, []string{settlement.OwedToParty}, outcomes)
	require.Empty(t, postings[0].Entries)
	// After a default custody pays in its place, and the money is its own.
	happened := r.pass(at(time.November, 14, 0))
	require.Equal(t, settlement.Received, r.Lines[0].Outcome, "the line has waited for it")
	require.True(t, slices.ContainsFunc(happened, func(p settlement.Posting) bool { return p.Follows && slices.Contains(entries(p), "custody 90.00") }))
	_, outcomes = r.load(in("2", 9000, r.ref("2026-10", 1)))
	require.NotEqual(t, []string{settlement.Received}, outcomes)
}

func TestALineCountsOnceHoweverOftenItIsImported(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	gym, salon := in("1", 12000, r.ref("2026-10", 2)), in("2", 3000, r.ref("2026-10", 5))
	_, outcomes := r.load(gym)
	require.Equal(t, []string{"received"}, outcomes)
	postings, outcomes := r.load(gym, salon) // the next statement begins where this one ends
	require.Equal(t, []string{"received"}, outcomes)
	require.Equal(t, []string{"custody 30.00", "receivables:salon -30.00"}, entries(postings[0]))
	postings, outcomes = r.load(gym, salon)
	require.Empty(t, outcomes)
	require.Equal(t, []string{"statement.imported known=2"}, events(postings[0], "known"))
	_, outcomes = r.load(in("3", 12000, r.ref("2026-10", 2))) // the same money is not the same line
	require.Equal(t, []string{"not_due"}, outcomes)
	require.EqualValues(t, 15000, r.books[clearing.PartyAccount(clearing.Custody)])
}

func TestTheLinesOfAStatementSettleAMonth(t *testing.T) {
	t.Parallel()
	r := approved(t, terms, false)
	r.bank("ann")
	r.do(settlement.SendPayouts{})
	postings, outcomes := r.load(
		in("1", 12000, r.ref("2026-10", 2)), in("2", 3000, r.ref("2026-10", 5)), out("3", 9000, r.ref("2026-10", 1)),
		out("4", 4000, r.ref("2026-10", 3)), out("5", 2000, r.ref("2026-10", 4)), out("6", 1500, r.ref("2026-10", 6)), in("7", 1),
	)
	require.Equal(t, []string{"received", "received", "confirmed", "confirmed", "confirmed", "confirmed", "no_reference"}, outcomes)
	require.Equal(t, []string{"payout.confirmed ann", "settlement.settled"}, events(postings[5]))
	require.Equal(t, []string{"statement.imported lines=7 received=2 confirmed=4 no_reference=1"}, events(postings[7], "lines", "received", "confirmed", "no_reference"))
	require.Equal(t, "gym", postings[0].Merchant)
	require.Equal(t, "cafe", postings[2].Merchant)
	require.Equal(t, "ann", postings[5].Member)
}
