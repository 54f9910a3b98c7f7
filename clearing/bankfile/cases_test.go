package bankfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing/bankfile"
)

// The references and amounts of the obligations that the cases are about.
var obligations = strings.NewReplacer(
	"@gym.ref@", "RF722026100000000100001", "@gym.amount@", "2300.00", "@hotpot.ref@", "RF452026100000000100002", "@hotpot.amount@", "294.00",
)

// caseFile returns a file of a case that went wrong once at some bank.
func caseFile(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "cases", name))
	require.NoError(t, err)
	return []byte(obligations.Replace(string(content)))
}

func TestFilesThatWentWrongOnceAreRead(t *testing.T) {
	t.Parallel()
	const gym, hotpot, custody = "RF722026100000000100001", "RF452026100000000100002", "1202020209900112233"
	in, out := "2026-12-02 +2300.00", "2026-12-02 -294.00"
	type statement struct {
		account string
		lines   []string
	}
	for name, want := range map[string][]statement{
		"01a-day1-no-ids.xml":         nil,
		"02a-day1-ntryref-1.xml":      nil,
		"02b-day2-ntryref-1.xml":      nil,
		"26b-iban-without-spaces.xml": {{"DE89370400440532013000", []string{"line 2 2026-12-02 +5.00 id=N1"}}},
		"03-two-statements-one-file.xml": {
			{custody, []string{"line 2 2026-12-02 -5.00"}},
			{custody, []string{"line 2 " + in + " ref=" + gym}},
		},
		"05-same-acctsvcrref-twice.xml": {{custody, []string{
			"line 2 " + in + " id=2026120210041357000 ref=" + gym,
			"line 2 2026-12-02 -1.50 id=2026120210041357000",
		}}},
		"09-debit-marked-reversal.xml":     {{custody, []string{"line 2 " + out + " returned id=P1 ref=" + hotpot}}},
		"10-csv-debit-marked-returned.csv": {{"", []string{"line 2 " + out + " returned id=77 text=" + hotpot}}},
		"11b-credit-not-marked-return.xml": {{custody, []string{"line 2 2026-12-02 +294.00 id=P2 text=thanks, got " + hotpot}}},
		"12-csv-shouzhi-column.csv":        {{"", []string{"line 2 " + out + " id=A1 text=代付 " + hotpot}}},
		"14-csv-type-column.csv":           {{"", []string{"line 2 2026-12-02 -2300.00 id=1 text=" + gym}}},
		"16-csv-zero-line.csv":             {{"", []string{"line 2 " + in + " id=1 text=" + gym, "line 3 2026-12-02 +0.00 id=2 text=利息税"}}},
		"18-csv-preamble.csv":              {{custody, []string{"line 6 " + in + " id=1 text=" + gym}}},
		"19-csv-red-reversal.csv":          {{"", []string{"line 2 " + out + " id=1 text=" + hotpot, "line 3 2026-12-03 +294.00 returned id=2 text=冲正 " + hotpot}}},
		"21-amount-trailing-zero.xml":      {{custody, []string{"line 2 " + in + " id=P1 ref=" + gym}}},
		"22-two-accounts.xml":              {{custody, []string{"line 2 " + in + " id=P1 ref=" + gym}}, {"1202020209900445566", nil}},
		"28-business-envelope.xml":         {{custody, []string{"line 2 " + in + " id=P1 ref=" + gym}}},
		"30b-bounced-incoming.xml":         nil,
		"06b-organisers-own-account.xml":   nil,
		"07-other-account.xml":             nil,
		"30a-incoming.xml":                 nil,
		"11a-paid.xml":                     nil,
		"06a-custody-paid-organiser.xml":   nil,
		"01b-day2-no-ids.xml":              nil,
	} {
		file, err := bankfile.Read(caseFile(t, name), bankfile.Options{Currency: cny})
		require.NoError(t, err, name)
		for _, s := range file.Statements {
			sound(t, s)
			for _, l := range s.Lines {
				require.True(t, l.Problem == nil || strings.Contains(string(caseFile(t, name)), "@"), "%s: %+v", name, l.Problem)
			}
		}
		if want == nil {
			continue
		}
		var got []statement
		for _, s := range file.Statements {
			one := statement{account: s.Account}
			for _, l := range s.Lines {
				one.lines = append(one.lines, told(l))
			}
			got = append(got, one)
		}
		require.Equal(t, want, got, name)
	}
}

