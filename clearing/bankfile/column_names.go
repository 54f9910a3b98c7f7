package bankfile

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// generic is what the columns of exports are commonly called, in Chinese, English and German. If
// a header has several of the names, the first is meant; texts are put together. The date of
// booking is preferred to that of the transaction, which may be days earlier, and the amount in
// the account's currency to that of the purchase.
var generic = []struct {
	meaning string
	names   []string
}{
	{dateColumn, []string{
		"booked_on", "booking date", "posting date", "记账日期", "入账日期", "银行记账日", "记账日", "入账日", "会计日期", "buchungstag", "buchungsdatum", "date", "日期",
		"transaction date", "交易日期", "交易日", "交易时间", "记账时间", "入账时间", "时间", "发生时间", "发生日期", "value date", "valuta",
	}},
	{idColumn, []string{
		"id", "transaction id", "流水号", "交易流水号", "银行流水号", "核心流水号", "记账流水号", "业务流水号", "账户明细编号-交易流水号", "日志号", "交易单号", "交易订单号", "交易号",
		"交易编号", "明细编号", "柜员流水号", "会计流水号", "账务流水号",
	}},
	{amountColumn, []string{"amount", "金额", "交易金额", "发生额", "发生金额", "记账金额", "人民币金额", "交易额", "本币金额", "transaction amount", "betrag", "umsatz"}},
	{creditColumn, []string{
		"credit", "credits", "credit amount", "deposit", "deposits", "paid in", "money in", "记账金额(收入)", "收入", "收入金额", "贷方", "贷方金额", "贷方发生额", "贷方发生额(收入)",
		"存入", "存入金额", "转入金额", "收款金额", "来账金额", "交易金额(收入)", "收入额", "贷", "haben",
	}},
	{debitColumn, []string{
		"debit", "debits", "debit amount", "withdrawal", "withdrawals", "paid out", "money out", "记账金额(支出)", "支出", "支出金额", "借方", "借方金额", "借方发生额", "借方发生额(支取)",
		"支取", "支取金额", "取出", "转出金额", "付款金额", "往账金额", "交易金额(支出)", "支出额", "借", "soll",
	}},
	{referenceColumn, []string{
		"reference", "end to end id", "endtoendid", "参考号", "客户参考号", "业务参考号", "端到端标识号", "商家订单号", "商户订单号", "商户单号",
	}},
	{textColumn, []string{
		"text", "摘要", "附言", "用途", "备注", "交易附言", "交易摘要", "客户摘要", "客户附言", "对方附言", "交易说明", "交易描述", "交易详情", "商品说明", "商品名称", "商品", "交易名称",
		"摘要说明", "备注信息", "个性化信息", "description", "details", "memo", "purpose", "narrative", "remarks", "remark", "verwendungszweck", "buchungstext",
	}},
	{counterpartyColumn, []string{
		"counterparty", "对方户名", "对方名称", "对方账户名称", "对方账号名称", "对方账户名", "对方单位名称", "对方单位", "对方姓名", "对手户名", "对手名称", "交易对方", "对手信息",
		"收(付)方名称", "收/付方名称", "收付方名称", "对方户名(名称)", "counterparty name", "payee", "payer", "beguenstigter/zahlungspflichtiger", "auftraggeber/beguenstigter",
	}},
	{currencyColumn, []string{"currency", "记账币种", "币种", "币别", "货币", "货币种类", "账户币种", "交易币种", "waehrung"}},
	{balanceColumn, []string{"balance", "余额", "账户余额", "本次余额", "联机余额", "交易后余额", "当前余额", "running balance", "saldo", "saldo nach buchung"}},
	{accountColumn, []string{"own account", "account number", "本方账号", "我方账号", "查询账号", "借记卡号", "auftragskonto"}},
	{returnedColumn, []string{"returned", "退票", "退票标志", "是否退票", "冲正标志", "冲正标识", "是否冲正"}},
	{reasonCodeColumn, []string{"reason_code", "reason code", "原因代码", "退票代码"}},
	{reasonColumn, []string{"reason", "原因", "退票原因"}},
}

// saysDirection reports whether the name of a column says that it tells which way an amount
// went. mayDo reports whether it may: only its cells can show.
func saysDirection(name string) bool {
	short := strings.NewReplacer("/", "", "-", "", " ", "", "_", "").Replace(name)
	if slices.Contains([]string{"drcr", "crdr", "dc", "cd", "sh", "收付", "收支", "借贷", "存取", "进出"}, short) {
		return true
	}
	for _, part := range [...]string{"借贷", "收支", "收付", "存取", "来往账", "往来账", "方向", "资金流向", "direction", "debitcredit", "creditdebit", "sollhaben"} {
		if strings.Contains(short, part) && !strings.Contains(short, "方式") && !strings.Contains(short, "名称") && !strings.Contains(short, "账号") {
			return true
		}
	}
	return false
}

func maySayDirection(name string) bool {
	for _, part := range [...]string{"类型", "类别", "标志", "标识", "标记", "type", "kind", "indicator", "flag", "sign", "kennzeichen"} {
		if strings.Contains(name, part) {
			return !isGeneric(name)
		}
	}
	return false
}

func isGeneric(name string) bool {
	return slices.ContainsFunc(generic, func(g struct {
		meaning string
		names   []string
	},
	) bool {
		return slices.Contains(g.names, name)
	})
}

var unit = regexp.MustCompile(`[(\[](?:单位:)?[+-]?(?:元|人民币|人民币元|人民币/元|cny|rmb|¥|yuan|eur|€|usd|\$)[)\]]$`)

var otherSpellings = strings.NewReplacer("帐", "账", "ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss")

// columnName returns the name of a column as it is compared: in small letters and half width,
// without a unit such as (元), and without spaces inside Chinese.
func columnName(cell string) string {
	name := strings.ToLower(width.Fold.String(cleanCell(cell)))
	name = otherSpellings.Replace(name)
	if strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		name = strings.ReplaceAll(name, " ", "")
	}
	return strings.TrimSpace(strings.Trim(unit.ReplaceAllString(name, ""), "*#: "))
}
