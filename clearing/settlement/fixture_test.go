package settlement_test

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/reference"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
)

// tb is what a test and a drawn test have in common.
type tb interface {
	require.TestingT
	Helper()
}

// terms are a month-end's terms as most tests have them.
var terms = window.Settling{ReviewDays: 3, PaymentDays: 5, ReminderDays: 2, GraceDays: 5}

// fixture is a state with the books that it works on, without a database.
type fixture struct {
	tb
	*settlement.State
	processor *settlement.Processor
	books     map[ledger.Account]int64 // debit positive
	now       time.Time
	seq       int64
	first     int64 // transaction of the open window
	float     int64 // what custody has beside what the books say, so that runs are not short
}

// cny returns an amount in minor units.
func cny(minor int64) money.Amount { return money.MustCurrency("CNY").Minor(minor) }

var location = time.FixedZone("CST", 8*3600)

// at returns an instant of 2026 in the circle's time.
func at(month time.Month, day, hour int) time.Time {
	return time.Date(2026, month, day, hour, 0, 0, 0, location).UTC()
}

func newFixture(t tb) *fixture {
	t.Helper()
	currency, err := money.ParseCurrency("CNY")
	require.NoError(t, err)
	alliance := clearing.Alliance{ID: clearing.AllianceID("pier"), Code: "pier", Currency: currency, Location: location, Mode: clearing.Live}
	merchants := []clearing.Merchant{{Code: "cafe"}, {Code: "gym"}, {Code: "hotpot"}, {Code: "salon"}}
	r := &fixture{
		tb: t, processor: settlement.NewProcessor(alliance, ledger.NewBalances(), merchants, nil), books: make(map[ledger.Account]int64),
		now: at(time.October, 1, 0), first: 1,
	}
	r.State = r.processor.State()
	r.Accounts = map[settlement.Payee]settlement.Account{{Code: clearing.Custody}: {Holder: "Pier", Number: "C"}}
	r.Balance = func(a ledger.Account) money.Amount {
		if a.Kind == ledger.Custody {
			return r.Alliance.Currency.Minor(r.books[a] + r.float)
		}
		return r.Alliance.Currency.Minor(r.books[a])
	}
	return r
}

// october is a fixture where October has closed and is under review until 4 November:
// the gym owes 120.00 and the salon 30.00, the cafe gets 90.00, the hotpot 40.00,
// the organiser 20.00, and ann 15.00 of commission.
func october(t tb, settling window.Settling, direct bool) *fixture {
	t.Helper()
	r := newFixture(t)
	r.line("gym", "cafe", 9000)
	r.line("gym", "hotpot", 3000)
	r.line("salon", "hotpot", 1000)
	r.line("salon", "organiser", 2000)
	r.close("2026-10", at(time.November, 1, 0), settling, direct, map[string]int64{"ann": 1500})
	return r
}

// approved is october after its review, on 4 November.
func approved(t tb, settling window.Settling, direct bool) *fixture {
	t.Helper()
	r := october(t, settling, direct)
	r.pass(at(time.November, 4, 0))
	require.Equal(t, settlement.Approved, r.Settlements[0].Phase)
	return r
}

// line moves an amount from one party's position to another's in the open window,
// and returns the transaction.
func (r *fixture) line(from, to string, minor int64) int64 {
	t := ledger.Transaction{Type: "pass.used", Entries: []ledger.Entry{
		{Account: clearing.PartyAccount(from), Amount: r.Alliance.Currency.Minor(minor)},
		{Account: clearing.PartyAccount(to), Amount: r.Alliance.Currency.Minor(-minor)},
	}}
	r.book(t)
	return r.seq
}

func (r *fixture) book(t ledger.Transaction) {
	r.Helper()
	r.seq++
	t.Seq = r.seq
	require.NoError(r, t.Check())
	for _, e := range t.Entries {
		r.books[e.Account] += e.Amount.Minor()
	}
	r.Transactions[t.Seq] = t
}

// close closes the open window with whatever is on the parties' accounts.
func (r *fixture) close(period string, cutoff time.Time, settling window.Settling, direct bool, members map[string]int64) {
	r.Helper()
	r.pass(cutoff)
	minor := r.Alliance.Currency.Minor
	policy := window.Policy{MinimumTransfer: minor(1), Direct: direct, Settling: settling}
	var positions []window.Position
	for _, party := range append(slices.Collect(maps.Keys(r.Merchants)), clearing.Organiser) {
		positions = append(positions, window.Position{Party: party, Opening: minor(0), Movement: minor(-r.books[clearing.PartyAccount(party)])})
	}
	c := window.Closing{Policy: policy}
	c.Period, c.CutoffAt, c.FirstSeq = period, cutoff, r.first
	var err error
	c.Positions, c.Transfers, err = window.Net(positions, policy)
	require.NoError(r, err)
	entries, err := window.ClosingEntries(c.Positions, false)
	require.NoError(r, err)
	r.book(ledger.Transaction{Type: window.Closed, Entries: entries})
	for _, m := range slices.Sorted(maps.Keys(members)) {
		c.Payouts = append(c.Payouts, window.Payout{Member: m, Gross: minor(members[m]), Tax: minor(0)})
		r.book(ledger.Transaction{Type: window.CommissionPaid, Entries: []ledger.Entry{
			{Account: ledger.Account{Kind: ledger.CommissionPayable, Owner: m}, Amount: minor(members[m])},
			{Account: ledger.Account{Kind: ledger.Payouts, Owner: m}, Amount: minor(-members[m])},
		}})
	}
	c.ClosedSeq, r.first = r.seq, r.seq+1
	require.NoError(r, r.processor.Take(c))
	r.now = cutoff
}

