package demo_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/alliance/people/keyring"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/cmd/lianka/demo"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// testServer is a server with an empty test circle.
type testServer struct {
	pool     *pgxpool.Pool
	alliance clearing.Alliance
	server   *api.Server
	url      string
	key      string
}

func newTestServer(t *testing.T, mode clearing.Mode) *testServer {
	t.Helper()
	st := &testServer{pool: pgtest.Pool(t)}
	zone, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	currency, err := money.ParseCurrency("CNY")
	require.NoError(t, err)
	require.NoError(t, pgx.BeginFunc(t.Context(), st.pool, func(tx pgx.Tx) (err error) {
		st.alliance, err = clearing.CreateAlliance(t.Context(), tx, clearing.Alliance{
			Code: "riverside", Name: "滨江异业联盟", Currency: currency, Location: zone, Mode: mode,
			CreatedAt: time.Date(2026, time.September, 1, 0, 0, 0, 0, zone),
		})
		if err != nil {
			return err
		}
		_, st.key, err = access.IssueKey(t.Context(), tx, st.alliance, access.KeySpec{Role: access.OrganiserKey}, time.Now())
		return err
	}))
	setups := store.NewSetupCache(alliance.Standard())
	st.server, err = api.New(api.Config{Pool: st.pool, Sequencer: sequencer.New(st.pool, setups), Setups: setups, People: keeper(t, st.pool)})
	require.NoError(t, err)
	listening := httptest.NewServer(st.server)
	t.Cleanup(listening.Close)
	st.url = listening.URL
	return st
}

// keeper returns a store of people with a master key of its own.
func keeper(t *testing.T, db clearing.Database) *people.Store {
	t.Helper()
	ring, err := keyring.New()
	require.NoError(t, err)
	journal, err := people.OpenJournal(filepath.Join(t.TempDir(), "erasures.jsonl"))
	require.NoError(t, err)
	persons := people.New(people.Config{Database: db, Ring: ring, Journal: journal})
	require.NoError(t, persons.Start(t.Context(), time.Now()))
	return persons
}

// runDemo runs the demo, and returns its result and what it printed.
func (st *testServer) runDemo(t *testing.T, seed uint64, members int) (*demo.Result, string) {
	t.Helper()
	var out bytes.Buffer
	result, err := demo.Run(t.Context(), demo.Options{URL: st.url, Key: st.key, Seed: seed, Members: members, Out: &out})
	require.NoError(t, err, out.String())
	for line := range strings.Lines(out.String()) {
		require.LessOrEqual(t, uniseg.StringWidth(strings.TrimSuffix(line, "\n")), demo.Screen, "%s", line)
	}
	return result, out.String()
}

func TestASeedPrintsTheSameAndTheBooksAreClean(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	const members, seed = 30, 7
	one, other := newTestServer(t, clearing.Test), newTestServer(t, clearing.Test)
	printed := make(chan string, 1)
	go func() {
		var out bytes.Buffer
		_, err := demo.Run(t.Context(), demo.Options{URL: other.url, Key: other.key, Seed: seed, Members: members, Out: &out})
		printed <- fmt.Sprint(out.String(), err)
	}()
	result, first := one.runDemo(t, seed, members)
	require.Equal(t, withoutSizes(first+"<nil>"), withoutSizes(<-printed), "two runs of one seed")
	require.Equal(t, []string{"2026-09", "2026-10"}, result.Months)
	require.Greater(t, result.Events, int64(300))
	require.Contains(t, first, "30 members are known by name and telephone")

	report, err := audit.Run(t.Context(), one.pool, alliance.Standard(), one.alliance.ID)
	require.NoError(t, err)
	var faults bytes.Buffer
	require.NoError(t, report.Print(&faults))
	require.True(t, report.Clean(), faults.String())
}

// withoutSizes leaves out the sizes of files, which depend on the order in which tills
// book.
func withoutSizes(printed string) string {
	return regexp.MustCompile(`\d+ KB`).ReplaceAllString(printed, "KB")
}

func TestAnotherSeedPrintsOtherwise(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	_, one := newTestServer(t, clearing.Test).runDemo(t, 1, 3)
	_, other := newTestServer(t, clearing.Test).runDemo(t, 2, 3)
	require.NotEqual(t, one, other)
}

