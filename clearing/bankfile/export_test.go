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
	"golang.org/x/text/encoding/unicode"

	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/money"
)

func TestAnExportOfAChineseBank(t *testing.T) {
	t.Parallel()
	export, err := os.ReadFile(filepath.Join("testdata", "statement.csv"))
	require.NoError(t, err)
	inChinese, err := simplifiedchinese.GB18030.NewEncoder().Bytes(export)
	require.NoError(t, err)
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(export)
	require.NoError(t, err)
	utf16big, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes(export)
	require.NoError(t, err)
	want := bankfile.Statement{
		Currency: cny, From: day(1), To: day(3),
		Lines: []bankfile.Line{
			{
				Place: "line 2", ID: "20261102000001", BookedOn: day(2), Credit: true, Amount: cny.Minor(1773837), Reference: "RF722026100000000100001",
				Text: "转账 联盟卡9月结算", Counterparty: "山丘咖啡",
			},
			{Place: "line 3", ID: "20261103000007", BookedOn: day(3), Amount: cny.Minor(648379), Text: "代发 结算, 十月", Counterparty: "渝里火锅"},
			{
				Place: "line 4", ID: "20261101000002", BookedOn: day(1), Credit: true, Amount: cny.Minor(154518), Text: "退汇", Counterparty: "明齿口腔",
				Returned: true, Reason: "账号户名不符",
			},
		},
	}
	for name, content := range map[string][]byte{
		"UTF-8": export, "UTF-8 with a byte order mark": append([]byte("\ufeff"), export...), "GB18030": inChinese,
		"UTF-16, little-endian": utf16, "UTF-16, big-endian": utf16big,
		"LF": bytes.ReplaceAll(export, []byte("\r\n"), []byte("\n")), "CR": bytes.ReplaceAll(export, []byte("\r\n"), []byte("\r")),
		"tabs":       []byte(strings.ReplaceAll(strings.ReplaceAll(string(export), "\t", ""), ",", "\t")),
		"semicolons": regroup(export, ';'), "bars": regroup(export, '|'),
		"a half character": bytes.Replace(inChinese, []byte("\xb7\xc8,"), []byte("\xb7\xc8\xbf,"), 1),
	} {
		if name == "tabs" {
			content = regroup(export, '\t')
		}
		file, err := bankfile.Read(content, bankfile.Options{Currency: cny})
		require.NoError(t, err, name)
		require.Equal(t, &bankfile.File{Format: bankfile.CSV, Profile: bankfile.GenericProfile, Statements: []bankfile.Statement{want}}, file, name)
	}
}

// regroup returns a CSV file with another separator, and without the tabs in its cells.
func regroup(content []byte, separator byte) []byte {
	quoted := false
	return bytes.Map(func(r rune) rune {
		switch {
		case r == '"':
			quoted = !quoted
		case r == '\t':
			return -1
		case r == ',' && !quoted:
			return rune(separator)
		}
		return r
	}, content)
}

