package bankfile

import "strings"

// column is what a column of an exported statement may be called. If a file has
// several of the names, the first is meant; joined ones are put together.
type column struct {
	name   string
	names  []string
	joined bool
}

// The names that Chinese banks commonly give the columns of their exports. The booking date
// is preferred to the transaction date, which may be days earlier.
var statementColumnNames = [...]column{
	{name: "date", names: []string{"booked_on", "booking date", "记账日期", "入账日期", "date", "日期", "transaction date", "交易日期", "交易时间"}},
	{name: "id", names: []string{"id", "transaction id", "流水号", "交易流水号", "银行流水号", "核心流水号", "日志号"}},
	{name: "amount", names: []string{"amount", "金额", "交易金额", "发生额"}},
	{name: "direction", names: []string{"direction", "dr/cr", "cr/dr", "debit/credit", "借贷标志", "借贷标记", "借贷方向", "借贷", "收支", "收支标志", "收付标志", "交易方向"}},
	{name: "credit", names: []string{"credit", "收入", "收入金额", "贷方", "贷方金额", "贷方发生额"}},
	{name: "debit", names: []string{"debit", "支出", "支出金额", "借方", "借方金额", "借方发生额"}},
	{name: "reference", names: []string{"reference", "参考号", "客户参考号", "业务参考号"}},
	{name: "text", names: []string{"text", "摘要", "附言", "用途", "备注"}, joined: true},
	{name: "counterparty", names: []string{"counterparty", "对方户名", "对方名称", "对方账户名称", "对方账号名称"}},
	{name: "returned", names: []string{"returned", "退票", "退票标志", "是否退票"}},
	{name: "reason_code", names: []string{"reason_code", "reason code", "原因代码", "退票代码"}},
	{name: "reason", names: []string{"reason", "原因", "退票原因"}},
}

// statementColumns finds the columns by the header. It refuses a header that lacks
// a required one, or has the same twice.
func statementColumns(header []string) (map[string][]int, error) {
	places := map[string]int{}
	for n, cell := range header {
		name := columnName(cell)
		if _, twice := places[name]; twice && isColumn(name) {
			return nil, &FileError{Line: 1, Path: clip(name), Reason: "two columns have this name; one of them must be called something else"}
		}
		places[name] = n
	}
	columns := map[string][]int{}
	for _, c := range statementColumnNames {
		for _, name := range c.names {
			if n, ok := places[name]; ok && (c.joined || columns[c.name] == nil) {
				columns[c.name] = append(columns[c.name], n)
			}
		}
	}
	var missing []string
	if columns["date"] == nil {
		missing = append(missing, "the date (date, 日期, 交易日期)")
	}
	if columns["id"] == nil {
		missing = append(missing, "the bank's number of a line (id, 流水号)")
	}
	switch credit, debit := columns["credit"] != nil, columns["debit"] != nil; {
	case credit && !debit:
		missing = append(missing, "what went out (debit, 支出), which there must be beside credit")
	case debit && !credit:
		missing = append(missing, "what came in (credit, 收入), which there must be beside debit")
	case !credit && columns["amount"] == nil:
		missing = append(missing, "the amount (amount, 金额; or credit, 收入, and debit, 支出)")
	}
	if missing != nil {
		return nil, &FileError{Line: 1, Reason: "the header has no column for " + strings.Join(missing, ", nor for ")}
	}
	if columns["credit"] == nil && columns["direction"] == nil {
		for _, cell := range header {
			if name := columnName(cell); !isColumn(name) && saysDirection(name) {
				return nil, &FileError{Line: 1, Path: clip(name), Reason: "seems to say whether an amount came in or went out; " +
					"call it direction or 借贷标志, with credit or 贷 and debit or 借"}
			}
		}
	}
	return columns, nil
}

// saysDirection reports whether an unknown column may be the one that tells which amounts
// went out. If it were ignored, all of them would be read as money that came in.
func saysDirection(name string) bool {
	for _, sign := range [...]string{"借贷", "收付", "收支", "方向", "direction", "debit", "credit", "dr/", "cr/"} {
		if strings.Contains(name, sign) {
			return true
		}
	}
	return false
}

// columnName normalizes a header's cell: lower case, without a unit such as (元).
func columnName(cell string) string {
	name := oneLine(strings.ToLower(strings.ReplaceAll(cell, "（", "(")))
	name, _, _ = strings.Cut(name, "(")
	return strings.TrimSpace(name)
}

func isColumn(name string) bool {
	for _, c := range statementColumnNames {
		for _, known := range c.names {
			if known == name {
				return true
			}
		}
	}
	return false
}
