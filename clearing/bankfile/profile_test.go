package bankfile_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/lianka/lianka/clearing/bankfile"
)

// told writes a line in one line of text.
func told(l bankfile.Line) string {
	direction := "-"
	if l.Credit {
		direction = "+"
	}
	text := l.Place + " " + l.BookedOn.Format(time.DateOnly) + " " + direction + l.Amount.String()
	if l.Returned {
		text += " returned"
	}
	for _, part := range []struct{ name, value string }{{"id", l.ID}, {"ref", l.Reference}, {"who", l.Counterparty}, {"text", l.Text}} {
		if part.value != "" {
			text += " " + part.name + "=" + part.value
		}
	}
	if l.Problem != nil {
		text += " problem=" + l.Problem.Code
	}
	return text
}

func TestTheExportsOfEachBankAreRead(t *testing.T) {
	t.Parallel()
	const ours = "RF722026100000000100001"
	for profile, want := range map[string][]struct {
		account, opening, closing string
		pending                   int
		lines                     []string
	}{
		"abc": {{"", "100000.00", "102006.00", 0, []string{
			"line 2 2026-11-02 +2300.00 id=310000001 who=北岸健身有限公司 text=转账 RF72 2026 1000 0000 0100 001 结算",
			"line 3 2026-11-03 -294.00 id=310000002 who=渝里火锅餐饮有限公司 text=代付 " + ours,
			"line 4 2026-11-04 +0.00 id=310000003 text=结息",
		}}},
		"boc": {
			{"6216600000000000014", "", "", 0, []string{
				"line 3 2026-11-04 -1000.00 who=花间集花店 text=网上支付 货款",
				"line 4 2026-11-02 +2300.00 who=北岸健身 text=转账汇款 " + ours,
				"line 5 2026-11-02 -0.00 text=2026-11-02 10:00:00 美元 100.00 100.00 结汇 柜台 杭州滨江支行 6216600000000000014 problem=other_currency",
			}},
			{"6216600000000000022", "100.00", "95.00", 0, []string{"line 6 2026-11-03 -5.00 text=手续费"}},
		},
		"boc-credit-card": {{"", "", "", 0, []string{
			"line 3 2026-11-02 +2300.00 text=还款 " + ours,
			"line 4 2026-11-03 -45.60 text=杭州某超市",
			"line 5 2026-11-04 -0.00 text=2026-11-03 2026-11-04 1234 DUTY FREE 12.00 USD problem=other_currency",
		}}},
		"bocom": {{"", "", "", 0, []string{
			"line 2 2026-11-02 +2300.00 who=北岸健身 text=网银转账 " + ours,
			"line 3 2026-11-03 -294.00 who=渝里火锅 text=网银转账 代付",
			"line 4 2026-11-04 +294.00 returned who=渝里火锅 text=冲正 冲正",
			"line 5 2026-11-05 -1.00 text=4 2026-11-05 10:15:00 其他 未知 1.00 12,301.00 problem=direction_unknown",
		}}},
		"cmb": {{"", "10000.00", "13300.00", 0, []string{
			"line 2 2026-11-02 +2300.00 who=北岸健身 1202020209900000001 text=汇入汇款 " + ours,
			"line 3 2026-11-03 +1000.00 who=某公司 text=汇入汇款 货款",
		}}},
		"cmb-credit-card": {{"", "", "", 0, []string{
			"line 3 2026-11-02 -45.60 text=财付通-某超市",
			"line 4 2026-11-03 +2300.00 text=还款",
			"line 5 0001-01-01 -17.90 text=11/05 支付宝-某店 17.90 4523 17.90 problem=bad_date",
		}}},
		"icbc": {{"6222020200000000011", "0.00", "1928.80", 0, []string{
			"line 8 2026-11-04 -71.20 who=某店 text=消费 支付宝-某店 网上",
			"line 9 2026-11-02 +2000.00 who=北岸健身 text=跨行汇款 " + ours + " 杭州",
		}}},
		"icbc-older": {{"6222020200000000011", "0.00", "1706.00", 0, []string{
			"line 8 2026-11-02 +2000.00 who=北岸健身 text=跨行汇款 " + ours,
			"line 9 2026-11-03 -294.00 who=渝里火锅 text=转账 网银",
		}}},
		"alipay": {{"", "", "", 1, []string{
			"line 26 2026-11-02 +2300.00 id=2026110222001400000001 who=北岸健身 text=转账红包 " + ours,
			"line 27 2026-11-03 -294.00 id=2026110322001400000002 ref=M2026-7 who=渝里火锅 text=商业服务 货款",
			"line 29 2026-11-05 -50.00 id=2026110522001400000004 ref=M2026-8 who=某店 " +
				"text=2026-11-05 10:15:00 退款 某店 / 退款-订单 不计收支 50.00 余额 退款成功 2026110522001400000004 M2026-8 problem=direction_unknown",
			"line 30 2026-11-06 -50.00 id=2026110622001400000005 who=某行 " +
				"text=2026-11-06 10:15:00 信用借还 某行 / 还款 不计收支 50.00 余额 新的状态 2026110622001400000005 problem=bad_line",
		}}},
		"wechat-pay": {{"", "", "", 1, []string{
			"line 18 2026-11-02 +2300.00 id=4200000000202611020000000001 ref=1000000001 who=北岸健身 text=二维码收款 " + ours,
			"line 19 2026-11-03 -294.00 id=4200000000202611030000000002 ref=1000000002 who=渝里火锅 text=商户消费 货款",
			"line 20 2026-11-04 -500.00 id=4200000000202611040000000003 who=某行 " +
				"text=2026-11-04 10:15:00 零钱提现 某行 / / ¥500.00 某行 提现已到账 4200000000202611040000000003 / 服务费¥0.50 problem=direction_unknown",
			"line 22 2026-11-06 -30.00 id=4200000000202611060000000005 ref=1000000005 who=某店 text=商户消费 订单",
		}}},
		bankfile.GenericProfile: {{"1202020209900112233", "10000.00", "12006.00", 0, []string{
			"line 4 2026-11-02 +2300.00 id=1-330000001 who=北岸健身 text=转账 " + ours,
			"line 5 2026-11-03 -294.00 id=2-330000002 who=渝里火锅 text=代付",
		}}},
	} {
		name := profile + ".csv"
		if profile == bankfile.GenericProfile {
			name = "ccb.csv" // no sample of its export was to be had, so there is no profile
		}
		content, err := os.ReadFile(filepath.Join("testdata", "exports", name))
		require.NoError(t, err)
		for how, o := range map[string]bankfile.Options{"by its header": {Currency: cny}, "by name": {Currency: cny, Profile: profile}} {
			file, err := bankfile.Read(content, o)
			require.NoError(t, err, "%s %s", profile, how)
			require.Equal(t, profile, file.Profile)
			require.Len(t, file.Statements, len(want), profile)
			for n, s := range file.Statements {
				var lines []string
				for _, l := range s.Lines {
					lines = append(lines, told(l))
				}
				require.Equal(t, want[n].lines, lines, profile)
				require.Equal(t, want[n].account, s.Account, profile)
				require.Equal(t, want[n].opening, balanceTold(s.Opening), profile)
				require.Equal(t, want[n].closing, balanceTold(s.Closing), profile)
				require.Equal(t, want[n].pending, s.Pending, profile)
				sound(t, s)
			}
		}
	}
}