func TestTheReasonsAddUpToWhatIsPaid(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	_, printed := newTestServer(t, clearing.Test).runDemo(t, 3, 25)
	tables := readTables(t, printed)
	require.Len(t, tables, 2)
	carried := map[string]int64{}
	for month, rows := range tables {
		require.Len(t, rows, 14, "ten shops, the organiser, custody, members, and the total")
		totals := map[string]int64{}
		var paid int64
		for _, row := range rows {
			var why int64
			for _, reason := range []string{"collected", "redeemed", "coupons", "points", "traffic", "gifts", "refunds", "expired", "adjusted"} {
				why += row.amounts[reason]
				if row.party != "total" {
					totals[reason] += row.amounts[reason]
				}
			}
			require.Equal(t, row.amounts["movement"], why, "month %d: %v", month, row)
			switch row.party {
			case "total":
				require.Zero(t, row.transfer)
			case "custody", "members":
				paid += row.transfer
			default:
				require.Equal(t, carried[row.party], row.amounts["brought"], "month %d: %v", month, row)
				require.Equal(t, row.amounts["brought"]+why, row.transfer+row.carried, "month %d: %v", month, row)
				require.True(t, row.transfer == 0 || row.carried == 0)
				carried[row.party] = row.carried
				paid += row.transfer
			}
		}
		require.Zero(t, paid, "with custody the transfers add up to zero")
		for reason, total := range totals {
			require.Zero(t, total, reason)
		}
	}
}

// tableLine is a line of a printed settlement table.
type tableLine struct {
	party             string
	amounts           map[string]int64
	transfer, carried int64
}

// tableColumns are the headings of a settlement table.
var tableColumns = []string{"brought", "collected", "redeemed", "coupons", "points", "traffic", "gifts", "refunds", "expired", "adjusted", "movement", "settles"}

// readTables reads the settlement tables, each of which may be printed in several blocks of
// columns; the last one ends with what each party settles.
func readTables(t *testing.T, printed string) [][]tableLine {
	t.Helper()
	var tables [][]tableLine
	var heading []string
	rules, row, whole := 0, 0, true
	for text := range strings.Lines(printed) {
		fields := strings.Fields(text)
		switch {
		case len(fields) > 0 && !slices.ContainsFunc(fields, func(f string) bool { return !slices.Contains(tableColumns, f) }):
			if whole {
				tables = append(tables, nil)
			}
			heading, rules, row, whole = fields, 0, 0, fields[len(fields)-1] == "settles"
		case strings.Contains(text, "disputed") && strings.Contains(text, "carried"):
			heading = nil // a table of another kind
		case strings.HasPrefix(text, "-----"):
			rules++
		case rules > 0 && len(fields) == 0:
			rules = 0
		case rules > 0 && heading != nil:
			table := &tables[len(tables)-1]
			if row == len(*table) {
				*table = append(*table, tableLine{party: fields[0], amounts: map[string]int64{}})
			}
			(*table)[row].read(t, heading, fields)
			row++
		}
	}
	require.True(t, whole)
	return tables
}

// read reads what a block says of a line.
func (l *tableLine) read(t *testing.T, heading, fields []string) {
	t.Helper()
	require.Equal(t, l.party, fields[0])
	settles := slices.Index(heading, "settles")
	if settles < 0 {
		settles = len(heading)
		require.Len(t, fields, 2+settles)
	}
	require.GreaterOrEqual(t, len(fields), 2+settles, "%v", fields)
	for i, name := range heading[:settles] {
		require.NotContains(t, l.amounts, name)
		l.amounts[name] = minor(t, fields[2+i])
	}
	switch rest := fields[2+settles:]; {
	case len(rest) == 0, rest[0] == "-":
	case len(rest) == 1:
		l.transfer = minor(t, rest[0])
	case rest[0] == "gets":
		l.transfer = minor(t, rest[1])
	case rest[0] == "pays":
		l.transfer = -minor(t, rest[1])
	case rest[0] == "carries":
		l.carried = minor(t, rest[1])
	default:
		t.Fatalf("%v", fields)
	}
}

func minor(t *testing.T, amount string) int64 {
	t.Helper()
	if amount == "." {
		return 0
	}
	number, err := strconv.ParseInt(strings.NewReplacer(",", "", ".", "").Replace(amount), 10, 64)
	require.NoError(t, err)
	return number
}