// try gives a command, after what happens by itself until then.
func (r *fixture) try(command sequencer.SettlementCommand) ([]settlement.Posting, error) {
	r.Helper()
	r.pass(r.now)
	r.Next = r.seq + 1
	before := r.Copy()
	postings, err := r.Do(command, r.now)
	if err != nil {
		require.Equal(r, before, r.Copy(), "a refusal has changed something")
		return nil, err
	}
	for _, a := range postings {
		r.book(a.Transaction)
	}
	return postings, nil
}

// do gives a command that makes one transaction, which lines of bank statements may follow
// that have waited for it.
func (r *fixture) do(command sequencer.SettlementCommand) settlement.Posting {
	r.Helper()
	postings, err := r.try(command)
	require.NoError(r, err)
	for _, a := range postings[1:] {
		require.True(r, a.Follows, "%s", a.Type)
	}
	return postings[0]
}

// refused gives a command that a rule forbids, and returns why.
func (r *fixture) refused(code string, command sequencer.SettlementCommand) *clearing.Refusal {
	r.Helper()
	_, err := r.try(command)
	var refusal *clearing.Refusal
	require.True(r, errors.As(err, &refusal), "%v is no refusal", err)
	require.Equal(r, code, refusal.Code, refusal.Detail)
	require.NotEmpty(r, refusal.Detail)
	return refusal
}

// pass lets time pass, and returns what happened by itself at or before an
// instant.
func (r *fixture) pass(until time.Time) []settlement.Posting {
	r.Helper()
	var postings []settlement.Posting
	for rounds := 0; ; rounds++ {
		require.Less(r, rounds, 10_000, "the deadline stays at %s", r.Deadline())
		due := r.Deadline()
		if due.IsZero() || due.After(until) {
			break
		}
		r.Next = r.seq + 1
		made, err := r.Elapse()
		require.NoError(r, err)
		for _, a := range made {
			r.book(a.Transaction)
			postings = append(postings, a)
		}
	}
	r.now = until
	return postings
}

// days lets days pass.
func (r *fixture) days(n int) []settlement.Posting {
	r.Helper()
	return r.pass(r.now.Add(time.Duration(n) * 24 * time.Hour))
}

// ref returns the reference of a numbered obligation.
func (r *fixture) ref(period string, number int) string {
	r.Helper()
	text, err := reference.New(r.Alliance.ID, period, number)
	require.NoError(r, err)
	return text
}

// of returns an obligation.
func (r *fixture) of(period string, number int) *settlement.Obligation {
	r.Helper()
	for _, x := range r.Settlements {
		if x.Period == period {
			require.GreaterOrEqual(r, len(x.Obligations), number)
			return x.Obligations[number-1]
		}
	}
	require.Fail(r, "no settlement of "+period)
	return nil
}

// phase returns where a settlement is.
func (r *fixture) phase(period string) settlement.Phase {
	for _, x := range r.Settlements {
		if x.Period == period {
			return x.Phase
		}
	}
	return ""
}

// bank gives everybody an account: custody, all parties, and some members; and custody
// enough money for every run.
func (r *fixture) bank(members ...string) {
	r.float = 1_000_000_000
	r.Accounts = map[settlement.Payee]settlement.Account{{Code: clearing.Custody}: {Holder: "Pier", Number: "C"}}
	for _, party := range append(slices.Collect(maps.Keys(r.Merchants)), clearing.Organiser) {
		r.Accounts[settlement.Payee{Code: party}] = settlement.Account{Holder: party, Number: "P-" + party}
	}
	for _, m := range members {
		r.Accounts[settlement.Payee{Member: true, Code: m}] = settlement.Account{Holder: m, Number: "M-" + m}
	}
}

func receivables(party string) ledger.Account {
	return ledger.Account{Kind: ledger.Receivables, Owner: party}
}

func payables(party string) ledger.Account {
	return ledger.Account{Kind: ledger.Payables, Owner: party}
}

// payee returns whom an obligation pays, as bank accounts name them.
func (r *fixture) payee(period string, number int) settlement.Payee {
	r.Helper()
	o := r.of(period, number)
	return settlement.Payee{Member: o.Kind == settlement.Commission, Code: o.Payee}
}

func deposits(merchant string) ledger.Account {
	return ledger.Account{Kind: ledger.Deposits, Owner: merchant}
}

// today returns the circle's date as midnight UTC, as bank lines have theirs.
func (r *fixture) today() time.Time {
	y, m, d := r.now.In(location).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// attempt returns what the bank knows an attempt to pay a numbered obligation by.
func (r *fixture) attempt(period string, number int, attempt int64) string {
	r.Helper()
	text, err := reference.Attempt(r.ref(period, number), attempt)
	require.NoError(r, err)
	return text
}

func referenceAttempt(text string, attempt int) (string, error) {
	return reference.Attempt(text, int64(attempt))
}