func TestColumnsAndAmountsOfExports(t *testing.T) {
	t.Parallel()
	in, out := bankfile.Line{ID: "1", BookedOn: day(2), Credit: true, Amount: cny.Minor(123450)}, bankfile.Line{ID: "1", BookedOn: day(2), Amount: cny.Minor(123450)}
	with := func(l bankfile.Line, change func(*bankfile.Line)) bankfile.Line { change(&l); return l }
	nameless := with(in, func(l *bankfile.Line) { l.ID = "" })
	for text, want := range map[string]bankfile.Line{
		"date,id,amount\n2026-11-02,1,+1234.50":                                     in,
		"DATE, Id ,Amount (CNY)\n2026-11-02,1,\"+1,234.50\"":                        in,
		"date,id,amount\n2026/11/2,1,+1234.5":                                       in,
		"日期,流水号,金额（元）\n20261102,1\t,\"-1,234.50\"":                                  out,
		"日期,流水号,金额(人民币)\n20261102,1\t,\"1,234.50-\"":                                out,
		"日期,流水号,金额\n20261102,1,(1234.50)":                                           out,
		"日期,流水号,金额\n20261102,1,−¥1234.50":                                           out,
		"日期,流水号,金额\n20261102,1,￥-1234.50元":                                          out,
		"日期,流水号,金额\n20261102,1,CNY +1234.50":                                        in,
		"date,id,amount\n2026-11-02,1,1234.50 CR":                                   in,
		"date,id,amount\n2026-11-02,1,1234.50DR":                                    out,
		"date,id,amount\n2026-11-02,1,-1234.500":                                    out,
		"交易日期,流水号,贷方发生额,借方发生额\n2026年11月2日,1,1234.50,":                               in,
		"date,id,credit,debit\n2026-11-02 08:09:10,1,0.00,1234.50":                  out,
		"date,id,credit,debit\n2026-11-02T08:09:10,1,-,1234.50":                     out,
		"交易日期,流水号,借贷标志,交易金额\n20261102 080910,1,借,1234.50":                           out,
		"date,id,direction,amount\n2026.11.02,1,CRDT,1234.50":                       in,
		"交易日期,记账日期,流水号,金额\n20261030,20261102,1,+1234.50":                            in,
		"余额,日期,流水号,金额,柜员,\n5,20261102,1,+1234.50,007,":                              in,
		"date,id,amount,returned,reason_code\n\n,,,,\n2026-11-02,1,+1234.50,是,AC01": with(in, func(l *bankfile.Line) { l.Returned, l.ReasonCode = true, "AC01" }),
		"date,id,amount,returned\n2026-11-02,1,+1234.50,No":                         in,
		"date,id,amount,text\n2026-11-02,1,+1234.50,\"two\nlines\"":                 with(in, func(l *bankfile.Line) { l.Text = "two lines" }),
		"date,id,amount,摘要,附言\n2026-11-02,1,+1234.50,a, b":                          with(in, func(l *bankfile.Line) { l.Text = "a b" }),
		"date,amount\n2026-11-02,+1234.50":                                          nameless,
		"Buchungstag;Haben;Soll\n02.11.2026;1.234,50;":                              nameless,
		"入帐日期\t收入\t支出\n\"2026-11-02\"\t\"1,234.50\"\t\" \"":                         nameless,
		"日期,收入,支出\n'20261102,=\"1234.50\",":                                         nameless,
		"日期,收入,支出\n`2026-11-02 10:11:12,`1234.50,":                                  nameless,
		"日 期,借 贷,金 额\n２０２６－１１－０２,贷,１２３４．５０":                                         nameless,
	} {
		if want.ID == "" {
			want.ID = nameless.ID
		}
		file, err := bankfile.Read([]byte(text), bankfile.Options{Currency: cny, Account: "1 2-3"})
		require.NoError(t, err, text)
		got := unplaced(file.Statements[0])
		got.Opening, got.Closing = nil, nil
		require.Equal(t, bankfile.Statement{Account: "123", Currency: cny, From: day(2), To: day(2), Lines: []bankfile.Line{want}}, got, text)
	}
	require.Equal(t, []bankfile.Statement{{Currency: cny}}, read(t, []byte("id,date,amount\n")))
	file, err := bankfile.Read([]byte("id,date,amount\n1,2026-11-02,+1200"), bankfile.Options{Currency: jpy})
	require.NoError(t, err)
	require.Equal(t, jpy.Minor(1200), file.Statements[0].Lines[0].Amount)
	file, err = bankfile.Read([]byte("id,date,amount\n1,2026-11-02,+1.250"), bankfile.Options{Currency: money.MustCurrency("KWD")})
	require.NoError(t, err)
	require.Equal(t, int64(1250), file.Statements[0].Lines[0].Amount.Minor())
}

