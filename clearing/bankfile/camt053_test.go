package bankfile_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/bankfile/banktest"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/reference"
)

// read reads a file of the circle's currency, CNY, that must be right.
func read(t require.TestingT, content []byte) []bankfile.Statement {
	file, err := bankfile.Read(content, bankfile.Options{Currency: cny})
	require.NoError(t, err)
	return file.Statements
}

// unplaced returns a statement without the places of its lines in the file.
func unplaced(s bankfile.Statement) bankfile.Statement {
	for n := range s.Lines {
		s.Lines[n].Place = ""
	}
	return s
}

func day(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }

func TestCamt053OfVersion02(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("testdata", "camt.053.001.02.xml"))
	require.NoError(t, err)
	statements := read(t, content)
	require.Len(t, statements, 2)
	s := statements[0]
	require.True(t, s.From.Equal(time.Date(2026, 11, 1, 16, 0, 0, 0, time.UTC)), s.From)
	require.True(t, s.To.Equal(time.Date(2026, 11, 2, 23, 59, 59, 0, time.UTC)), s.To)
	s.From, s.To = time.Time{}, time.Time{}
	require.Equal(t, bankfile.Statement{
		ID: "STMT-2026-11-02", Account: "DE89370400440532013000", Currency: cny, Pending: 1,
		Opening: &bankfile.Balance{Amount: cny.Minor(10000000), On: day(2)},
		Lines: []bankfile.Line{
			{
				ID: "BANK-1", BookedOn: day(2), Credit: true, Amount: cny.Minor(1773837), Reference: "RF722026100000000100001",
				Text: "联盟卡 9月 结算", Counterparty: "山丘咖啡",
			},
			{ID: "2", BookedOn: day(2), Amount: cny.Minor(1000), Reference: "A", Counterparty: "渝里火锅"},
			{ID: "2", BookedOn: day(2), Amount: cny.Minor(2050), Reference: "B", Counterparty: "花间集"},
			{
				ID: "BANK-3", BookedOn: day(2), Credit: true, Amount: cny.Minor(154518), Reference: "C", Text: "退票", Counterparty: "明齿口腔",
				Returned: true, ReasonCode: "AC01", Reason: "账号 户名不符",
			},
			{BookedOn: day(2), Amount: cny.Minor(500), Text: "冲正 手续费", Returned: true},
		},
	}, unplaced(s))
	require.Equal(t, bankfile.Statement{ID: "STMT-JPY", Account: "777", Currency: jpy}, statements[1])
}

// lines are what a bank may say about the payments of an instruction.
func lines() []bankfile.Line {
	return []bankfile.Line{
		{ID: "1", BookedOn: day(2), Amount: cny.Minor(648379), Reference: "RF722026100000000100001", Text: "2026年10月联盟卡结算", Counterparty: "杭州渝里火锅餐饮有限公司"},
		{ID: "2", BookedOn: day(3), Credit: true, Amount: cny.Minor(648379), Reference: "RF722026100000000100001", Counterparty: "杭州渝里火锅餐饮有限公司", Returned: true, ReasonCode: "AC04", Reason: "账户已销户"},
		{ID: "3", BookedOn: day(1), Credit: true, Amount: cny.Minor(1), Text: "a & <b> \"c\""},
		{ID: "4", BookedOn: day(4), Amount: cny.Minor(0), Reference: "X", Returned: true},
	}
}

func TestWhatABankSendsIsReadAgain(t *testing.T) {
	t.Parallel()
	message, err := banktest.Camt053("STMT-1", "1001244619206789123", lines())
	require.NoError(t, err)
	golden(t, "camt.053.001.08.xml", message)
	again, err := banktest.Camt053("STMT-1", "1001244619206789123", lines())
	require.NoError(t, err)
	require.Equal(t, message, again)
	for name, r := range map[string]func() []byte{
		"as it is":         func() []byte { return message },
		"byte order mark":  func() []byte { return append([]byte("\ufeff"), message...) },
		"a later version":  func() []byte { return bytes.ReplaceAll(message, []byte("001.08"), []byte("001.13")) },
		"in another place": func() []byte { return bytes.ReplaceAll(message, []byte("\n"), []byte("\r\n\r\n")) },
		"in GB18030": func() []byte {
			encoded, err := simplifiedchinese.GB18030.NewEncoder().Bytes(bytes.Replace(message, []byte("UTF-8"), []byte("GB18030"), 1))
			require.NoError(t, err)
			return encoded
		},
	} {
		statements := read(t, r())
		require.Len(t, statements, 1)
		s := unplaced(statements[0])
		require.Equal(t, &bankfile.Balance{Amount: cny.Zero(), On: day(1)}, s.Opening)
		require.Equal(t, &bankfile.Balance{Amount: cny.Minor(1), On: day(4)}, s.Closing)
		require.Equal(t, lines(), s.Lines, name)
		require.Equal(t, "STMT-1", s.ID)
		require.Equal(t, "1001244619206789123", s.Account)
		require.Equal(t, cny, s.Currency)
		require.True(t, s.From.Equal(day(1)))
		require.True(t, s.To.Equal(day(5).Add(-time.Second)))
	}
}

