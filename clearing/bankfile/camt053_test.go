package bankfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/bankfile/banktest"
)

func day(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }

func TestCamt053OfVersion02(t *testing.T) {
	t.Parallel()
	file, err := os.Open(filepath.Join("testdata", "camt.053.001.02.xml"))
	require.NoError(t, err)
	defer file.Close()
	statements, err := bankfile.ReadCamt053(file)
	require.NoError(t, err)
	require.Len(t, statements, 2)
	s := statements[0]
	require.True(t, s.From.Equal(time.Date(2026, 11, 1, 16, 0, 0, 0, time.UTC)), s.From)
	require.True(t, s.To.Equal(time.Date(2026, 11, 2, 23, 59, 59, 0, time.UTC)), s.To)
	s.From, s.To = time.Time{}, time.Time{}
	require.Equal(t, bankfile.Statement{
		ID: "STMT-2026-11-02", Account: "DE89370400440532013000", Currency: cny, Pending: 1,
		Lines: []bankfile.Line{
			{
				ID: "BANK-1", BookedOn: day(2), Credit: true, Amount: cny.Minor(1773837), Reference: "RF722026100000000100001",
				Text: "联盟卡 9月 结算", Counterparty: "山丘咖啡",
			},
			{ID: "2/1", BookedOn: day(2), Amount: cny.Minor(1000), Reference: "A", Counterparty: "渝里火锅"},
			{ID: "2/2", BookedOn: day(2), Amount: cny.Minor(2050), Reference: "B", Counterparty: "花间集"},
			{
				ID: "BANK-3", BookedOn: day(2), Credit: true, Amount: cny.Minor(154518), Reference: "C", Text: "退票", Counterparty: "明齿口腔",
				Returned: true, ReasonCode: "AC01", Reason: "账号 户名不符",
			},
			{ID: "#5", BookedOn: day(2), Amount: cny.Minor(500), Text: "冲正 手续费", Returned: true},
		},
	}, s)
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
		statements, err := bankfile.ReadCamt053(bytes.NewReader(r()))
		require.NoError(t, err, name)
		require.Len(t, statements, 1)
		s := statements[0]
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
		statements, err := bankfile.ReadCamt053(bytes.NewReader(message))
		require.NoError(t, err)
		require.Equal(t, want, statements[0].Lines)
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
	const ntry = "Document/BkToCstmrStmt/Stmt/Ntry"
	for name, c := range map[string]struct {
		text string
		line int
		path string
		says string
	}{
		"nothing":             {"", 1, "", "camt.053"},
		"no XML":              {"date,amount\n1,2", 2, "", "no XML"},
		"another message":     {"\n<Document><BkToCstmrAcctRpt></BkToCstmrAcctRpt></Document>", 2, "Document/BkToCstmrAcctRpt", "BkToCstmrStmt was expected"},
		"another root":        {"<html></html>", 1, "html", "Document was expected"},
		"an empty document":   {"<Document>\n</Document>", 2, "", "BkToCstmrStmt is missing"},
		"no statement":        {"<Document><BkToCstmrStmt><GrpHdr/></BkToCstmrStmt></Document>", 1, "Document", "no Stmt"},
		"cut off":             {strings.Split(camt(entry(one, "")), "</Ntry>")[0], 2, "", "ends here"},
		"unbalanced":          {camt("<Ntry></Amt>"), 2, ntry, "</Amt>"},
		"unbalanced outside":  {"<Document><BkToCstmrStmt>\n</Document>", 2, "Document/BkToCstmrStmt", "</Document>"},
		"more behind it":      {camt("") + "\n<more/>", 4, "more", "should end"},
		"text behind it":      {camt("") + "\nmore", 4, "", "outside"},
		"a document type":     {"<!DOCTYPE x [<!ENTITY a \"b\">]>\n" + camt(""), 1, "", "document type"},
		"a type within":       {camt("<!ENTITY a \"b\">"), 2, "Document/BkToCstmrStmt/Stmt", "document type"},
		"an entity":           {camt("<Ntry>&a;</Ntry>"), 2, ntry, "entity"},
		"an encoding":         {`<?xml version="1.0" encoding="ebcdic-cp-xx"?>` + camt(""), 1, "", "encoding"},
		"no UTF-8":            {camt(entry(one, "<AddtlNtryInf>\xff</AddtlNtryInf>")), 2, ntry + "/AddtlNtryInf", "UTF-8"},
		"too deep":            {camt(strings.Repeat("<Ntry>", 70)), 2, "", "deeper than 64"},
		"too deep elsewhere":  {camt(strings.Repeat("<x>", 70)), 2, "", "deeper than 64"},
		"no amount":           {camt(entry("", "")), 2, ntry, "Amt is missing"},
		"no currency":         {camt(entry("<Amt>1.00</Amt>", "")), 2, ntry + "/Amt", "ISO 4217"},
		"another currency":    {camt("\n" + entry(`<Amt Ccy="JPY">1</Amt>`, "")), 3, ntry + "/Amt", "is in JPY, but the account in CNY"},
		"three decimals":      {camt(entry(`<Amt Ccy="CNY">1.000</Amt>`, "")), 2, ntry + "/Amt", "decimals"},
		"a sign":              {camt(entry(`<Amt Ccy="CNY">-1.00</Amt>`, "")), 2, ntry + "/Amt", "not an amount"},
		"an exponent":         {camt(entry(`<Amt Ccy="CNY">1E2</Amt>`, "")), 2, ntry + "/Amt", "not an amount"},
		"too large":           {camt(entry(`<Amt Ccy="CNY">10000000000000.01</Amt>`, "")), 2, ntry + "/Amt", "larger"},
		"no direction":        {camt(entry(one, "<CdtDbtInd/>")), 2, ntry + "/CdtDbtInd", "CRDT"},
		"a status":            {camt(entry(one, "<Sts><Cd>DONE</Cd></Sts>")), 2, ntry + "/Sts", "BOOK"},
		"a status of theirs":  {camt(entry(one, "<Sts><Prtry>BOOK</Prtry></Sts>")), 2, ntry + "/Sts", "BOOK"},
		"a reversal":          {camt(entry(one, "<RvslInd>yes</RvslInd>")), 2, ntry + "/RvslInd", "true nor false"},
		"no date":             {camt(entry(one, "<BookgDt/>")), 2, ntry + "/BookgDt", "2026-10-31"},
		"a wrong date":        {camt(entry(one, "<BookgDt><Dt>2026-02-30</Dt></BookgDt>")), 2, ntry + "/BookgDt", "2026-10-31"},
		"text behind a date":  {camt(entry(one, "<BookgDt><Dt>2026-02-03Tx</Dt></BookgDt>")), 2, ntry + "/BookgDt", "2026-10-31"},
		"a wrong period":      {camt("<FrToDt><FrDtTm>yesterday</FrDtTm></FrToDt>"), 2, "Document/BkToCstmrStmt/Stmt/FrToDt/FrDtTm", "instant"},
		"a balance's":         {camt(`<Bal><Amt Ccy="EUR">1</Amt></Bal>`), 2, "Document/BkToCstmrStmt/Stmt/Bal/Amt", "EUR"},
		"the same ID twice":   {camt(entry(one, "<NtryRef>7</NtryRef>") + "\n" + entry(one, "<NtryRef>7</NtryRef>")), 3, ntry, `"7" names the line at 2 already`},
		"no name":             {"<Document><BkToCstmrStmt><Stmt><Acct><Id><IBAN>X</IBAN></Id></Acct></Stmt></BkToCstmrStmt></Document>", 1, "Document/BkToCstmrStmt/Stmt", "Id is missing"},
		"no account":          {"<Document><BkToCstmrStmt><Stmt><Id>S</Id></Stmt></BkToCstmrStmt></Document>", 1, "Document/BkToCstmrStmt/Stmt", "Acct/Id"},
		"a transaction's":     {camt(entry(one, `<NtryDtls><TxDtls><Amt Ccy="CNY">0.005</Amt></TxDtls><TxDtls/></NtryDtls>`)), 2, ntry + "/NtryDtls/TxDtls/Amt", "decimals"},
		"a transaction's own": {camt(entry(one, `<NtryDtls><TxDtls>`+one+`<CdtDbtInd>IN</CdtDbtInd></TxDtls><TxDtls/></NtryDtls>`)), 2, ntry + "/NtryDtls/TxDtls/CdtDbtInd", "CRDT"},
	} {
		statements, err := bankfile.ReadCamt053(strings.NewReader(c.text))
		require.Nil(t, statements, name)
		var wrong *bankfile.FileError
		require.ErrorAs(t, err, &wrong, name)
		require.Equal(t, c.line, wrong.Line, "%s: %v", name, err)
		if c.path != "" {
			require.Equal(t, c.path, wrong.Path, "%s: %v", name, err)
		}
		require.Contains(t, err.Error(), c.says, name)
	}
}