// The direction of an amount is proven, or nothing is booked.
func TestTheDirectionOfAnAmountIsProven(t *testing.T) {
	t.Parallel()
	const in, out, undoneIn, undoneOut, unknown = "in", "out", "undone in", "undone out", "unknown"
	for name, c := range map[string]struct {
		text string
		want []string // one a line; nil: the file is refused
	}{
		"no sign at all":                      {"date,amount\n2026-11-02,5.00\n2026-11-02,6.00\n", nil},
		"a minus shows that there are signs":  {"date,amount\n2026-11-02,5.00\n2026-11-02,-6.00\n", []string{in, out}},
		"收/支":                                 {"日期,收/支,金额\n2026-11-02,支出,5.00\n2026-11-02,收入,5.00\n2026-11-02,/,5.00\n", []string{out, in, unknown}},
		"交易类型":                                {"日期,交易类型,金额\n2026-11-02,转出,5.00\n2026-11-02,转入,5.00\n2026-11-02,结息,5.00\n", []string{out, in, unknown}},
		"d/c":                                 {"date,d/c,amount\n2026-11-02,D,5.00\n2026-11-02,C,5.00\n2026-11-02,X,5.00\n", []string{out, in, unknown}},
		"标志":                                  {"日期,标志,金额\n2026-11-02,借,5.00\n2026-11-02,贷,5.00\n", []string{out, in}},
		"type":                                {"date,type,amount\n2026-11-02,Debit,5.00\n2026-11-02,CREDIT,5.00\n", []string{out, in}},
		"soll/haben":                          {"date,soll/haben,amount\n2026-11-02,S,5.00\n2026-11-02,H,5.00\n", []string{out, in}},
		"soll/haben in words":                 {"Datum;date;Soll/Haben;Betrag\nx;2026-11-02;Soll;5,00\nx;2026-11-02;Haben;5,00\n", []string{out, in}},
		"借贷标志":                                {"日期,借贷标志,金额\n2026-11-02,借 Dr,5.00\n2026-11-02,贷 Cr,5.00\n2026-11-02,1-贷,5.00\n", []string{out, in, in}},
		"收支标识符":                               {"日期,收支标识符,金额\n2026-11-02,-,5.00\n2026-11-02,+,5.00\n", []string{out, in}},
		"资金流向":                                {"日期,资金流向,金额\n2026-11-02,流出,5.00\n2026-11-02,汇入,5.00\n", []string{unknown, in}},
		"CRDT and DBIT":                       {"date,direction,amount\n2026-11-02,DBIT,5.00\n2026-11-02,CRDT,5.00\n", []string{out, in}},
		"words of both":                       {"date,direction,amount\n2026-11-02,debit credit,5.00\n2026-11-02,CRDT,5.00\n", []string{unknown, in}},
		"a direction that nobody understands": {"日期,借贷标志,金额\n2026-11-02,0,5.00\n2026-11-02,1,5.00\n", nil},
		"a type that is none":                 {"日期,交易类型,金额\n2026-11-02,转账,5.00\n", nil},
		"入账 in a type says that it is booked":   {"日期,交易类型,金额\n2026-11-02,入账,5.00\n", nil},
		"a type beside signs":                   {"日期,交易类型,金额\n2026-11-02,转账,5.00\n2026-11-02,消费,-5.00\n", []string{in, out}},
		"a type against the sign":               {"日期,交易类型,金额\n2026-11-02,转出,5.00\n2026-11-02,消费,-5.00\n", []string{unknown, out}},
		"a direction and one minus":             {"日期,借贷标志,金额\n2026-11-02,借,-5.00\n", []string{unknown}},
		"红字 beside a direction":                 {"日期,借贷标志,金额\n2026-11-02,借,5.00\n2026-11-03,借,-5.00\n2026-11-03,贷,7\n2026-11-03,贷,-7\n", []string{out, undoneOut, in, undoneIn}},
		"红字 in a column":                        {"日期,收入,支出\n2026-11-02,,5.00\n2026-11-03,,-5.00\n", []string{out, undoneOut}},
		"debits with a minus, and nothing else": {"日期,收入,支出\n2026-11-02,,-5.00\n2026-11-03,,-5.00\n2026-11-03,4,\n", []string{unknown, unknown, in}},
		"debits with a minus that balances fit": {"日期,收入,支出,余额\n2026-11-02,,-5.00,95\n2026-11-03,,-5.00,90\n2026-11-03,4,,94\n", []string{out, out, in}},
		"a minus that balances contradict":      {"日期,收入,支出,余额\n2026-11-02,,-5.00,105\n2026-11-03,,-5.00,110\n2026-11-03,4,,114\n", []string{unknown, unknown, in}},
		"a plus, and nothing":                   {"date,amount\n2026-11-02,+5.00\n2026-11-02,6.00\n2026-11-02,0.00\n", []string{in, unknown, in}},
		"支出(-元)":                                {"日期,收入金额（+元）,支出金额（-元）\n2026-11-02,5.00,\n2026-11-02,,-5.00\n", []string{in, out}},
		"借 of a company's own books":            {"日期,借方,贷方,余额\n2026-11-02,5.00,,105.00\n2026-11-03,,7.00,98.00\n", nil},
		"one 红字 among amounts without signs":    {"日期,金额,余额\n2026-11-02,5.00,95.00\n2026-11-03,5.00,90.00\n2026-11-04,-5.00,95.00\n", nil},
		"the same, newest first":                {"日期,金额,余额\n2026-11-04,-5.00,95.00\n2026-11-03,5.00,90.00\n2026-11-02,5.00,95.00\n", nil},
		"both columns":                          {"日期,收入,支出\n2026-11-02,5.00,5.00\n2026-11-02,5.00,0.00\n", []string{unknown, in}},
	} {
		file, err := bankfile.Read([]byte(c.text), bankfile.Options{Currency: cny})
		if c.want == nil {
			var wrong *bankfile.FileError
			require.ErrorAs(t, err, &wrong, name)
			require.Contains(t, err.Error(), "columns are ", name)
			require.Contains(t, err.Error(), strings.Split(strings.Split(c.text, "\n")[0], ",")[0], name)
			continue
		}
		require.NoError(t, err, name)
		var got []string
		for _, l := range file.Statements[0].Lines {
			switch {
			case l.Problem != nil:
				require.Equal(t, bankfile.DirectionUnknown, l.Problem.Code, name)
				require.Equal(t, name != "both columns", !l.Amount.IsZero(), name)
				got = append(got, unknown)
			case l.Returned && l.Credit:
				got = append(got, undoneOut)
			case l.Returned:
				got = append(got, undoneIn)
			case l.Credit:
				got = append(got, in)
			default:
				got = append(got, out)
			}
		}
		require.Equal(t, c.want, got, name)
	}
}