func TestWrongAnswersStopTheDemo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		wrong func(path string, header http.Header, body string) string
		says  string
		few   bool // members are enough to see it
	}{
		{"a receipt that is not what was booked", func(path string, _ http.Header, body string) string {
			if path == "/v1/purchases" {
				return strings.Replace(body, `"position_change":"-`, `"position_change":"-1`, 1)
			}
			return body
		}, "and the receipt says", false},
		{"a settlement that is not what the log says", func(path string, _ http.Header, body string) string {
			if path == "/v1/settlements/2026-09" {
				return regexp.MustCompile(`"movement":"(-?)`).ReplaceAllString(body, `"movement":"${1}1`)
			}
			return body
		}, "the log adds up to", false},
		{"a transfer that is missing", func(path string, _ http.Header, body string) string {
			if path == "/v1/settlements/2026-09" {
				return regexp.MustCompile(`"transfers":\[\{[^}]*\},`).ReplaceAllString(body, `"transfers":[`)
			}
			return body
		}, "the transfers come to", false},
		{"a transaction that the log lost", func(path string, _ http.Header, body string) string {
			if path == "/v1/transactions" {
				return strings.Replace(body, `"type":"pass.used"`, `"type":"window.closed"`, 1)
			}
			return body
		}, "receipts of transactions that are not in the log", false},
		{"a replay that is none", func(_ string, header http.Header, body string) string {
			header.Del("Idempotency-Replayed")
			return body
		}, "should say that it is a replay", false},
		{"a statement of which a line is forgotten", func(path string, _ http.Header, body string) string {
			if path == "/v1/bank-statements" {
				return regexp.MustCompile(`"confirmed":"\d+"`).ReplaceAllString(body, `"confirmed":"0"`)
			}
			return body
		}, "the server took its statement for", false},
		{"a file for the bank with another amount", func(path string, _ http.Header, body string) string {
			return regexp.MustCompile(`<CtrlSum>\d`).ReplaceAllString(body, "<CtrlSum>9")
		}, "its message", false},
		{"a month that is never settled", func(_ string, _ http.Header, body string) string {
			return strings.ReplaceAll(body, `"state":"settled"`, `"state":"paying"`)
		}, "the settlement should be settled", false},
		{"custody that has more than came to it", func(path string, _ http.Header, body string) string {
			if path == "/v1/trial-balance" { // it adds up all the same
				return strings.NewReplacer(`"custody"`, `"card_pool"`, `"card_pool"`, `"custody"`).Replace(body)
			}
			return body
		}, "came through the bank", false},
		{"a gift of another amount", func(path string, _ http.Header, body string) string {
			if path == "/v1/transactions" {
				return strings.ReplaceAll(body, `"amount":"0.50"`, `"amount":"0.60"`)
			}
			return body
		}, "which no campaign provides", true},
		{"a gift that the log lost", func(path string, _ http.Header, body string) string {
			if path == "/v1/transactions" {
				return strings.Replace(body, `"type":"gift.earned"`, `"type":"window.closed"`, 1)
			}
			return body
		}, "gifts that the campaigns provide are not in the log", true},
		{"a campaign that says it gave more", func(path string, _ http.Header, body string) string {
			if path == "/v1/campaigns/salon" {
				return regexp.MustCompile(`"given":\d`).ReplaceAllString(body, `"given":9`)
			}
			return body
		}, "campaign salon has given", true},
		{"a campaign that asks nobody's consent", func(path string, _ http.Header, body string) string {
			return strings.ReplaceAll(body, `"state":"awaiting_consent"`, `"state":"running"`)
		}, "should wait for its consent", true},
		{"a hold that takes value off the card", func(path string, _ http.Header, body string) string {
			if path == "/v1/holds" {
				return strings.Replace(body, `"value":"500.00"`, `"value":"200.00"`, 1)
			}
			return body
		}, "hold.placed of lin's card should", true},
		{"a quote that is too low", func(path string, _ http.Header, body string) string {
			if strings.HasSuffix(path, "/refund-quote") {
				return strings.Replace(body, `"price_part":"181.00"`, `"price_part":"180.00"`, 1)
			}
			return body
		}, "mei should be quoted 181.00 and 200.00", true},
		{"a stock that does not grow", func(path string, _ http.Header, body string) string {
			if path == "/v1/items/mug/restock" {
				return strings.Replace(body, `"left":10`, `"left":0`, 1)
			}
			return body
		}, "10 mugs should be left", true},
		{"a guest's card that changed later", func(path string, _ http.Header, body string) string {
			if path == "/v1/cards/68000001" {
				return strings.Replace(body, `"value":"232.00"`, `"value":"231.00"`, 1)
			}
			return body
		}, "card 68000001 should be", true},
		{"a card of a tier that it has not reached", func(path string, _ http.Header, body string) string {
			if path == "/v1/cards" {
				return strings.Replace(body, `"code":"basic"`, `"code":"gold"`, 1)
			}
			return body
		}, "so its tier is basic", true},
		{"a refusal where there is none", func(path string, header http.Header, body string) string {
			if path == "/v1/spends" && header.Get("Content-Type") == "application/problem+json" {
				return strings.ReplaceAll(body, "insufficient_value", "card_frozen")
			}
			return body
		}, "the rules say insufficient_value", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			st := newTestServer(t, clearing.Test)
			url := st.tampered(t, c.wrong)
			members := 12
			if c.few {
				members = 1
			}
			_, err := demo.Run(t.Context(), demo.Options{URL: url, Key: st.key, Seed: 1, Members: members, Out: io.Discard})
			require.ErrorContains(t, err, c.says)
		})
	}
}