func balanceTold(b *bankfile.Balance) string {
	if b == nil {
		return ""
	}
	return b.Amount.String()
}

func TestEveryProfileHasATest(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, p := range bankfile.Profiles() {
		_, err := os.Stat(filepath.Join("testdata", "exports", p.Name+".csv"))
		require.NoError(t, err)
		require.False(t, names[p.Name], "two profiles are called %s", p.Name)
		names[p.Name] = true
		require.NotEmpty(t, p.Title)
		require.NoError(t, p.Mapping.Validate(), p.Name)
		for _, column := range []string{p.Mapping.Date, p.Mapping.Amount, p.Mapping.Credit, p.Mapping.Debit, p.Mapping.Direction} {
			require.True(t, column == "" || slices.Contains(p.Header, column), "%s: %s", p.Name, column)
		}
	}
}

// A bank that writes a minus before what went out may have a month in which nothing did. If the
// balances contradict that, it has changed its export.
func TestASignedExportWithoutAMinusMustFitItsBalances(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("testdata", "exports", "cmb.csv"))
	require.NoError(t, err)
	_, err = bankfile.Read(bytes.Replace(content, []byte("13,300.00"), []byte("11,300.00"), 1), bankfile.Options{Currency: cny})
	var wrong *bankfile.FileError
	require.ErrorAs(t, err, &wrong)
	require.Contains(t, err.Error(), "balances move the other way")
}

func TestAProfileThatIsNone(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("testdata", "exports", "cmb.csv"))
	require.NoError(t, err)
	_, err = bankfile.Read(content, bankfile.Options{Currency: cny, Profile: "barclays"})
	var field *bankfile.FieldError
	require.ErrorAs(t, err, &field)
	require.Equal(t, "profile", field.Field)
	require.Contains(t, err.Error(), "icbc, icbc-older, abc")
	_, err = bankfile.Read(content, bankfile.Options{Currency: cny, Profile: "abc"})
	var wrong *bankfile.FileError
	require.ErrorAs(t, err, &wrong)
	require.Contains(t, err.Error(), "日志号")
	require.Contains(t, err.Error(), "联机余额")
}