func TestALineOfAnExportThatCannotBeBooked(t *testing.T) {
	t.Parallel()
	const header = "date,id,credit,debit,currency,text,returned\n"
	for name, c := range map[string]struct{ line, code, says string }{
		"a date":                {"31-10-2026x,1,1,,,,", bankfile.BadDate, "2026-10-31"},
		"no such day":           {"2026-02-30,1,1,,,,", bankfile.BadDate, "2026-02-30"},
		"the year 0":            {"0000-01-01,1,1,,,,", bankfile.BadDate, "from 1990"},
		"a year too far":        {"2999-01-01,1,1,,,,", bankfile.BadDate, "to 2199"},
		"a day without a year":  {"11/02,1,1,,,,", bankfile.BadDate, "11/02"},
		"no date":               {",1,1,,,,", bankfile.BadDate, "no date"},
		"no date and no amount": {"later,1,,,CNY,x,", bankfile.BadDate, "later"},
		"three decimals":        {"2026-11-02,1,12.005,,,,", bankfile.BadAmount, "decimals"},
		"thousands that aren't": {"2026-11-02,1,\"1,23.00\",,,,", bankfile.BadAmount, "no amount"},
		"words":                 {"2026-11-02,1,five,,,,", bankfile.BadAmount, "no amount"},
		"two signs":             {"2026-11-02,1,--5,,,,", bankfile.BadAmount, "no amount"},
		"another currency":      {"2026-11-02,1,$5.00,,,,", bankfile.BadAmount, "no amount"},
		"as a spreadsheet does": {"2026-11-02,1,1.2E+05,,,,", bankfile.BadAmount, "no amount"},
		"too large":             {"2026-11-02,1,99999999999999,,,,", bankfile.BadAmount, "larger"},
		"nothing":               {"2026-11-02,1,,,,,", bankfile.BadAmount, "no amount"},
		"both columns":          {"2026-11-02,1,1,2,,,", bankfile.DirectionUnknown, "both columns"},
		"dollars":               {"2026-11-02,1,1,,USD,,", bankfile.OtherCurrency, "USD"},
		"an unknown currency":   {"2026-11-02,1,1,,银元,,", bankfile.OtherCurrency, "银元"},
		"a flag":                {"2026-11-02,1,1,,,,或许", bankfile.BadLine, "是"},
		"a long number":         {"2026-11-02," + strings.Repeat("9", 9000) + ",1,,,,", bankfile.TextTooLong, "9000"},
		"a long text":           {"2026-11-02,1,1,,," + strings.Repeat("长", 2001) + ",", bankfile.TextTooLong, "2001"},
		"a short line":          {"2026-11-02,1", bankfile.BadAmount, "there is no amount"},
		"an unquoted comma":     {"2026-11-02,1,1,234.50,,,", bankfile.DirectionUnknown, "both"},
		"a stray quote":         {"2026-11-02,\"1,1,,,,", bankfile.BadAmount, "there is no amount"},
	} {
		s := read(t, []byte(header+c.line+"\n2026-11-02,good,1,,人民币,RF722026100000000100001,\n"))[0]
		require.Len(t, s.Lines, 2, name)
		l := s.Lines[0]
		require.NotNil(t, l.Problem, name)
		require.Equal(t, c.code, l.Problem.Code, "%s: %s", name, l.Problem.Reason)
		require.Contains(t, l.Problem.Reason, c.says, name)
		require.Equal(t, "line 2", l.Place)
		require.Nil(t, s.Lines[1].Problem, "%s: %v", name, s.Lines[1].Problem)
		require.Equal(t, "good", s.Lines[1].ID)
		require.True(t, s.Lines[1].Credit)
		sound(t, s)
	}
	// The text of such a line is all of it, and a reference in it is found.
	l := read(t, []byte(header+"2026-11-02,7,1,,USD,RF722026100000000100001 x,\n"))[0].Lines[0]
	require.Equal(t, "2026-11-02 7 1 USD RF722026100000000100001 x", l.Text)
	// Two long numbers that differ stay different.
	long := strings.Repeat("9", 200)
	lines := read(t, []byte(header+"2026-11-02,"+long+"1,1,,,,\n2026-11-02,"+long+"2,1,,,,\n"))[0].Lines
	require.NotEqual(t, lines[0].ID, lines[1].ID)
}

func TestExportsThatAreRefusedWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		line int
		path string
		says []string
	}{
		"nothing":           {"", 0, "", []string{"empty"}},
		"no header":         {"2026-11-02,1,5.00", 1, "", []string{"date, 日期", "amount, 金额", "2026-11-02, 1, 5.00"}},
		"no amount":         {"title\n日期,流水号,对方户名\n", 2, "", []string{"支出", "日期, 流水号, 对方户名"}},
		"no debit":          {"日期,流水号,收入\n", 1, "", []string{"debit, 支出"}},
		"no credit":         {"日期,流水号,支出,金额\n", 1, "", []string{"credit, 收入"}},
		"a column twice":    {"date,id,amount,Amount\n", 1, "amount", []string{"two columns"}},
		"garbage":           {"date,id,amount\n2026-11-02,\xff\xff,5\n", 0, "", []string{"GB18030"}},
		"UTF-16 that isn't": {"\xff\xfed\x00a\x00\x00\xd8", 0, "", []string{"UTF-16"}},
		"NUL":               {"date,id,amount\n2026-11-02,a\x00b,+5\n", 2, "", []string{"NUL"}},
		"a long name":       {"date,id,credit,debit" + strings.Repeat("*", 300) + "\n", 1, "", []string{"debit, 支出"}},
		"too far right":     {strings.Repeat("x,", 256) + "date,id,credit,debit\n", 1, "", []string{"no line names the columns"}},
		"an old workbook":   {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "", []string{".xlsx"}},
		"a broken workbook": {"PK\x03\x04nonsense", 0, "", []string{"no XLSX workbook"}},
		"a PDF":             {"%PDF-1.7", 0, "", []string{"PDF"}},
	} {
		file, err := bankfile.Read([]byte(c.text), bankfile.Options{Currency: cny})
		require.Nil(t, file, name)
		var wrong *bankfile.FileError
		require.ErrorAs(t, err, &wrong, name)
		require.Equal(t, c.line, wrong.Line, "%s: %v", name, err)
		require.Equal(t, c.path, wrong.Path, "%s: %v", name, err)
		for _, says := range c.says {
			require.Contains(t, err.Error(), says, name)
		}
	}
}

