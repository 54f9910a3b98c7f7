package statement_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/statement"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/merchant/legal"
)

// owing returns a statement of a shop that owes 1,409.50 to custody, and where it pays.
func owing(t *testing.T, status settlement.Status) statement.Statement {
	t.Helper()
	s := madeUp(t, "江边火锅", "A")
	s.Movement, s.Transfer = yuan(-140_950), yuan(-140_950)
	s.Transfers = []statement.Transfer{{With: clearing.Custody, Amount: yuan(-140_950)}}
	s.Phase, s.PaymentDays, s.ReviewUntil = settlement.Approved, 7, s.Window.CutoffAt.Add(72*time.Hour)
	s.Entities = map[string]legal.Entity{
		"shop":             {Name: "江边火锅有限公司", TaxNumber: "91350100M000100Y43"},
		clearing.Organiser: {Name: "江边商业管理有限公司", TaxNumber: "91330100799655058B"},
	}
	account := settlement.Account{Holder: "江边商业管理有限公司", Number: "1202020209900112233", Bank: "中国工商银行上海分行", CNAPS: "102290000006"}
	p := statement.Payment{
		Reference: "RF392026100000000000000002", With: clearing.Custody, Amount: yuan(-140_950), Outstanding: yuan(140_950),
		Disputed: yuan(0), Carried: yuan(0), Paid: yuan(0), Sent: yuan(0), Status: status, Account: &account,
		DueAt: time.Date(2026, 11, 10, 16, 0, 0, 0, time.UTC),
	}
	switch status {
	case settlement.Paid:
		p.Paid, p.Outstanding = yuan(140_950), yuan(0)
	case settlement.PartPaid:
		p.Paid, p.Outstanding = yuan(40_950), yuan(100_000)
	}
	s.Payments = []statement.Payment{p}
	return s
}

func TestAPrintedStatementSaysHowItIsPaid(t *testing.T) {
	t.Parallel()
	text := printed(t, owing(t, settlement.Due))
	for _, want := range []string{
		"待付 To pay", "1,409.50 CNY", "人民币壹仟肆佰零玖元伍角整", "RF392026100000000000000002", "2026-11-11 00:00:00",
		"1202020209900112233", "中国工商银行上海分行 102290000006", "已审核,付款中", "2026-11-04 00:00:00",
		"江边火锅有限公司 税号 Tax number 91350100M000100Y43", "江边商业管理有限公司 税号 Tax number 91330100799655058B",
		"公章/签字 Seal, signature", "日期 Date",
	} {
		require.Contains(t, unspaced(text), unspaced(want))
	}
	require.NotContains(t, text, "已付")
	require.NotContains(t, text, "〓", "a character that is not in the typeface")
}

func TestAPrintedStatementSaysPaidOnlyOnceItIs(t *testing.T) {
	t.Parallel()
	paid := printed(t, owing(t, settlement.Paid))
	require.Contains(t, paid, "已付 Paid")
	require.NotContains(t, paid, "待付")
	part := unspaced(printed(t, owing(t, settlement.PartPaid)))
	require.Contains(t, part, "部分已付Paidinpart")
	require.Contains(t, part, "未付outstanding1,000.00,已付paid409.50")
}

// Before the month is approved nobody knows the day.
func TestBeforeTheApprovalADueDateIsCountedInDays(t *testing.T) {
	t.Parallel()
	s := owing(t, settlement.Due)
	s.Phase, s.Payments[0].DueAt = settlement.InReview, time.Time{}
	text := printed(t, s)
	require.Contains(t, text, "审核中 In review")
	require.Contains(t, text, "7 days after approval")
}