func TestColumnsAreMappedByHand(t *testing.T) {
	t.Parallel()
	const text = "some bank\nwhen,what,how much,way,who\n2026-11-02,RF722026100000000100001,5.00,ein,a\n2026-11-03,x,6.00,aus,b\n2026-11-03,y,7.00,auf,c\n"
	m := bankfile.Mapping{Date: "When", Amount: "how much", Direction: "way", CreditWords: []string{"Ein"}, DebitWords: []string{"aus"}, Text: []string{"what", "who"}}
	require.NoError(t, m.Validate())
	file, err := bankfile.Read([]byte(text), bankfile.Options{Currency: cny, Mapping: &m})
	require.NoError(t, err)
	require.Equal(t, bankfile.MappingProfile, file.Profile)
	var lines []string
	for _, l := range file.Statements[0].Lines {
		lines = append(lines, told(l))
	}
	require.Equal(t, []string{
		"line 3 2026-11-02 +5.00 text=RF722026100000000100001 a", "line 4 2026-11-03 -6.00 text=x b", "line 5 2026-11-03 -7.00 text=2026-11-03 y 7.00 auf c problem=direction_unknown",
	}, lines)
	// That amounts have a sign may be said of a file in which none has.
	signed := bankfile.Mapping{Date: "when", Amount: "how much", Signed: true}
	file, err = bankfile.Read([]byte(text), bankfile.Options{Currency: cny, Mapping: &signed})
	require.NoError(t, err)
	require.True(t, file.Statements[0].Lines[0].Credit)
	minus := bankfile.Mapping{Date: "when", Credit: "in", Debit: "out", SignedDebits: true}
	file, err = bankfile.Read([]byte("when,in,out\n2026-11-02,,-5.00\n"), bankfile.Options{Currency: cny, Mapping: &minus})
	require.NoError(t, err)
	require.Equal(t, "line 2 2026-11-02 -5.00", told(file.Statements[0].Lines[0]))

	for name, c := range map[string]struct {
		change func(*bankfile.Mapping)
		field  string // of a FieldError; else the file is refused
		says   string
	}{
		"no date":           {func(m *bankfile.Mapping) { m.Date = " " }, "mapping.date", "required"},
		"no amount":         {func(m *bankfile.Mapping) { m.Amount, m.Direction, m.CreditWords, m.DebitWords = "", "", nil, nil }, "mapping.amount", "credit and debit"},
		"amount and credit": {func(m *bankfile.Mapping) { m.Credit = "what" }, "mapping.amount", "one way"},
		"credit alone":      {func(m *bankfile.Mapping) { *m = bankfile.Mapping{Date: "when", Credit: "x"} }, "mapping.debit", "beside credit"},
		"debit alone":       {func(m *bankfile.Mapping) { *m = bankfile.Mapping{Date: "when", Debit: "x"} }, "mapping.credit", "beside debit"},
		"a direction of two": {func(m *bankfile.Mapping) {
			*m = bankfile.Mapping{Date: "when", Credit: "x", Debit: "y", Direction: "z"}
		}, "mapping.direction", "belongs to amount"},
		"words of nothing":    {func(m *bankfile.Mapping) { m.Direction = "" }, "mapping.direction", "credit_words"},
		"signs and direction": {func(m *bankfile.Mapping) { m.Signed = true }, "mapping.signed", "no column"},
		"a word of both":      {func(m *bankfile.Mapping) { m.DebitWords = []string{"EIN"} }, "mapping.debit_words", "too"},
		"an empty word":       {func(m *bankfile.Mapping) { m.DebitWords = []string{""} }, "mapping.debit_words", "empty"},
		"many texts":          {func(m *bankfile.Mapping) { m.Text = strings.Split(strings.Repeat("x ", 21), " ") }, "mapping.text", "20"},
		"a long name":         {func(m *bankfile.Mapping) { m.ID = strings.Repeat("x", 141) }, "mapping.id", "140"},
		"an unknown column":   {func(m *bankfile.Mapping) { m.ID = "number" }, "mapping.id", "when, what, how much, way, who"},
		"an unknown date":     {func(m *bankfile.Mapping) { m.Date = "day" }, "", "lacks day"},
		"no words":            {func(m *bankfile.Mapping) { m.CreditWords, m.DebitWords = nil, nil }, "", "ein, aus, auf"},
	} {
		wrong := m
		c.change(&wrong)
		_, err := bankfile.Read([]byte(text), bankfile.Options{Currency: cny, Mapping: &wrong})
		require.ErrorContains(t, err, c.says, name)
		var field *bankfile.FieldError
		var file *bankfile.FileError
		if c.field == "" {
			require.ErrorAs(t, err, &file, name)
			continue
		}
		require.ErrorAs(t, err, &field, name)
		require.Equal(t, c.field, field.Field, name)
	}
}