func TestWhatStandsAroundTheLinesIsNoLine(t *testing.T) {
	t.Parallel()
	const text = "明细查询文件下载\n\n查询日期: 2026-11-01 至 2026-11-30\n账 号: x\n\"帐号：1202-0202 0990 0112 233 户名：滨江联盟\"\n" +
		"日期,收入,支出,余额,摘要\n" +
		"2026-11-01,,,100.00,期初余额\n" +
		"2026-11-02,5.00,,105.00,a\n" +
		",5.00,,,本页合计\n" +
		"日期,收入,支出,余额,摘要\n" +
		"2026-11-03,,2.00,103.00,合计 \n" +
		"x,7.00,,,合计科技有限公司\n" +
		"x,7.00,,,Total Energies\n" +
		"合计,5.00,2.00,,\n" +
		"收入合计：1笔,5.00,,,\n" +
		"共2笔\n" +
		"以上明细仅供参考,,,,\n" +
		"Total,5.00,2.00,103.00,\n"
	s := read(t, []byte(text))
	require.Len(t, s, 1)
	require.Equal(t, "1202020209900112233", s[0].Account)
	require.Len(t, s[0].Lines, 4)
	for _, l := range s[0].Lines[2:] {
		require.Equal(t, bankfile.BadDate, l.Problem.Code, "a name that begins like a total is none")
	}
	require.Equal(t, "line 8", s[0].Lines[0].Place)
	require.Equal(t, "line 11", s[0].Lines[1].Place)
	require.Equal(t, "合计", s[0].Lines[1].Text, "a line with a date and an amount is one, whatever it says")
	for preamble, account := range map[string]string{
		"账号,1202020209900112233":                   "1202020209900112233",
		"卡号：6222 0212 **** 5566":                   "",
		"支付宝账户：someone@example.com":                "",
		"对方账号:1202020209900112233":                 "",
		"Account: DE89 3704 0044 0532 0130 00;EUR": "DE89370400440532013000",
		"账号:[1202020209900112233]":                 "1202020209900112233",
		"账号: 2026":                                 "",
	} {
		require.Equal(t, account, read(t, []byte(preamble+"\n日期,收入,支出\n2026-11-02,5.00,\n"))[0].Account, preamble)
	}
}