func TestABatchIsTakenApartOnlyIfItsPartsAreTheWhole(t *testing.T) {
	t.Parallel()
	transaction := func(amount, reference, rest string) string {
		return "<TxDtls><Refs><EndToEndId>" + reference + "</EndToEndId></Refs>" + amount + rest + "</TxDtls>"
	}
	const two = `<Amt Ccy="CNY">2.00</Amt>`
	const text = "<RmtInf><Ustrd>t</Ustrd></RmtInf>"
	for name, c := range map[string]struct {
		transactions string
		want         []bankfile.Line
	}{
		"they add up": {
			transaction(one, "A", text) + transaction(one, "B", ""),
			[]bankfile.Line{
				{ID: "E/1", Credit: true, Amount: cny.Minor(100), Reference: "A", Text: "t"},
				{ID: "E/2", Credit: true, Amount: cny.Minor(100), Reference: "B"},
			},
		},
		"against each other": {
			transaction(`<Amt Ccy="CNY">3.00</Amt>`, "A", "") + transaction(one, "B", "<CdtDbtInd>DBIT</CdtDbtInd><RtrInf/>"),
			[]bankfile.Line{
				{ID: "E/1", Credit: true, Amount: cny.Minor(300), Reference: "A"},
				{ID: "E/2", Amount: cny.Minor(100), Reference: "B", Returned: true},
			},
		},
		"they don't add up":       {transaction(one, "A", text) + transaction(two, "B", text), []bankfile.Line{{ID: "E", Credit: true, Amount: cny.Minor(200), Text: "t t"}}},
		"one has no amount":       {transaction(one, "A", "") + transaction("", "B", ""), []bankfile.Line{{ID: "E", Credit: true, Amount: cny.Minor(200)}}},
		"in another currency":     {transaction(one, "A", "") + transaction(`<Amt Ccy="USD">1.00</Amt>`, "B", ""), []bankfile.Line{{ID: "E", Credit: true, Amount: cny.Minor(200)}}},
		"only one":                {transaction(one, "A", ""), []bankfile.Line{{ID: "E", Credit: true, Amount: cny.Minor(200), Reference: "A"}}},
		"not all of them returns": {transaction(one, "A", "<RtrInf/>") + transaction("", "B", ""), []bankfile.Line{{ID: "E", Credit: true, Amount: cny.Minor(200)}}},
	} {
		statements, err := bankfile.ReadCamt053(strings.NewReader(camt(entry(two, "<NtryRef>E</NtryRef><NtryDtls>"+c.transactions+"</NtryDtls>"))))
		require.NoError(t, err, name)
		for n := range c.want {
			c.want[n].BookedOn = day(2)
		}
		require.Equal(t, c.want, statements[0].Lines, name)
	}
}