func TestWhatTheTestBankSendsIsValidByTheSchema(t *testing.T) {
	t.Parallel()
	several, err := banktest.Camt053("STMT-1", "1001244619206789123", lines())
	require.NoError(t, err)
	long := bankfile.Line{
		ID: strings.Repeat("i", 35), BookedOn: day(1), Credit: true, Amount: jpy.Minor(5), Text: strings.Repeat("长", 300), Returned: true,
		Reason: strings.Repeat("因", 300), Counterparty: "x",
	}
	one, err := banktest.Camt053("S", "1", []bankfile.Line{long})
	require.NoError(t, err)
	valid(t, "camt.053.001.08.xsd", several, one)
}

func TestTheTestBankSendsNothingThatNoBankCouldSend(t *testing.T) {
	t.Parallel()
	for _, wrong := range [][]bankfile.Line{
		nil,
		{{ID: "1", BookedOn: day(1), Amount: cny.Minor(-1)}},
		{{ID: "1", BookedOn: day(1), Amount: cny.Minor(1)}, {ID: "2", BookedOn: day(1), Amount: jpy.Minor(1)}},
	} {
		_, err := banktest.Camt053("S", "1", wrong)
		require.Error(t, err)
	}
}

func TestEveryStatementComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([a-z联盟卡&<0-9]{1,8}( [a-z联盟卡&<0-9]{1,8}){0,5})?`)
		var want []bankfile.Line
		for n := range rapid.IntRange(1, 20).Draw(t, "lines") {
			l := bankfile.Line{
				ID: fmt.Sprintf("L%d", n), BookedOn: day(rapid.IntRange(1, 30).Draw(t, "day")), Credit: rapid.Bool().Draw(t, "credit"),
				Amount: cny.Minor(rapid.Int64Range(0, 1e15).Draw(t, "amount")), Reference: rapid.StringMatching(`[A-Z0-9]{0,35}`).Draw(t, "reference"),
				Text: text.Draw(t, "text"), Counterparty: text.Draw(t, "counterparty"), Returned: rapid.Bool().Draw(t, "returned"),
			}
			if l.Returned {
				l.ReasonCode, l.Reason = rapid.StringMatching(`([A-Z]{2}[0-9]{2})?`).Draw(t, "code"), text.Draw(t, "reason")
			}
			want = append(want, l)
		}
		message, err := banktest.Camt053("S", "1", want)
		require.NoError(t, err)
		require.Equal(t, want, unplaced(read(t, message)[0]).Lines)
	})
}

// camt wraps entries into a message; the first of them begins on line 2.
func camt(entries string) string {
	return "<Document><BkToCstmrStmt><GrpHdr/><Stmt><Id>S</Id><Acct><Id><Othr><Id>1</Id></Othr></Id><Ccy>CNY</Ccy></Acct>\n" +
		entries + "\n</Stmt></BkToCstmrStmt></Document>"
}

// entry returns an entry of which rest is the end, and may begin with one element that is otherwise as it should be.
func entry(amount, rest string) string {
	e := "<Ntry>" + amount
	for _, part := range []string{
		"<CdtDbtInd>CRDT</CdtDbtInd>", "<Sts><Cd>BOOK</Cd></Sts>", "<BookgDt><Dt>2026-11-02</Dt></BookgDt>",
	} {
		if name := part[1:strings.IndexByte(part, '>')]; !strings.HasPrefix(rest, "<"+name) {
			e += part
		}
	}
	return e + rest + "</Ntry>"
}

const one = `<Amt Ccy="CNY">1.00</Amt>`

func TestMalformedCamt053NamesTheLine(t *testing.T) {
	t.Parallel()
	const stmt = "Document/BkToCstmrStmt/Stmt"
	const ntry = stmt + "/Ntry"
	for name, c := range map[string]struct {
		text string
		line int
		path string
		says string
	}{
		"another message":    {"\n<Document><BkToCstmrAcctRpt></BkToCstmrAcctRpt></Document>", 2, "Document", "no BkToCstmrStmt"},
		"another root":       {"<html></html>", 1, "html", "camt.053"},
		"an empty document":  {"<Document>\n</Document>", 1, "Document", "no BkToCstmrStmt"},
		"nothing but spaces": {"<?xml version='1.0'?>\n\n", 3, "", "no elements"},
		"no statement":       {"<Document><BkToCstmrStmt><GrpHdr/></BkToCstmrStmt></Document>", 1, "", "no Stmt"},
		"cut off":            {strings.Split(camt(entry(one, "")), "</Ntry>")[0], 2, "", "ends here"},
		"unbalanced":         {camt("<Ntry></Amt>"), 2, ntry, "</Amt>"},
		"unbalanced outside": {"<Document><BkToCstmrStmt>\n</Document>", 2, "Document/BkToCstmrStmt", "</Document>"},
		"text behind it":     {camt("") + "\nmore", 4, "", "outside"},
		"a document type":    {"<!DOCTYPE x [<!ENTITY a \"b\">]>\n" + camt(""), 1, "", "document type"},
		"a type within":      {camt("<!ENTITY a \"b\">"), 2, stmt, "document type"},
		"an entity":          {camt("<Ntry>&a;</Ntry>"), 2, ntry, "entity"},
		"an encoding":        {`<?xml version="1.0" encoding="ebcdic-cp-xx"?>` + camt(""), 1, "", "encoding"},
		"no encoding":        {camt(entry(one, "<AddtlNtryInf>"+strings.Repeat("\xff", 99)+"</AddtlNtryInf>")), 0, "", "UTF-8"},
		"NUL":                {camt(entry(one, "<AddtlNtryInf>a\x00b</AddtlNtryInf>")), 2, "", "NUL"},
		"too deep":           {camt(strings.Repeat("<Ntry>", 70)), 2, "", "deeper than 64"},
		"too deep elsewhere": {camt(strings.Repeat("<x>", 70)), 2, "", "deeper than 64"},
	} {
		file, err := bankfile.Read([]byte(c.text), bankfile.Options{Currency: cny})
		require.Nil(t, file, name)
		var wrong *bankfile.FileError
		require.ErrorAs(t, err, &wrong, name)
		require.Equal(t, c.line, wrong.Line, "%s: %v", name, err)
		if c.path != "" {
			require.Equal(t, c.path, wrong.Path, "%s: %v", name, err)
		}
		require.Contains(t, err.Error(), c.says, name)
	}
}

// One line that is wrong is told, and the others are read.
func TestALineOfCamt053ThatCannotBeBooked(t *testing.T) {
	t.Parallel()
	good := entry(one, "<NtryRef>good</NtryRef>")
	for name, c := range map[string]struct {
		entry string
		code  string
		says  string
	}{
		"no amount":           {entry("", ""), bankfile.BadAmount, "Amt is missing"},
		"no currency":         {entry("<Amt>1.00</Amt>", ""), bankfile.OtherCurrency, "kept in CNY"},
		"another currency":    {entry(`<Amt Ccy="JPY">1</Amt>`, ""), bankfile.OtherCurrency, "JPY 1"},
		"three decimals":      {entry(`<Amt Ccy="CNY">1.005</Amt>`, ""), bankfile.BadAmount, "decimals"},
		"a sign":              {entry(`<Amt Ccy="CNY">-1.00</Amt>`, ""), bankfile.BadAmount, "not an amount"},
		"an exponent":         {entry(`<Amt Ccy="CNY">1E2</Amt>`, ""), bankfile.BadAmount, "not an amount"},
		"too large":           {entry(`<Amt Ccy="CNY">10000000000000.01</Amt>`, ""), bankfile.BadAmount, "larger"},
		"no direction":        {entry(one, "<CdtDbtInd/>"), bankfile.DirectionUnknown, "CRDT"},
		"another direction":   {entry(one, "<CdtDbtInd>IN</CdtDbtInd>"), bankfile.DirectionUnknown, `"IN"`},
		"a status":            {entry(one, "<Sts><Cd>DONE</Cd></Sts>"), bankfile.BadLine, "BOOK"},
		"a status of theirs":  {entry(one, "<Sts><Prtry>BOOK</Prtry></Sts>"), bankfile.BadLine, "BOOK"},
		"no status":           {strings.Replace(entry(one, ""), "<Sts><Cd>BOOK</Cd></Sts>", "", 1), bankfile.BadLine, "no Sts"},
		"a reversal":          {entry(one, "<RvslInd>yes</RvslInd>"), bankfile.BadLine, "true nor false"},
		"no date":             {entry(one, "<BookgDt/>"), bankfile.BadDate, "2026-10-31"},
		"none at all":         {strings.Replace(entry(one, ""), "<BookgDt><Dt>2026-11-02</Dt></BookgDt>", "", 1), bankfile.BadDate, "missing"},
		"a wrong date":        {entry(one, "<BookgDt><Dt>2026-02-30</Dt></BookgDt>"), bankfile.BadDate, "2026-02-30"},
		"text behind a date":  {entry(one, "<BookgDt><Dt>2026-02-03Tx</Dt></BookgDt>"), bankfile.BadDate, "2026-10-31"},
		"the year 0":          {entry(one, "<BookgDt><Dt>0000-01-01</Dt></BookgDt>"), bankfile.BadDate, "from 1990"},
		"the year 9999":       {entry(one, "<BookgDt><Dt>9999-12-31</Dt></BookgDt>"), bankfile.BadDate, "to 2199"},
		"a transaction's":     {entry(one, `<NtryDtls><TxDtls><Amt Ccy="CNY">0.005</Amt></TxDtls><TxDtls/></NtryDtls>`), bankfile.BatchDiffers, "decimals"},
		"a transaction's own": {entry(one, `<NtryDtls><TxDtls>`+one+`<CdtDbtInd>IN</CdtDbtInd></TxDtls><TxDtls/></NtryDtls>`), bankfile.BatchDiffers, "CRDT"},
		"a long number":       {entry(one, "<NtryRef>"+strings.Repeat("7", 9000)+"</NtryRef>"), bankfile.TextTooLong, "9000 characters"},
		"a long text":         {entry(one, "<AddtlNtryInf>"+strings.Repeat("长", 3000)+"</AddtlNtryInf>"), bankfile.TextTooLong, "3000 characters"},
	} {
		s := read(t, []byte(camt(c.entry+"\n"+good)))[0]
		require.Len(t, s.Lines, 2, name)
		l := s.Lines[0]
		require.NotNil(t, l.Problem, name)
		require.Equal(t, c.code, l.Problem.Code, "%s: %s", name, l.Problem.Reason)
		require.Contains(t, l.Problem.Reason, c.says, name)
		require.Equal(t, "line 2", l.Place, name)
		require.Nil(t, s.Lines[1].Problem, name)
		require.Equal(t, "good", s.Lines[1].ID, name)
		require.Equal(t, "line 3", s.Lines[1].Place, name)
		sound(t, s)
	}
	l := read(t, []byte(camt(entry(`<Amt Ccy="USD">12.5</Amt>`, "<AddtlNtryInf>RF722026100000000100001</AddtlNtryInf>"))))[0].Lines[0]
	require.Equal(t, "USD 12.5 RF722026100000000100001", l.Text, "what it was is in the text")
	require.Equal(t, cny.Zero(), l.Amount)
}

func TestCamt053AsBanksWriteIt(t *testing.T) {
	t.Parallel()
	const ours = "RF722026100000000100001"
	details := func(inside string) string {
		return entry(one, "<NtryDtls><TxDtls>"+inside+"</TxDtls></NtryDtls>")
	}
	message := camt(entry(`<Amt Ccy="CNY">2300.000</Amt>`, "<AddtlNtryInf>联盟卡 结算</AddtlNtryInf>"))
	utf16 := func(order unicode.Endianness, mark unicode.BOMPolicy) []byte {
		encoded, err := unicode.UTF16(order, mark).NewEncoder().Bytes([]byte(`<?xml version="1.0" encoding="UTF-16"?>` + message))
		require.NoError(t, err)
		return encoded
	}
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(message))
	require.NoError(t, err)
	for name, content := range map[string][]byte{
		"as it is":                   []byte(message),
		"an envelope":                []byte(`<BizMsgEnvlp><AppHdr><MsgDefIdr>camt.053.001.08</MsgDefIdr></AppHdr>` + message + `</BizMsgEnvlp>`),
		"an envelope of its own":     []byte(`<s:Envelope xmlns:s="x"><s:Body><Packet>` + message + `</Packet></s:Body></s:Envelope>`),
		"UTF-16, little-endian":      utf16(unicode.LittleEndian, unicode.UseBOM),
		"UTF-16, big-endian":         utf16(unicode.BigEndian, unicode.UseBOM),
		"UTF-16 without a mark":      utf16(unicode.LittleEndian, unicode.IgnoreBOM),
		"GBK that says so":           append([]byte(`<?xml version="1.0" encoding="GBK"?>`), gbk...),
		"GB2312 that says so":        append([]byte(`<?xml version="1.0" encoding='gb2312' ?>`), gbk...),
		"GBK that says nothing":      gbk,
		"GBK that says UTF-8":        append([]byte(`<?xml version="1.0" encoding="UTF-8"?>`), gbk...),
		"UTF-8 that says UTF-16":     []byte(`<?xml version="1.0" encoding="UTF-16"?>` + message),
		"a half character in a text": bytes.Replace([]byte(strings.Replace(message, "\n", strings.Repeat("\n<!-- 汉字 -->", 20)+"\n", 1)), []byte("结算<"), append([]byte("结算"), 0xe5, '<'), 1),
	} {
		file, err := bankfile.Read(content, bankfile.Options{Currency: cny})
		require.NoError(t, err, name)
		require.Equal(t, bankfile.Camt053, file.Format)
		require.Empty(t, file.Profile)
		require.Len(t, file.Statements, 1, name)
		l := file.Statements[0].Lines[0]
		require.Nil(t, l.Problem, name)
		require.Equal(t, cny.Minor(230000), l.Amount, name)
		require.Equal(t, "联盟卡 结算", l.Text, name)
	}
	for name, text := range map[string]string{
		"InstrId":            details("<Refs><InstrId>" + ours + "</InstrId><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"),
		"another reference":  details("<Refs><EndToEndId>X</EndToEndId><Prtry><Tp>a</Tp><Ref>" + ours + "</Ref></Prtry></Refs>"),
		"AddtlTxInf":         details("<RmtInf><Ustrd>thanks</Ustrd></RmtInf><AddtlTxInf>/INV/" + ours + "</AddtlTxInf>"),
		"AddtlNtryInf":       entry(one, "<NtryDtls><TxDtls><RmtInf><Ustrd>thanks</Ustrd></RmtInf></TxDtls></NtryDtls><AddtlNtryInf>"+ours+" 转账</AddtlNtryInf>"),
		"RfrdDocInf":         details("<RmtInf><Strd><RfrdDocInf><Tp/><Nb>" + ours + "</Nb></RfrdDocInf></Strd></RmtInf>"),
		"with hyphens":       details("<RmtInf><Ustrd>RF72-2026-1000-0000-0100-001</Ustrd></RmtInf>"),
		"with dots":          details("<Refs><EndToEndId>RF72.2026.1000.0000.0100.001</EndToEndId></Refs>"),
		"with spaces":        details("<RmtInf><Ustrd>RF72 2026 1000 0000 0100 001 10月</Ustrd></RmtInf>"),
		"over two elements":  details("<RmtInf><Ustrd>RF72 2026 1000 00</Ustrd><Ustrd>00 0100 001</Ustrd></RmtInf>"),
		"in the name":        details("<RltdPties><Dbtr><Nm>Cafe " + ours + "</Nm></Dbtr></RltdPties>"),
		"in small, unspaced": details("<RmtInf><Ustrd>" + strings.ToLower(ours) + "</Ustrd></RmtInf>"),
	} {
		l := read(t, []byte(camt(text)))[0].Lines[0]
		require.Nil(t, l.Problem, name)
		require.Equal(t, []string{ours}, reference.Find(l.Reference+"\n"+l.Text+"\n"+l.Counterparty), name)
	}
}

func TestBalancesAreReadWithTheirSigns(t *testing.T) {
	t.Parallel()
	balance := func(kind, amount, direction string) string {
		return "<Bal><Tp><CdOrPrtry><Cd>" + kind + "</Cd></CdOrPrtry></Tp>" + amount + "<CdtDbtInd>" + direction + "</CdtDbtInd><Dt><Dt>2026-11-02</Dt></Dt></Bal>"
	}
	of := func(minor int64) *bankfile.Balance { return &bankfile.Balance{Amount: cny.Minor(minor), On: day(2)} }
	const five = `<Amt Ccy="CNY">5.000</Amt>`
	for name, c := range map[string]struct {
		balances         string
		opening, closing *bankfile.Balance
	}{
		"none":                        {"", nil, nil},
		"both":                        {balance("OPBD", one, "CRDT") + balance("CLBD", five, "DBIT"), of(100), of(-500)},
		"of the statement before":     {balance("PRCD", five, "CRDT"), of(500), nil},
		"both openings":               {balance("OPBD", one, "CRDT") + balance("PRCD", five, "CRDT"), of(100), nil},
		"both openings, turned round": {balance("PRCD", five, "CRDT") + balance("OPBD", one, "CRDT"), of(100), nil},
		"others":                      {balance("ITBD", one, "CRDT") + balance("CLAV", one, "CRDT"), nil, nil},
		"in another currency":         {balance("CLBD", `<Amt Ccy="EUR">1.00</Amt>`, "CRDT"), nil, nil},
		"no amount":                   {balance("CLBD", "", "CRDT") + balance("OPBD", `<Amt Ccy="CNY">x</Amt>`, "CRDT"), nil, nil},
		"no direction":                {balance("CLBD", one, ""), nil, nil},
	} {
		s := read(t, []byte(camt(c.balances+entry(one, ""))))[0]
		require.Equal(t, c.opening, s.Opening, name)
		require.Equal(t, c.closing, s.Closing, name)
		require.Len(t, s.Lines, 1)
	}
}

func TestAFileOfSeveralAccounts(t *testing.T) {
	t.Parallel()
	statement := func(id, account, currency, rest string) string {
		return "<Stmt><Id>" + id + "</Id><Acct><Id>" + account + "</Id><Ccy>" + currency + "</Ccy></Acct>" + rest + "</Stmt>"
	}
	text := "<Document><BkToCstmrStmt><GrpHdr/>" +
		statement("A", "<IBAN>de89 3704 0044 0532 0130 00</IBAN>", "EUR", entry(`<Amt Ccy="EUR">1</Amt>`, "")) +
		statement("B", "<Othr><Id>1202-0202 09900112233</Id></Othr>", "CNY", entry(one, "")+entry(`<Amt Ccy="EUR">1</Amt>`, "")) +
		"</BkToCstmrStmt></Document><!-- -->"
	s := read(t, []byte(text))
	require.Len(t, s, 2)
	require.Equal(t, "DE89370400440532013000", s[0].Account)
	require.Equal(t, money.MustCurrency("EUR"), s[0].Currency)
	require.Nil(t, s[0].Lines[0].Problem)
	require.Equal(t, "1202020209900112233", s[1].Account)
	require.Nil(t, s[1].Lines[0].Problem)
	require.Equal(t, bankfile.OtherCurrency, s[1].Lines[1].Problem.Code)
	// An account that the file doesn't name is the one that is given.
	file, err := bankfile.Read([]byte("<Document><BkToCstmrStmt><Stmt>"+entry(one, "")+"</Stmt></BkToCstmrStmt></Document>"), bankfile.Options{Currency: cny, Account: "12 34567-8"})
	require.NoError(t, err)
	require.Equal(t, "12345678", file.Statements[0].Account)
	require.Empty(t, file.Statements[0].ID)
}

func TestABatchIsTakenApartOnlyIfItsPartsAreTheWhole(t *testing.T) {
	t.Parallel()
	transaction := func(amount, reference, rest string) string {
		return "<TxDtls><Refs><EndToEndId>" + reference + "</EndToEndId></Refs>" + amount + rest + "</TxDtls>"
	}
	const two = `<Amt Ccy="CNY">2.00</Amt>`
	const text = "<RmtInf><Ustrd>t</Ustrd></RmtInf>"
	differs := func(l bankfile.Line) []bankfile.Line {
		l.ID, l.Credit, l.Amount, l.Problem = "E", true, cny.Minor(200), &bankfile.LineProblem{Code: bankfile.BatchDiffers}
		return []bankfile.Line{l}
	}
	for name, c := range map[string]struct {
		transactions string
		want         []bankfile.Line
	}{
		"they add up": {
			transaction(one, "A", text) + transaction(one, "B", ""),
			[]bankfile.Line{
				{ID: "E", Credit: true, Amount: cny.Minor(100), Reference: "A", Text: "t"},
				{ID: "E", Credit: true, Amount: cny.Minor(100), Reference: "B"},
			},
		},
		"with numbers of their own": {
			"<TxDtls><Refs><AcctSvcrRef>P1</AcctSvcrRef><EndToEndId>A</EndToEndId></Refs>" + one + "</TxDtls>" + transaction(one, "B", ""),
			[]bankfile.Line{
				{ID: "P1", Credit: true, Amount: cny.Minor(100), Reference: "A"},
				{ID: "E", Credit: true, Amount: cny.Minor(100), Reference: "B"},
			},
		},
		"against each other": {
			transaction(`<Amt Ccy="CNY">3.00</Amt>`, "A", "") + transaction(one, "B", "<CdtDbtInd>DBIT</CdtDbtInd><RtrInf/>"),
			[]bankfile.Line{
				{ID: "E", Credit: true, Amount: cny.Minor(300), Reference: "A"},
				{ID: "E", Amount: cny.Minor(100), Reference: "B", Returned: true},
			},
		},
		"they don't add up":       {transaction(one, "A", text) + transaction(two, "B", text), differs(bankfile.Line{Text: "CNY 2.00 A t B t"})},
		"one has no amount":       {transaction(one, "A", "") + transaction("", "B", ""), differs(bankfile.Line{Text: "CNY 2.00 A B"})},
		"in another currency":     {transaction(one, "A", "") + transaction(`<Amt Ccy="USD">1.00</Amt>`, "B", ""), differs(bankfile.Line{Text: "CNY 2.00 A B"})},
		"only one":                {transaction(one, "A", ""), []bankfile.Line{{ID: "E", Credit: true, Amount: cny.Minor(200), Reference: "A"}}},
		"one of three":            {"<Btch><NbOfTxs>3</NbOfTxs></Btch>" + transaction(two, "A", ""), differs(bankfile.Line{Reference: "A", Text: "CNY 2.00"})},
		"not all of them returns": {transaction(one, "A", "<RtrInf/>") + transaction("", "B", ""), differs(bankfile.Line{Text: "CNY 2.00 A B"})},
	} {
		lines := unplaced(read(t, []byte(camt(entry(two, "<NtryRef>E</NtryRef><NtryDtls>"+c.transactions+"</NtryDtls>"))))[0]).Lines
		for n := range c.want {
			c.want[n].BookedOn = day(2)
			if c.want[n].Problem != nil {
				require.NotNil(t, lines[n].Problem, name)
				require.NotEmpty(t, lines[n].Problem.Reason, name)
				lines[n].Problem.Reason = ""
			}
		}
		require.Equal(t, c.want, lines, name)
	}
}

// What is said of a whole entry doesn't tell which of its parts a reference is for.
func TestAReferenceOfAWholeEntryIsNotThatOfItsParts(t *testing.T) {
	t.Parallel()
	l := read(t, []byte(camt(entry(`<Amt Ccy="CNY">2.00</Amt>`, "<NtryDtls><TxDtls>"+one+"</TxDtls><TxDtls>"+one+"</TxDtls></NtryDtls><AddtlNtryInf>RF722026100000000100001</AddtlNtryInf>"))))[0].Lines
	require.Len(t, l, 2)
	for _, part := range l {
		require.Nil(t, part.Problem)
		require.Empty(t, reference.Find(part.Reference+part.Text))
	}
}

func TestABankMarksAReturnInSeveralWays(t *testing.T) {
	t.Parallel()
	for rest, want := range map[string]bool{
		"": false, "<RvslInd>true</RvslInd>": true, "<RvslInd>1</RvslInd>": true, "<RvslInd>false</RvslInd>": false, "<RvslInd>0</RvslInd>": false,
		"<NtryDtls><TxDtls><RtrInf/></TxDtls></NtryDtls>":                                                  true,
		"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn></BkTxCd>": true,
		"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>": false,
		"<AddtlNtryInf>退票</AddtlNtryInf>":                                                                  false, // a text is no mark
	} {
		require.Equal(t, want, read(t, []byte(camt(entry(one, rest))))[0].Lines[0].Returned, rest)
	}
}

func TestAReferenceIsNeverLost(t *testing.T) {
	t.Parallel()
	s := read(t, []byte(camt(entry(one, "<NtryDtls><TxDtls><Refs><EndToEndId>INV 7</EndToEndId></Refs>"+
		"<RltdPties><Dbtr><Agt><FinInstnId><Nm>中国银行</Nm></FinInstnId></Agt></Dbtr></RltdPties>"+
		"<RmtInf><Strd><CdtrRefInf><Ref>RF722026100000000100001</Ref></CdtrRefInf><AddtlRmtInf>谢谢</AddtlRmtInf></Strd></RmtInf></TxDtls></NtryDtls>"))))
	require.Equal(t, []bankfile.Line{{
		BookedOn: day(2), Credit: true, Amount: cny.Minor(100), Reference: "INV 7", Text: "RF722026100000000100001 谢谢", Counterparty: "中国银行",
	}}, unplaced(s[0]).Lines)
}

func TestStatementsAreBounded(t *testing.T) {
	t.Parallel()
	most := strings.Repeat(entry(one, "")+"\n", bankfile.MaxStatementLines)
	require.Len(t, read(t, []byte(camt(most)))[0].Lines, bankfile.MaxStatementLines)
	for name, text := range map[string]string{
		"lines":            camt(most + entry(one, "")),
		"size":             camt(strings.Repeat(" ", bankfile.MaxStatementSize)),
		"elements of one":  camt("<Ntry>" + strings.Repeat("<a/>", 600_000) + "</Ntry>"),
		"lines of a batch": camt(entry(`<Amt Ccy="CNY">10001.00</Amt>`, "<NtryDtls>"+strings.Repeat("<TxDtls>"+one+"</TxDtls>", 10_001)+"</NtryDtls>")),
	} {
		_, err := bankfile.Read([]byte(text), bankfile.Options{Currency: cny})
		var wrong *bankfile.FileError
		require.ErrorAs(t, err, &wrong, name)
		require.Contains(t, err.Error(), "shorter period", name)
	}
}

func FuzzReadCamt053(f *testing.F) {
	message, err := banktest.Camt053("S", "1", lines())
	require.NoError(f, err)
	old, err := os.ReadFile(filepath.Join("testdata", "camt.053.001.02.xml"))
	require.NoError(f, err)
	for _, seed := range []string{
		string(message), string(old), "", "<", "<Document>", camt(""), camt(entry(one, "")), "<!DOCTYPE a>", "<a></b>", "\xff\xfe<\x00",
		`<?xml version="1.0" encoding="utf-16"?>` + camt(""), `<?xml version="1.0" encoding="gbk"?>` + camt("\x81"), camt("<![CDATA[<Ntry>]]><?x y?><!-- -->"),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(readsSoundly)
}

// readsSoundly reads whatever it is given, and checks what then holds.
func readsSoundly(t *testing.T, content []byte) {
	file, err := bankfile.Read(content, bankfile.Options{Currency: cny})
	if err != nil {
		var wrong *bankfile.FileError
		require.ErrorAs(t, err, &wrong)
		require.Nil(t, file)
		return
	}
	require.NotEmpty(t, file.Statements)
	for _, s := range file.Statements {
		sound(t, s)
	}
}

// sound checks what holds of every statement.
func sound(t *testing.T, s bankfile.Statement) {
	t.Helper()
	for _, l := range s.Lines {
		require.NotEmpty(t, l.Place)
		require.Equal(t, s.Currency, l.Amount.Currency())
		require.GreaterOrEqual(t, l.Amount.Sign(), 0)
		require.Equal(t, l.BookedOn, l.BookedOn.UTC().Truncate(24*time.Hour))
		if l.Problem == nil {
			require.GreaterOrEqual(t, l.BookedOn.Year(), 1990)
		} else {
			require.NotEmpty(t, l.Problem.Code)
			require.NotEmpty(t, l.Problem.Reason)
		}
		for _, text := range []string{l.ID, l.Reference, l.Text, l.Counterparty, l.ReasonCode, l.Reason} {
			require.True(t, utf8.ValidString(text))
			require.NotContains(t, text, "\x00")
			require.LessOrEqual(t, utf8.RuneCountInString(text), 2000)
		}
	}
	require.LessOrEqual(t, len(s.Lines), bankfile.MaxStatementLines)
}