func TestBalancesOfAnExport(t *testing.T) {
	t.Parallel()
	const header = "日期,金额,余额\n"
	of := func(minor int64, on int) *bankfile.Balance {
		return &bankfile.Balance{Amount: cny.Minor(minor), On: day(on)}
	}
	for name, c := range map[string]struct {
		lines            string
		opening, closing *bankfile.Balance
	}{
		"oldest first":     {"2026-11-02,-5,95\n2026-11-03,7,102\n", of(10000, 2), of(10200, 3)},
		"newest first":     {"2026-11-03,7,102\n2026-11-02,-5,95\n", of(10000, 2), of(10200, 3)},
		"one line":         {"2026-11-02,-5,95\n", of(10000, 2), of(9500, 2)},
		"overdrawn":        {"2026-11-02,-5,-5\n", of(0, 2), of(-500, 2)},
		"a gap":            {"2026-11-02,-5,95\n2026-11-03,7,103\n", nil, nil},
		"either way round": {"2026-11-02,-5,95\n2026-11-03,5,100\n2026-11-04,-5,95\n", of(10000, 2), of(9500, 4)},
		"no order":         {"2026-11-02,5,105\n2026-11-02,-5,100\n", nil, nil},
		"no balance":       {"2026-11-02,-5,\n", nil, nil},
		"a line that isn't": {
			"2026-11-02,-5,95\n2026-11-03,x,102\n", nil, nil,
		},
	} {
		s := read(t, []byte(header+c.lines))[0]
		require.Equal(t, c.opening, s.Opening, name)
		require.Equal(t, c.closing, s.Closing, name)
	}
}

// A point or a comma may be of decimals or of thousands. What can't be told is no amount.
func TestDecimalsAreToldFromThousands(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amounts []string
		minor   []int64 // -1: no amount
	}{
		{[]string{"1234.50"}, []int64{123450}},
		{[]string{"1,234.50", "1,234"}, []int64{123450, 123400}},
		{[]string{"1.234,50", "1.234", "5"}, []int64{123450, 123400, 500}},
		{[]string{"1.000"}, []int64{-1}},
		{[]string{"1.000", "12.50"}, []int64{100, 1250}},
		{[]string{"1.000", "12,50"}, []int64{100000, 1250}},
		{[]string{"2300.000"}, []int64{230000}},
		{[]string{"12.50", "12,50", "1.000", "7"}, []int64{1250, 1250, -1, 700}},
		{[]string{"1,234,567"}, []int64{123456700}},
		{[]string{"1,23"}, []int64{123}},
	} {
		text := "日期\t收入\t支出\n"
		for _, a := range c.amounts {
			text += "2026-11-02\t" + a + "\t\n"
		}
		lines := read(t, []byte(text))[0].Lines
		require.Len(t, lines, len(c.minor))
		for n, minor := range c.minor {
			if minor < 0 {
				require.Equal(t, bankfile.BadAmount, lines[n].Problem.Code, c.amounts)
				continue
			}
			require.Nil(t, lines[n].Problem, c.amounts)
			require.Equal(t, cny.Minor(minor), lines[n].Amount, c.amounts)
		}
	}
}

func TestExportsAreBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("date,id,amount\n")
	for n := range bankfile.MaxStatementLines {
		fmt.Fprintf(&b, "2026-11-02,%d,-1\n", n)
	}
	require.Len(t, read(t, []byte(b.String()))[0].Lines, bankfile.MaxStatementLines)
	for _, text := range []string{b.String() + "2026-11-02,x,1\n", "date,id,amount\n" + strings.Repeat("note\n", 20_000), "date,id,amount\n" + strings.Repeat(" ", bankfile.MaxStatementSize)} {
		_, err := bankfile.Read([]byte(text), bankfile.Options{Currency: cny})
		var wrong *bankfile.FileError
		require.ErrorAs(t, err, &wrong)
		require.Contains(t, err.Error(), "shorter period")
	}
}