func TestWhatIsReceivedIsCalledSo(t *testing.T) {
	t.Parallel()
	for status, want := range map[settlement.Status]string{
		settlement.Due: "待收 To receive", settlement.Payable: "待收 To receive", settlement.Returned: "待收 To receive",
		settlement.PartPaid: "部分已收 Received in part", settlement.Sent: "付款中 On its way", settlement.Confirmed: "已收 Received",
		settlement.Paid: "已收 Received", settlement.Defaulted: "对方逾期 The payer is in default", settlement.Carried: "转入下期 Carried forward",
	} {
		s := owing(t, status)
		s.Payments[0].Amount, s.Transfer, s.Transfers[0].Amount = yuan(140_950), yuan(140_950), yuan(140_950)
		rows := raw(t, workbook(t, s), "Summary 汇总")
		require.True(t, slices.ContainsFunc(rows, func(r []string) bool { return len(r) > 3 && r[3] == want }), "%s: %s", status, want)
	}
	for status, want := range map[settlement.Status]string{settlement.Defaulted: "逾期未付 In default", settlement.Due: "待付 To pay"} {
		require.Contains(t, printed(t, owing(t, status)), want)
	}
}

// Half of an account would be a wrong one: a long one goes on below.
func TestALongAccountIsPrintedWhole(t *testing.T) {
	t.Parallel()
	s := owing(t, settlement.Due)
	holder, bank := "", ""
	for range 7 {
		holder += "一二三四五六七八九十"
		bank += "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
	}
	s.Payments[0].Account.Holder, s.Payments[0].Account.Bank = holder, bank
	text := unspaced(printed(t, s))
	for _, label := range []string{"收款户名Payto", "账号Account", "开户行Bank"} {
		require.Contains(t, text, label)
	}
	require.Contains(t, text, "收款户名Payto"+holder)
	require.Contains(t, text, bank)
}

func TestAWorkbookSaysHowItIsPaid(t *testing.T) {
	t.Parallel()
	f := workbook(t, owing(t, settlement.Due))
	rows, err := f.GetRows("Summary 汇总")
	require.NoError(t, err)
	require.Contains(t, rows, []string{"存管 Custody", "待付 To pay", "-1,409.50", "1,409.50", "RF392026100000000000000002", "2026-11-11 00:00:00",
		"江边商业管理有限公司  1202020209900112233  中国工商银行上海分行  102290000006"})
	require.Contains(t, rows, []string{"结算方主体 Legal name", "江边火锅有限公司", "91350100M000100Y43"})
	require.Contains(t, rows, []string{"联盟主体 Legal name", "江边商业管理有限公司", "91330100799655058B"})
	require.Contains(t, rows, []string{"审核截止 Review until", "2026-11-04 00:00:00", "已审核,付款中 Approved, being paid"})
}

func TestFilesAreNamedByCircleShopAndMonth(t *testing.T) {
	t.Parallel()
	s := madeUp(t, "江边火锅", "A")
	s.Alliance.Name = "江边联盟"
	pdf, err := statement.FormatOf("pdf")
	require.NoError(t, err)
	summary, err := statement.FormatOf("summary.csv")
	require.NoError(t, err)
	name, plain := s.FileName(pdf)
	require.Equal(t, []string{"结算单-江边联盟-江边火锅-2026-10.pdf", "statement-made-shop-2026-10.pdf"}, []string{name, plain})
	s.Party = clearing.Organiser
	name, plain = s.FileName(summary)
	require.Equal(t, []string{"结算单-江边联盟-盟主-2026-10.summary.csv", "statement-made-organiser-2026-10.summary.csv"}, []string{name, plain})

	hostile := madeUp(t, "../../etc/\x00\r\n\"a\u202eb\\:*?<>| ", "A")
	hostile.Alliance.Code, hostile.Party = "火锅\"/..", "../shop"
	hostile.Merchants[hostile.Party] = hostile.Merchants["shop"]
	name, plain = hostile.FileName(pdf)
	for _, bad := range []string{"/", "\\", "\x00", "\r", "\n", "\"", "\u202e", ":", "*", "?", "<", ">", "|"} {
		require.NotContains(t, name, bad)
		require.NotContains(t, plain, bad)
	}
	require.Regexp(t, `^[A-Za-z0-9._-]+$`, plain)
	long := madeUp(t, strings.Repeat("长", 80), "A")
	name, _ = long.FileName(summary)
	require.LessOrEqual(t, len(name), 255, "what file systems allow, in bytes")
	require.Contains(t, name, "-2026-10.summary.csv")
}
