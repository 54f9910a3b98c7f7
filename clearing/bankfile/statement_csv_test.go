package bankfile_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/lianka/lianka/clearing/bankfile"
)

func TestAnExportOfAChineseBank(t *testing.T) {
	t.Parallel()
	export, err := os.ReadFile(filepath.Join("testdata", "statement.csv"))
	require.NoError(t, err)
	inChinese, err := simplifiedchinese.GB18030.NewEncoder().Bytes(export)
	require.NoError(t, err)
	want := bankfile.Statement{
		Currency: cny, From: day(1), To: day(3),
		Lines: []bankfile.Line{
			{
				ID: "20261102000001", BookedOn: day(2), Credit: true, Amount: cny.Minor(1773837), Reference: "RF722026100000000100001",
				Text: "转账 联盟卡9月结算", Counterparty: "山丘咖啡",
			},
			{ID: "20261103000007", BookedOn: day(3), Amount: cny.Minor(648379), Text: "代发 结算, 十月", Counterparty: "渝里火锅"},
			{
				ID: "20261101000002", BookedOn: day(1), Credit: true, Amount: cny.Minor(154518), Text: "退汇", Counterparty: "明齿口腔",
				Returned: true, Reason: "账号户名不符",
			},
		},
	}
	for name, content := range map[string][]byte{
		"UTF-8": export, "UTF-8 with a byte order mark": append([]byte("\ufeff"), export...), "GB18030": inChinese,
		"LF": bytes.ReplaceAll(export, []byte("\r\n"), []byte("\n")),
	} {
		got, err := bankfile.ReadStatementCSV(bytes.NewReader(content), cny)
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
}

func TestColumnsAndAmountsOfExports(t *testing.T) {
	t.Parallel()
	in, out := bankfile.Line{ID: "1", BookedOn: day(2), Credit: true, Amount: cny.Minor(123450)}, bankfile.Line{ID: "1", BookedOn: day(2), Amount: cny.Minor(123450)}
	with := func(l bankfile.Line, change func(*bankfile.Line)) bankfile.Line { change(&l); return l }
	for text, want := range map[string]bankfile.Line{
		"date,id,amount\n2026-11-02,1,1234.50":                                     in,
		"DATE, Id ,Amount (CNY)\n2026-11-02,1,\"1,234.50\"":                        in,
		"date,id,amount\n2026/11/2,1,+1234.5":                                      in,
		"日期,流水号,金额（元）\n20261102,1\t,\"-1,234.50\"":                                 out,
		"交易日期,流水号,贷方发生额,借方发生额\n2026年11月2日,1,1234.50,":                              in,
		"date,id,credit,debit\n2026-11-02 08:09:10,1,0.00,1234.50":                 out,
		"date,id,credit,debit\n2026-11-02T08:09:10,1,-,1234.50":                    out,
		"交易日期,流水号,借贷标志,交易金额\n20261102 080910,1,借,1234.50":                          out,
		"date,id,direction,amount\n2026.11.02,1,CRDT,1234.50":                      in,
		"交易日期,记账日期,流水号,金额\n20261030,20261102,1,1234.50":                            in,
		"余额,日期,流水号,金额,柜员,\n5,20261102,1,1234.50,007,":                              in,
		"date,id,amount,returned,reason_code\n\n,,,,\n2026-11-02,1,1234.50,是,AC01": with(in, func(l *bankfile.Line) { l.Returned, l.ReasonCode = true, "AC01" }),
		"date,id,amount,returned\n2026-11-02,1,1234.50,No":                         in,
		"date,id,amount,text\n2026-11-02,1,1234.50,\"two\nlines\"":                 with(in, func(l *bankfile.Line) { l.Text = "two lines" }),
		"date,id,amount,摘要,附言\n2026-11-02,1,1234.50,a, b":                          with(in, func(l *bankfile.Line) { l.Text = "a b" }),
	} {
		got, err := bankfile.ReadStatementCSV(strings.NewReader(text), cny)
		require.NoError(t, err, text)
		require.Equal(t, bankfile.Statement{Currency: cny, From: day(2), To: day(2), Lines: []bankfile.Line{want}}, got, text)
	}
	got, err := bankfile.ReadStatementCSV(strings.NewReader("id,date,amount\n"), cny)
	require.NoError(t, err)
	require.Equal(t, bankfile.Statement{Currency: cny}, got)
	got, err = bankfile.ReadStatementCSV(strings.NewReader("id,date,amount\n1,2026-11-02,1200"), jpy)
	require.NoError(t, err)
	require.Equal(t, jpy.Minor(1200), got.Lines[0].Amount)
}

func TestMalformedExportsNameTheLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		line int
		path string
		says []string
	}{
		"nothing":               {"", 0, "", []string{"header"}},
		"no header":             {"2026-11-02,1,5.00", 1, "", []string{"date, 日期", "id, 流水号", "amount, 金额"}},
		"no id":                 {"日期,金额\n", 1, "", []string{"流水号"}},
		"no debit":              {"日期,流水号,收入\n", 1, "", []string{"debit, 支出"}},
		"no credit":             {"日期,流水号,支出,金额\n", 1, "", []string{"credit, 收入"}},
		"a column twice":        {"date,id,amount,Amount\n", 1, "amount", []string{"two columns"}},
		"direction by any name": {"date,id,amount,借贷标识符\n2026-11-02,7,5,借\n", 1, "借贷标识符", []string{"direction"}},
		"a short line":          {"date,id,amount\n2026-11-02,1\n", 2, "", []string{"number of cells"}},
		"an unquoted comma":     {"date,id,amount\n2026-11-02,1,1,234.50\n", 2, "", []string{"quotes"}},
		"an open quote":         {"date,id,amount\n2026-11-02,1,\"1", 2, "", []string{"quote"}},
		"a date":                {"date,id,amount\n\n31.10.2026,1,1\n", 3, "date", []string{"2026-10-31"}},
		"no such day":           {"date,id,amount\n2026-02-30,1,1\n", 2, "date", []string{"2026-10-31"}},
		"no number":             {"date,id,amount\n2026-11-02, ,1\n", 2, "id", []string{"empty"}},
		"a number twice":        {"date,id,amount\n2026-11-02,7,1\n2026-11-02,7,1\n", 3, "id", []string{"7", "line at 2"}},
		"three decimals":        {"date,id,amount\n2026-11-02,7,1.000\n", 2, "amount", []string{"decimals"}},
		"thousands that aren't": {"date,id,amount\n2026-11-02,7,\"1,23.00\"\n", 2, "amount", []string{"not an amount"}},
		"a currency":            {"date,id,amount\n2026-11-02,7,¥1\n", 2, "amount", []string{"not an amount"}},
		"two signs":             {"date,id,amount\n2026-11-02,7,--1\n", 2, "amount", []string{"not an amount"}},
		"nothing moved":         {"date,id,amount\n2026-11-02,7,0.00\n", 2, "amount", []string{"moves money"}},
		"too large":             {"date,id,amount\n2026-11-02,7,99999999999999\n", 2, "amount", []string{"larger"}},
		"both columns":          {"date,id,credit,debit\n2026-11-02,7,1,2\n", 2, "", []string{"not both"}},
		"neither column":        {"date,id,credit,debit\n2026-11-02,7,,0\n", 2, "", []string{"not neither"}},
		"a sign in a column":    {"date,id,credit,debit\n2026-11-02,7,,-5\n", 2, "debit", []string{"not an amount"}},
		"a direction":           {"date,id,amount,借贷标志\n2026-11-02,7,5,往\n", 2, "direction", []string{"贷"}},
		"a direction and sign":  {"date,id,amount,借贷标志\n2026-11-02,7,-5,借\n", 2, "amount", []string{"sign"}},
		"a flag":                {"date,id,amount,退票\n2026-11-02,7,5,或许\n", 2, "returned", []string{"是"}},
		"no encoding":           {"date,id,amount\n2026-11-02,\xff\xff,5\n", 0, "", []string{"GB18030"}},
		"UTF-16":                {"\xff\xfed\x00a\x00", 0, "", []string{"UTF-8"}},
	} {
		_, err := bankfile.ReadStatementCSV(strings.NewReader(c.text), cny)
		var wrong *bankfile.FileError
		require.ErrorAs(t, err, &wrong, name)
		require.Equal(t, c.line, wrong.Line, "%s: %v", name, err)
		require.Equal(t, c.path, wrong.Path, "%s: %v", name, err)
		for _, says := range c.says {
			require.Contains(t, err.Error(), says, name)
		}
	}
}

func TestExportsAreBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("date,id,amount\n")
	for n := range bankfile.MaxStatementLines {
		fmt.Fprintf(&b, "2026-11-02,%d,1\n", n)
	}
	s, err := bankfile.ReadStatementCSV(strings.NewReader(b.String()), cny)
	require.NoError(t, err)
	require.Len(t, s.Lines, bankfile.MaxStatementLines)
	for _, text := range []string{b.String() + "2026-11-02,x,1\n", "date,id,amount\n" + strings.Repeat(" ", bankfile.MaxStatementSize)} {
		_, err := bankfile.ReadStatementCSV(strings.NewReader(text), cny)
		var wrong *bankfile.FileError
		require.ErrorAs(t, err, &wrong)
		require.Contains(t, err.Error(), "shorter period")
	}
}

func FuzzReadStatementCSV(f *testing.F) {
	export, err := os.ReadFile(filepath.Join("testdata", "statement.csv"))
	require.NoError(f, err)
	inChinese, err := simplifiedchinese.GB18030.NewEncoder().Bytes(export)
	require.NoError(f, err)
	for _, seed := range []string{
		string(export), string(inChinese), "", "\ufeff", "date,id,amount\n2026-11-02,1,\"1,234.50\"\n", "date,id,credit,debit\n2026-11-02,1,,1\n",
		"date,id,amount\n,,\n", "date,id,amount\n\"", "\xff", "date,id,direction,amount\n20261102,1,c,1\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		s, err := bankfile.ReadStatementCSV(bytes.NewReader(content), cny)
		if err != nil {
			var wrong *bankfile.FileError
			require.ErrorAs(t, err, &wrong)
			return
		}
		sound(t, s)
		for _, l := range s.Lines {
			require.False(t, l.BookedOn.Before(s.From) || l.BookedOn.After(s.To))
			require.Equal(t, 1, l.Amount.Sign())
		}
	})
}
