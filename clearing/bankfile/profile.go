package bankfile

// MappingProfile is the name of the profile of columns that were mapped by hand, and
// GenericProfile of columns that are known by what banks commonly call them.
const (
	MappingProfile = "mapping"
	GenericProfile = "generic"
)

// Profile says how an export of a bank is read.
type Profile struct {
	Name  string // stable: "icbc"
	Title string // for people
	// Header are the columns by which the export is known: all of them are there.
	Header []string
	// Mapping says what they mean.
	Mapping Mapping

	// signed: the bank writes a minus before what went out.
	signed bool
	// inverted: the bank writes a minus before what came in, as on the bill of a credit card.
	inverted bool
	// status is the column that says whether a line was carried out: done if it begins with
	// one of the words of done, not with one of undone.
	status       string
	done, undone []string
}

// Profiles returns the profiles in the order in which they are tried, without the generic one.
func Profiles() []Profile { return append([]Profile(nil), profiles[:]...) }

// The exports as they were seen. Where an export has two pairs of amounts, those in the currency
// of the account are meant.
var profiles = [...]Profile{
	{
		Name: "icbc", Title: "工商银行 ICBC",
		Header: []string{"交易日期", "摘要", "交易详情", "交易场所", "记账金额(收入)", "记账金额(支出)", "记账币种", "余额", "对方户名", "对方账户"},
		Mapping: Mapping{
			Date: "交易日期", Credit: "记账金额(收入)", Debit: "记账金额(支出)", Currency: "记账币种", Balance: "余额",
			Text: []string{"摘要", "交易详情", "交易场所"}, Counterparty: "对方户名",
		},
	},
	{
		Name: "icbc-older", Title: "工商银行 ICBC，旧版",
		Header: []string{"交易日期", "摘要", "交易场所", "记账金额(收入)", "记账金额(支出)", "记账币种", "余额", "对方户名"},
		Mapping: Mapping{
			Date: "交易日期", Credit: "记账金额(收入)", Debit: "记账金额(支出)", Currency: "记账币种", Balance: "余额",
			Text: []string{"摘要", "交易场所"}, Counterparty: "对方户名",
		},
	},
	{
		Name: "abc", Title: "农业银行 ABC",
		Header: []string{"交易日期", "交易摘要", "交易金额", "本次余额", "对手信息", "日志号", "交易附言"},
		Mapping: Mapping{
			Date: "交易日期", Amount: "交易金额", Balance: "本次余额", ID: "日志号", Text: []string{"交易摘要", "交易附言"}, Counterparty: "对手信息",
		},
		signed: true,
	},
	{
		Name: "boc", Title: "中国银行 BOC",
		Header: []string{"记账日期", "币别", "金额", "余额", "交易名称", "附言", "对方账户名", "对方卡号/账号", "借记卡号"},
		Mapping: Mapping{
			Date: "记账日期", Amount: "金额", Currency: "币别", Balance: "余额", Account: "借记卡号",
			Text: []string{"交易名称", "附言"}, Counterparty: "对方账户名",
		},
	},
	{
		Name: "boc-credit-card", Title: "中国银行 BOC 信用卡",
		Header: []string{"交易日", "银行记账日", "卡号后四位", "交易描述", "存入", "支出", "币种"},
		Mapping: Mapping{
			Date: "银行记账日", Credit: "存入", Debit: "支出", Currency: "币种", Text: []string{"交易描述"},
		},
	},
	{
		Name: "bocom", Title: "交通银行 BoCom",
		Header: []string{"序号", "交易日期", "交易类型", "借贷", "交易金额", "余额", "对方账号", "对方户名", "摘要"},
		Mapping: Mapping{
			Date: "交易日期", Amount: "交易金额", Direction: "借贷", Balance: "余额", Text: []string{"交易类型", "摘要"}, Counterparty: "对方户名",
		},
	},
	{
		Name: "cmb", Title: "招商银行 CMB",
		Header: []string{"记账日期", "货币", "交易金额", "联机余额", "交易摘要", "对手信息"},
		Mapping: Mapping{
			Date: "记账日期", Amount: "交易金额", Currency: "货币", Balance: "联机余额", Text: []string{"交易摘要", "客户摘要"}, Counterparty: "对手信息",
		},
		signed: true,
	},
	{
		Name: "cmb-credit-card", Title: "招商银行 CMB 信用卡",
		Header:   []string{"交易日", "记账日", "交易摘要", "人民币金额", "卡号末四位"},
		Mapping:  Mapping{Date: "记账日", Amount: "人民币金额", Text: []string{"交易摘要"}},
		inverted: true,
	},
	{
		Name: "wechat-pay", Title: "微信支付账单 WeChat Pay",
		Header: []string{"交易时间", "交易类型", "交易对方", "商品", "收/支", "金额", "支付方式", "当前状态", "交易单号"},
		Mapping: Mapping{
			Date: "交易时间", Amount: "金额", Direction: "收/支", ID: "交易单号", Reference: "商户单号",
			Text: []string{"交易类型", "商品", "备注"}, Counterparty: "交易对方",
		},
		status: "当前状态",
		done: []string{
			"支付成功", "已转账", "对方已收钱", "已存入零钱", "已收钱", "已到账", "提现已到账", "充值完成", "充值成功", "已全额退款", "已退款", "对方已退还", "已退还",
			"转账成功", "交易成功",
		},
		undone: []string{"支付失败", "交易关闭", "已关闭", "等待", "待", "处理中", "失败", "未支付", "已撤销"},
	},
	{
		Name: "alipay", Title: "支付宝账单 Alipay",
		Header: []string{"交易时间", "交易分类", "交易对方", "商品说明", "收/支", "金额", "收/付款方式", "交易状态", "交易订单号"},
		Mapping: Mapping{
			Date: "交易时间", Amount: "金额", Direction: "收/支", ID: "交易订单号", Reference: "商家订单号",
			Text: []string{"交易分类", "商品说明", "备注"}, Counterparty: "交易对方",
		},
		status: "交易状态",
		done:   []string{"交易成功", "支付成功", "退款成功", "还款成功", "充值成功", "提现成功", "转账成功", "代付成功", "代扣成功"},
		undone: []string{"交易关闭", "已关闭", "等待", "待", "处理中", "失败", "支付失败", "交易失败", "还款失败"},
	},
}
