package export_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/columns"
	"github.com/lianka/lianka/clearing/export"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/migrations/pgtest"
)

// owners are codes with a special meaning for one of the programs, and codes that look alike.
func owners() []string {
	return []string{
		"", "cafe", "Cafe", "X-cafe", "山丘咖啡", "山 丘", "golden cafe", "golden  cafe", "golden%20cafe", " lead", "trail ",
		"a:b", "a::b", ":", ";", "a ; b", "a;b", `"q"`, `q\`, "'", "(v)", "[v]", "*", "!", "=x", "+1", "-1", "@SUM(1)", "\tx", "\rx", "\nx", "a\nb", "\x01", "\x7f",
		"\u2028", "\u00a0", "a|b", "a,b", "tag:value", "#x", "^x", "{x}", "~x", "2026-10-01", "0", "-", "--", "a-", "-a", "a--b", "X-", "X:", "é", "e\u0301", "😀", "a=b", "%", "1 CNY",
	}
}

// posted returns the books of a circle with one shop, cafe, and only these transactions.
func posted(t *testing.T, currency, zone string, transactions []ledger.Transaction) *books {
	t.Helper()
	location, err := time.LoadLocation(zone)
	require.NoError(t, err)
	b := &books{T: t, pool: pgtest.Pool(t), alliance: clearing.Alliance{
		Code: `odd "code"`, Name: "Odd\n; 山 \\", Currency: money.MustCurrency(currency), Location: location, Mode: clearing.Live, CreatedAt: time.Unix(0, 0),
	}}
	require.NoError(t, clearing.Write(t.Context(), b.pool, func(tx clearing.Tx) error {
		if err := columns.Register(tx.Conn()); err != nil {
			return err
		}
		if b.alliance, err = clearing.CreateAlliance(t.Context(), tx, b.alliance); err != nil {
			return err
		}
		if err := merchant.Admit(t.Context(), tx, b.alliance.ID, merchant.Merchant{Code: "cafe", Name: "Cafe", Category: "coffee"}, noon); err != nil {
			return err
		}
		posting, balances, batch := ledger.NewPosting(b.alliance.ID), ledger.NewBalances(), &pgx.Batch{}
		batch.Queue(`INSERT INTO windows (alliance_id, period, opens_at, cutoff_at, first_seq) VALUES ($1, '2026-10', '-infinity', 'infinity', 1)`, b.alliance.ID)
		for i := range transactions {
			p := &transactions[i]
			p.Seq, p.Period, p.Facts = int64(i+1), "2026-10", []byte("{}")
			if err := balances.Take(p); err != nil {
				return err
			}
			posting.Add(p)
		}
		posting.Queue(batch)
		return tx.SendBatch(t.Context(), batch).Close()
	}))
	return b
}

var noon = time.Date(2026, 10, 1, 4, 0, 0, 0, time.UTC)

// odd returns a transaction for each owner, on each kind of account.
func odd(currency string) []ledger.Transaction {
	var list []ledger.Transaction
	for i, owner := range owners() {
		t := ledger.Transaction{Type: "odd.one", BookedAt: noon.Add(time.Duration(i) * time.Hour), Card: owner, Merchant: owner, Home: owner, Member: owner}
		for k, kind := range ledger.Kinds() {
			amount := money.MustCurrency(currency).Minor(1001)
			if k%2 == 1 {
				amount = amount.Neg()
			}
			t.Entries = append(t.Entries, ledger.Entry{Account: ledger.Account{Kind: kind, Owner: owner}, Amount: amount})
		}
		if n := len(t.Entries); n%2 == 1 { // so that they sum to zero
			t.Entries[n-2].Amount = money.MustCurrency(currency).Minor(-2002)
		}
		list = append(list, t)
	}
	return list
}

func TestAnyOwnerHasAValidAccountOfItsOwn(t *testing.T) {
	t.Parallel()
	for currency, amount := range map[string]string{"CNY": "10.01", "JPY": "1001", "KWD": "1.001"} {
		t.Run(currency, func(t *testing.T) {
			t.Parallel()
			b := posted(t, currency, "Asia/Shanghai", odd(currency))
			plain, dashed := b.journal(export.Selection{Format: export.Hledger}), b.journal(export.Selection{Format: export.Beancount})
			accounts := len(owners()) * len(ledger.Kinds())
			require.Equal(t, accounts+3, strings.Count(plain, "\naccount "))
			require.Equal(t, accounts, strings.Count(dashed, " open "))
			once := accounts - len(ledger.Kinds())%2*len(owners()) // of an odd number of kinds one has the double
			require.Equal(t, once, strings.Count(plain, " "+amount+" "+currency)+strings.Count(plain, " -"+amount+" "+currency))
			program(t, "hledger", "bean-check")
			hledger(t, plain, "check", "--strict")
			hledger(t, plain, "check", "ordereddates", "payees")
			require.Len(t, balances(t, hledger(t, plain, "balance", "--flat", "--no-total", "-O", "csv")), accounts)
			beanCheck(t, dashed)
		})
	}
}

func TestNoCSVCellIsAFormula(t *testing.T) {
	t.Parallel()
	text := posted(t, "CNY", "UTC", odd("CNY")).journal(export.Selection{Format: export.CSV})
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, "transaction booked_at period type account owner amount card merchant home member corrects occurred_at campaign item hold ground", strings.Join(rows[0], " "))
	require.Len(t, rows, 1+len(owners())*len(ledger.Kinds()))
	seen := make(map[string]bool)
	for i, row := range rows[1:] {
		for column, cell := range row {
			if column == 6 {
				require.Regexp(t, `^-?10\.01$|^-20\.02$`, cell) // of an odd number of kinds one has the double
				continue
			}
			require.NotRegexp(t, "^[=+@\t\r\n-]", cell)
		}
		if row[4] == "merchants" {
			require.False(t, seen[row[5]], "%q is there twice", row[5])
			seen[row[5]] = true
			want := owners()[i/len(ledger.Kinds())]
			if strings.HasPrefix(row[5], "'") {
				require.NotEqual(t, want, row[5])
				want = "'" + want
			}
			// A CSV reader turns CR LF into LF.
			require.Equal(t, strings.ReplaceAll(want, "\r\n", "\n"), row[5])
		}
	}
	require.Contains(t, text, ",'=x,")
	require.Contains(t, text, ",\"'\nx\",")
	require.Contains(t, text, `,"""q""",`)
}

// In Saint John's, the clocks were put back at one minute past midnight of
// 29 October 2006: the 28th came twice.
func TestDatesNeverGoBack(t *testing.T) {
	t.Parallel()
	var list []ledger.Transaction
	first := time.Date(2006, 10, 29, 2, 29, 0, 0, time.UTC)
	for i := range 100 {
		cny := money.MustCurrency("CNY")
		list = append(list, ledger.Transaction{Type: "x", BookedAt: first.Add(time.Duration(i) * time.Minute), Entries: []ledger.Entry{
			{Account: ledger.Account{Kind: ledger.Custody}, Amount: cny.Minor(1)}, {Account: ledger.Account{Kind: ledger.Organiser}, Amount: cny.Minor(-1)},
		}})
	}
	text := posted(t, "CNY", "America/St_Johns", list).journal(export.Selection{Format: export.Hledger})
	require.Equal(t, 1, strings.Count(text, "\n2006-10-28 "))
	require.Equal(t, 99, strings.Count(text, "\n2006-10-29 "))
}

func TestLogOfSeveralPagesIsCompleteAndInOrder(t *testing.T) {
	t.Parallel()
	var list []ledger.Transaction
	for range 2*export.PageSize + 1 {
		cny := money.MustCurrency("CNY")
		list = append(list, ledger.Transaction{Type: "x", BookedAt: noon, Entries: []ledger.Entry{
			{Account: ledger.Account{Kind: ledger.Custody}, Amount: cny.Minor(1)}, {Account: ledger.Account{Kind: ledger.Organiser}, Amount: cny.Minor(-1)},
		}})
	}
	lines := strings.Split(posted(t, "CNY", "UTC", list).journal(export.Selection{Format: export.CSV}), "\n")
	require.Len(t, lines, 1+2*len(list)+1)
	for i := range list {
		require.True(t, strings.HasPrefix(lines[1+2*i], fmt.Sprintf("txn_%d,", i+1)), lines[1+2*i])
	}
}

// A shop's deposit, and what it owes, can move without its clearing account.
func TestMerchantJournalHasAllThatMovedItsAccounts(t *testing.T) {
	t.Parallel()
	between := func(debit, credit ledger.Account) ledger.Transaction {
		cny := money.MustCurrency("CNY")
		return ledger.Transaction{Type: "x", BookedAt: noon, Entries: []ledger.Entry{{Account: debit, Amount: cny.Minor(100)}, {Account: credit, Amount: cny.Minor(-100)}}}
	}
	custody := ledger.Account{Kind: ledger.Custody}
	var list []ledger.Transaction
	for _, a := range ledger.MerchantAccounts("cafe") {
		list = append(list, between(custody, a), between(custody, ledger.Account{Kind: a.Kind, Owner: "cafes"}))
	}
	list = append(list, between(custody, ledger.Account{Kind: ledger.Allowances, Owner: "cafe"}), between(custody, ledger.Account{Kind: ledger.Payouts, Owner: "cafe"}))
	acted := between(custody, ledger.Account{Kind: ledger.Organiser})
	acted.Merchant = "cafe"
	text := posted(t, "CNY", "UTC", append(list, acted)).journal(export.Selection{Format: export.CSV, Merchant: "cafe"})
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	var got []string
	for _, row := range rows[1:] {
		got = append(got, strings.Join([]string{row[0], row[4], row[5], row[6]}, " "))
	}
	var want []string
	for i, a := range ledger.MerchantAccounts("cafe") {
		id := ledger.ID(int64(2*i + 1))
		want = append(want, id+" "+a.Kind.String()+" cafe -1.00", id+" circle  1.00")
	}
	require.Equal(t, want, got, "what it acted in has no entry that it may see, and those of others cancel out")
}