func TestFilesThatWentWrongOnceAreRefused(t *testing.T) {
	t.Parallel()
	for name, says := range map[string]string{
		"23-csv-nul.csv": "NUL",
		// None of their amounts has a sign, and no column tells the direction.
		"24-csv-long-id.csv":       "the columns are id, date, amount, text",
		"25-csv-year-zero.csv":     "the columns are id, date, amount, text",
		"26a-iban-with-spaces.csv": "the columns are id, date, amount, text",
	} {
		_, err := bankfile.Read(caseFile(t, name), bankfile.Options{Currency: cny})
		var wrong *bankfile.FileError
		require.ErrorAs(t, err, &wrong, name)
		require.Contains(t, err.Error(), says, name)
	}
	// Where somebody says that the bank writes signs, the line that is wrong is told.
	signed := bankfile.Mapping{Date: "date", Amount: "amount", Signed: true, ID: "id", Text: []string{"text"}}
	for name, code := range map[string]string{"24-csv-long-id.csv": bankfile.TextTooLong, "25-csv-year-zero.csv": bankfile.BadDate, "26a-iban-with-spaces.csv": ""} {
		file, err := bankfile.Read(caseFile(t, name), bankfile.Options{Currency: cny, Account: "DE89 3704 0044 0532 0130 00", Mapping: &signed})
		require.NoError(t, err, name)
		require.Equal(t, "DE89370400440532013000", file.Statements[0].Account)
		l := file.Statements[0].Lines[0]
		if code == "" {
			require.Equal(t, "line 2 2026-12-02 +5.00 id=N1 text=fee", told(l))
			continue
		}
		require.Equal(t, code, l.Problem.Code, name)
	}
}

// However an export is broken, each of its rows with a movement is a line, or is counted as not
// carried out.
func TestNoRowOfAnExportIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for range rapid.IntRange(0, 5).Draw(t, "preamble") {
			b.WriteString(rapid.SampledFrom([]string{"", "明细查询", "账号：,1202020209900112233", "----,----", "收入：1笔 5.00元", "\"", "时间,2026-11-02"}).Draw(t, "before") + "\n")
		}
		b.WriteString("日期,流水号,收入,支出,摘要\n")
		date := rapid.SampledFrom([]string{"2026-11-02", "20261103", "2026/11/4 10:11:12", "2026-02-30", "0000-01-01", "x", "", "2026-11-02 "})
		amount := rapid.SampledFrom([]string{"5.00", "-5.00", "1,5", "\"1,234.50\"", "0.00", "", "-", "¥7", "99999999999999", "abc", "1.000"})
		text := rapid.SampledFrom([]string{"", "合计数 a", "RF722026100000000100001", "a\"b", "\"a,b\"", "\"", "长" + strings.Repeat("长", 3000), "\u200b", "期初"})
		rows := 0
		for range rapid.IntRange(0, 12).Draw(t, "rows") {
			on, credit, debit, said := date.Draw(t, "date"), amount.Draw(t, "credit"), amount.Draw(t, "debit"), text.Draw(t, "text")
			dated := strings.HasPrefix(on, "2026-11") || strings.HasPrefix(on, "2026/11") || on == "20261103"
			if !dated || strings.Trim(credit+debit, "-") == "" { // else it may be a note or a total, which the tests above are about
				on, credit = "2026-11-02", "5.00"
			}
			b.WriteString(on + ",7," + credit + "," + debit + "," + said + "\n")
			rows++
		}
		for range rapid.IntRange(0, 3).Draw(t, "totals") {
			b.WriteString(rapid.SampledFrom([]string{"合计,,5.00,5.00,", "共3笔", "以上", ",,,,", "日期,流水号,收入,支出,摘要"}).Draw(t, "after") + "\n")
		}
		file, err := bankfile.Read([]byte(b.String()), bankfile.Options{Currency: cny})
		require.NoError(t, err, b.String())
		require.Len(t, file.Statements, 1)
		require.Len(t, file.Statements[0].Lines, rows, b.String())
		require.Zero(t, file.Statements[0].Pending)
	})
}

func FuzzRead(f *testing.F) {
	for _, folder := range []string{"cases", "exports"} {
		files, err := os.ReadDir(filepath.Join("testdata", folder))
		require.NoError(f, err)
		for _, file := range files {
			content, err := os.ReadFile(filepath.Join("testdata", folder, file.Name()))
			require.NoError(f, err)
			f.Add(content)
		}
	}
	f.Add(workbook(f, nil))
	for _, seed := range []string{
		"", "\ufeff", "date,id,amount\n2026-11-02,1,\"-1,234.50\"\n", "date,id,credit,debit\n2026-11-02,1,,1\n", "date,id,amount\n,,\n", "date,id,amount\n\"", "\xff",
		"date,id,direction,amount\n20261102,1,c,1\r\n", "\xff\xfed\x00a\x00", "PK\x03\x04", "日期;收/支;金额;余额\n2026-11-02;支;-5;5\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(readsSoundly)
}