func TestAReferenceIsNeverLost(t *testing.T) {
	t.Parallel()
	statements, err := bankfile.ReadCamt053(strings.NewReader(camt(entry(one, "<NtryDtls><TxDtls><Refs><EndToEndId>INV 7</EndToEndId></Refs>"+
		"<RltdPties><Dbtr><Agt><FinInstnId><Nm>中国银行</Nm></FinInstnId></Agt></Dbtr></RltdPties>"+
		"<RmtInf><Strd><CdtrRefInf><Ref>RF722026100000000100001</Ref></CdtrRefInf><AddtlRmtInf>谢谢</AddtlRmtInf></Strd></RmtInf></TxDtls></NtryDtls>"))))
	require.NoError(t, err)
	require.Equal(t, []bankfile.Line{{
		ID: "#1", BookedOn: day(2), Credit: true, Amount: cny.Minor(100), Reference: "INV 7", Text: "RF722026100000000100001 谢谢", Counterparty: "中国银行",
	}}, statements[0].Lines)
}

func TestStatementsAreBounded(t *testing.T) {
	t.Parallel()
	most := strings.Repeat(entry(one, "")+"\n", bankfile.MaxStatementLines)
	statements, err := bankfile.ReadCamt053(strings.NewReader(camt(most)))
	require.NoError(t, err)
	require.Len(t, statements[0].Lines, bankfile.MaxStatementLines)
	for name, text := range map[string]string{
		"lines":            camt(most + entry(one, "")),
		"size":             camt(strings.Repeat(" ", bankfile.MaxStatementSize)),
		"elements of one":  camt("<Ntry>" + strings.Repeat("<a/>", 600_000) + "</Ntry>"),
		"lines of a batch": camt(entry(`<Amt Ccy="CNY">10001.00</Amt>`, "<NtryDtls>"+strings.Repeat("<TxDtls>"+one+"</TxDtls>", 10_001)+"</NtryDtls>")),
	} {
		_, err := bankfile.ReadCamt053(strings.NewReader(text))
		var wrong *bankfile.FileError
		require.ErrorAs(t, err, &wrong, name)
		require.Contains(t, err.Error(), "shorter period", name)
	}
}

func TestAReaderThatFailsIsNoMalformedFile(t *testing.T) {
	t.Parallel()
	broken := errors.New("the connection broke")
	_, err := bankfile.ReadCamt053(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	_, err = bankfile.ReadStatementCSV(iotest.ErrReader(broken), cny)
	require.ErrorIs(t, err, broken)
	var wrong *bankfile.FileError
	require.False(t, errors.As(err, &wrong))
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
	f.Fuzz(func(t *testing.T, content []byte) {
		statements, err := bankfile.ReadCamt053(bytes.NewReader(content))
		if err != nil {
			var wrong *bankfile.FileError
			require.ErrorAs(t, err, &wrong)
			require.Nil(t, statements)
			return
		}
		require.NotEmpty(t, statements)
		for _, s := range statements {
			sound(t, s)
		}
	})
}

// sound checks what holds of every statement.
func sound(t *testing.T, s bankfile.Statement) {
	t.Helper()
	ids := map[string]bool{}
	for _, l := range s.Lines {
		require.False(t, ids[l.ID])
		ids[l.ID] = true
		require.NotEmpty(t, l.ID)
		require.Equal(t, s.Currency, l.Amount.Currency())
		require.GreaterOrEqual(t, l.Amount.Sign(), 0)
		require.Equal(t, l.BookedOn, l.BookedOn.UTC().Truncate(24*time.Hour))
	}
	require.LessOrEqual(t, len(s.Lines), bankfile.MaxStatementLines)
}