// workbook returns a workbook as banks export it: a title, dates and numbers as a spreadsheet keeps them.
func workbook(t testing.TB, change func(*excelize.File)) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer func() { require.NoError(t, book.Close()) }()
	const sheet = "Sheet1"
	for n, row := range [][]any{
		{"账户交易明细"},
		{"账号：", "1202020209900112233"},
		{"交易日期", "流水号", "收入", "支出", "余额", "对方户名", "摘要"},
		{time.Date(2026, 11, 2, 10, 15, 0, 0, time.UTC), 20261102000001, 2300.1, nil, 12300.1, "北岸健身", "RF722026100000000100001"},
		{"2026-11-03", "20261103000002", nil, "294.00", "12,006.10", "渝里火锅", "代付"},
		{20261104, 3, nil, -294, 12300.1, "渝里火锅", "冲正"},
		{time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC), 4, 0.1 + 0.2, nil, 12300.4, "", "利息"},
		{"合计", nil, 2300.4, 0},
	} {
		cell, err := excelize.CoordinatesToCellName(1, n+1)
		require.NoError(t, err)
		require.NoError(t, book.SetSheetRow(sheet, cell, &row))
	}
	if change != nil {
		change(book)
	}
	var b bytes.Buffer
	require.NoError(t, book.Write(&b))
	return b.Bytes()
}

func TestAWorkbookIsRead(t *testing.T) {
	t.Parallel()
	file, err := bankfile.Read(workbook(t, func(book *excelize.File) {
		_, err := book.NewSheet("说明")
		require.NoError(t, err)
		require.NoError(t, book.SetCellStr("说明", "A1", "this is no statement"))
	}), bankfile.Options{Currency: cny})
	require.NoError(t, err)
	require.Equal(t, bankfile.XLSX, file.Format)
	require.Equal(t, bankfile.GenericProfile, file.Profile)
	require.Len(t, file.Statements, 1)
	s := file.Statements[0]
	require.Equal(t, "1202020209900112233", s.Account)
	var lines []string
	for _, l := range s.Lines {
		lines = append(lines, told(l))
	}
	require.Equal(t, []string{
		"row 4 2026-11-02 +2300.10 id=20261102000001 who=北岸健身 text=RF722026100000000100001",
		"row 5 2026-11-03 -294.00 id=20261103000002 who=渝里火锅 text=代付",
		"row 6 2026-11-04 +294.00 returned id=3 who=渝里火锅 text=冲正",
		"row 7 2026-11-05 +0.30 id=4 text=利息",
	}, lines)
	require.Equal(t, "10000.00", balanceTold(s.Opening))
	require.Equal(t, "12300.40", balanceTold(s.Closing))
}

// unpacksTo returns a small workbook that is as large as that when it is unpacked.
func unpacksTo(t *testing.T, size int) []byte {
	t.Helper()
	content := workbook(t, nil)
	packed, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range packed.File {
		require.NoError(t, w.Copy(f))
	}
	entry, err := w.Create("xl/media/image1.bin")
	require.NoError(t, err)
	_, err = entry.Write(make([]byte, size))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.Less(t, b.Len(), size/100)
	return b.Bytes()
}

func TestAWorkbookThatIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content []byte
		says    string
	}{
		"two statements": {workbook(t, func(book *excelize.File) {
			_, err := book.NewSheet("十二月")
			require.NoError(t, err)
			require.NoError(t, book.SetSheetRow("十二月", "A1", &[]any{"日期", "收入", "支出"}))
		}), "Sheet1 and 十二月"},
		"no statement": {workbook(t, func(book *excelize.File) { require.NoError(t, book.RemoveRow("Sheet1", 3)) }), "no line names the columns"},
		"nothing": {workbook(t, func(book *excelize.File) {
			for range 8 {
				require.NoError(t, book.RemoveRow("Sheet1", 1))
			}
		}), "empty"},
		"far to the right": {workbook(t, func(book *excelize.File) { require.NoError(t, book.SetCellValue("Sheet1", "XFD5", "x")) }),
			"line 5: the row has more than 256 columns"},
		"cut off":             {workbook(t, nil)[:2000], "no XLSX workbook"},
		"large when unpacked": {unpacksTo(t, 80<<20), "no XLSX workbook"},
	} {
		_, err := bankfile.Read(c.content, bankfile.Options{Currency: cny})
		var wrong *bankfile.FileError
		require.ErrorAs(t, err, &wrong, name)
		require.Contains(t, err.Error(), c.says, name)
	}
}