// tampered returns the address of a server that alters the answers.
func (st *testServer) tampered(t *testing.T, wrong func(path string, header http.Header, body string) string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		right := httptest.NewRecorder()
		st.server.ServeHTTP(right, r)
		body := wrong(r.URL.Path, right.Header(), right.Body.String())
		for name, values := range right.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(right.Code)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// A till tries again with the same key if the server could not answer, so the result is
// the same.
func TestLostAnswersChangeNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	one, other := newTestServer(t, clearing.Test), newTestServer(t, clearing.Test)
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := asked.Add(1)
		if r.Header.Get("Idempotency-Key") != "" && n%20 == 0 { // it is booked, and the answer is lost
			one.server.ServeHTTP(httptest.NewRecorder(), r)
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		one.server.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	var out bytes.Buffer
	_, err := demo.Run(t.Context(), demo.Options{URL: server.URL, Key: one.key, Seed: 1, Members: 10, Out: &out})
	require.NoError(t, err)
	_, undisturbed := other.runDemo(t, 1, 10)
	require.Equal(t, withoutSizes(undisturbed), withoutSizes(out.String()))
}

func TestLiveAllianceIsRefused(t *testing.T) {
	t.Parallel()
	st := newTestServer(t, clearing.Live)
	_, err := demo.Run(t.Context(), demo.Options{URL: st.url, Key: st.key, Seed: 1, Members: 10, Out: io.Discard})
	require.ErrorIs(t, err, demo.ErrAlliance)
	require.ErrorContains(t, err, "a live one")
}

func TestAllianceWithMerchantsIsRefused(t *testing.T) {
	t.Parallel()
	st := newTestServer(t, clearing.Test)
	st.runDemo(t, 1, 4)
	_, err := demo.Run(t.Context(), demo.Options{URL: st.url, Key: st.key, Seed: 1, Members: 4, Out: io.Discard})
	require.ErrorIs(t, err, demo.ErrAlliance)
	require.ErrorContains(t, err, "has shops already")
}

// TestLinksPayWhatTillsWouldHaveNamed plays the same two months from one seed twice: once tills
// name who brought a newcomer, and once newcomers join by links. The commissions are the same to
// the fen, and so is all else that was booked.
func TestLinksPayWhatTillsWouldHaveNamed(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	const seed, members = 5, 60
	direct, linked := newTestServer(t, clearing.Test), newTestServer(t, clearing.Test)
	_, err := demo.Run(t.Context(), demo.Options{URL: direct.url, Key: direct.key, Seed: seed, Members: members, Direct: true, Out: io.Discard})
	require.NoError(t, err)
	linked.runDemo(t, seed, members)

	require.Zero(t, count(t, direct.pool, `SELECT count(*) FROM joinings`))
	brought := count(t, linked.pool, `SELECT count(*) FROM members WHERE referrer IS NOT NULL`)
	require.Greater(t, brought, int64(20))
	require.Equal(t, brought, count(t, linked.pool, `SELECT count(*) FROM joinings`), "all were brought by links")
	require.Equal(t, brought, count(t, linked.pool, `SELECT count(*) FROM transactions WHERE facts->>'link' IS NOT NULL`))
	for _, query := range []string{
		`SELECT member, coalesce(referrer, ''), coalesce(second, ''), pending, payable, earned, clawed_back, paid FROM members ORDER BY member`,
		`SELECT t.card, t.member, c.level, c.member, c.amount, c.state, c.release_at FROM commissions c JOIN transactions t ON t.seq = c.sale_seq ORDER BY t.card, c.level`,
		`SELECT period, member, pending, payable, paid, withheld FROM commission_statements ORDER BY period, member`,
		`SELECT e.account, e.owner, sum(e.amount)::bigint FROM entries e GROUP BY e.account, e.owner ORDER BY e.account::text, e.owner`,
	} {
		want := rowsOf(t, direct.pool, query)
		require.Greater(t, len(want), 10, query)
		require.Equal(t, want, rowsOf(t, linked.pool, query), query)
	}
	report, err := audit.Run(t.Context(), linked.pool, alliance.Standard(), linked.alliance.ID)
	require.NoError(t, err)
	require.True(t, report.Clean())
}

func count(t *testing.T, pool *pgxpool.Pool, query string) (n int64) {
	t.Helper()
	require.NoError(t, pool.QueryRow(t.Context(), query).Scan(&n))
	return n
}

func rowsOf(t *testing.T, pool *pgxpool.Pool, query string) [][]any {
	t.Helper()
	rows, err := pool.Query(t.Context(), query)
	require.NoError(t, err)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
	require.NoError(t, err)
	return all
}
