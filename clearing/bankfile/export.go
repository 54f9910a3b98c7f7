package bankfile

import (
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/width"

	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/reference"
)

// export is an export of a bank that is being read.
type export struct {
	*layout
	table    *table
	currency money.Currency
	decimals decimals
	rows     []*exportRow
	pending  int
}

// exportRow is a row with a movement.
type exportRow struct {
	tableRow
	line    Line
	account string
	// moved are the figures of the columns amount, credit and debit.
	moved   map[string]figure
	balance figure
}

// readExport reads a table as statements, one an account.
func readExport(t *table, l *layout, headerAt int, o Options) ([]Statement, error) {
	e := &export{layout: l, table: t, currency: o.Currency}
	for _, row := range t.rows[headerAt+1:] {
		if err := e.take(row, t.rows[headerAt]); err != nil {
			return nil, err
		}
	}
	for _, r := range e.rows {
		for _, f := range r.moved {
			e.decimals = e.decimals.seen(f.number)
		}
		e.decimals = e.decimals.seen(r.balance.number)
	}
	direct, err := e.director()
	if err != nil {
		return nil, err
	}
	for _, r := range e.rows {
		e.amount(r, direct)
		e.describe(r)
	}
	account := statedAccount(t.rows[:headerAt])
	if account == "" {
		account = CompactAccount(o.Account)
	}
	return e.statements(account), nil
}

func tooManyLines(number int) error {
	return fileError(number, "", "the file has more than %d lines; ask the bank for a shorter period", MaxStatementLines)
}

// totals are what a cell says in a row that sums up, or carries a balance over. Nothing but a number may
// follow, so that a payer called Total Energies is none.
var totals = regexp.MustCompile(`(?i)^#?(?:人民币|本页|本月|本次|本期|当前页|当页|全部|收入|支出|借方|贷方|转入|转出)*(?:合计|总计|小计|累计|总额|总笔数|笔数)(?:金额|笔数|收入|支出)*` + ending +
	`|^#?总(?:收入|支出|金额|笔数)` + ending + `|^#?共计?[0-9 ]+[笔条项]` +
	`|^(?:期初|期末|上期|上日|本期|月初|月末)(?:账户)?(?:余额|结余|结存)` + ending + `|^(?:承前页|过次页|结转下页|上页结转|前页结转)` + ending +
	`|^(?:(?:sub|grand )?total|sum|summe)(?: (?:credit|debit|credits|debits|amount))?` + ending +
	`|^(?:opening|closing) balance` + ending + `|^balance (?:brought|carried) forward` + ending)

const ending = `[ :：]*(?:$|[0-9(（+¥￥-])`

// take keeps a row that has a movement. It leaves out totals, notes, a header that is
// repeated on a further page, and what the export says was not carried out.
func (e *export) take(row, header tableRow) error {
	r := &exportRow{tableRow: row, account: CompactAccount(e.cell(row, accountColumn)), moved: map[string]figure{}}
	var dated bool
	r.line.BookedOn, dated = e.date(row)
	figures := 0
	for _, column := range []string{amountColumn, creditColumn, debitColumn} {
		if e.has(column) {
			r.moved[column] = figureOf(e.cell(row, column), e.currency.Code())
			if !r.moved[column].empty {
				figures++
			}
		}
	}
	r.balance = figureOf(e.cell(row, balanceColumn), e.currency.Code())
	switch {
	case (!dated || figures == 0) && sums(row), !dated && same(row, header):
		return nil
	case !dated && figures == 0 && (len(row.cells) != len(header.cells) || filled(row) < fewestFilled):
		return nil // a note
	case e.notCarriedOut(r):
		e.pending++
		return nil
	}
	if len(e.rows) == MaxStatementLines {
		return tooManyLines(row.number)
	}
	r.line.Place = e.table.place(row)
	if !dated {
		r.fail(BadDate, "%q is no date such as 2026-10-31, 2026/10/31, 20261031 or 2026年10月31日, from %d to %d",
			clip(e.cell(row, dateColumn)), firstYear, lastYear)
	}
	e.rows = append(e.rows, r)
	return nil
}

// fewestFilled is how many cells of a row without a date and an amount must have something in
// them for it to be a line that is broken, and not a note.
const fewestFilled = 3

func filled(row tableRow) int {
	n := 0
	for _, c := range row.cells {
		if c != "" {
			n++
		}
	}
	return n
}

// sums reports whether a row is of totals or balances.
func sums(row tableRow) bool {
	for _, c := range row.cells {
		if totals.MatchString(c[:min(len(c), longestValue)]) {
			return true
		}
	}
	return false
}

func same(row, header tableRow) bool {
	if len(row.cells) != len(header.cells) {
		return false
	}
	for n, c := range row.cells {
		if columnName(c) != columnName(header.cells[n]) {
			return false
		}
	}
	return true
}

// notCarriedOut reports whether a row says that its payment was not done. A word that isn't known
// is a problem of the line.
func (e *export) notCarriedOut(r *exportRow) bool {
	if !e.has(statusColumn) {
		return false
	}
	status := e.cell(r.tableRow, statusColumn)
	for _, word := range e.profile.undone {
		if strings.HasPrefix(status, word) {
			return true
		}
	}
	for _, word := range e.profile.done {
		if strings.HasPrefix(status, word) {
			return false
		}
	}
	r.fail(BadLine, "%q is not known to say whether the payment was done", clip(status))
	return false
}

// fail notes why a line can't be booked. The first reason stays.
func (r *exportRow) fail(code, format string, values ...any) { r.line.fail(code, format, values...) }

// cell returns what stands in a column, or in those of the same meaning.
func (e *export) cell(row tableRow, column string) string {
	var texts []string
	for _, n := range e.at[column] {
		if n < len(row.cells) && (!filler(row.cells[n]) || column == statusColumn) {
			texts = append(texts, row.cells[n])
		}
	}
	return strings.Join(texts, " ")
}

func (e *export) date(row tableRow) (time.Time, bool) {
	cell := e.cell(row, dateColumn)
	if on, ok := parseDate(cell); ok {
		return on, true
	}
	return e.table.excelDate(cell)
}

// describe fills in what a row says beside the date and the amount.
func (e *export) describe(r *exportRow) {
	l, row := &r.line, r.tableRow
	l.ID, l.Reference, l.Counterparty = e.cell(row, idColumn), e.cell(row, referenceColumn), e.cell(row, counterpartyColumn)
	l.ReasonCode, l.Reason = e.cell(row, reasonCodeColumn), e.cell(row, reasonColumn)
	l.Text = e.cell(row, textColumn)
	if returned := e.cell(row, returnedColumn); returned != "" {
		switch yes, ok := parseYes(returned); {
		case !ok:
			l.fail(BadLine, "%q is neither yes (是) nor no (否) to whether it came back", clip(returned))
		case yes:
			l.Returned = true
		}
	}
	if l.Problem != nil {
		l.Text = oneLine(row.cells...)
	}
	// A reference of ours may stand in a column that has no meaning here.
	for _, cell := range row.cells {
		for _, found := range reference.Find(cell) {
			if !l.names(found) {
				l.Text = oneLine(l.Text, cell)
			}
		}
	}
	l.bound()
}

func parseYes(cell string) (yes, ok bool) {
	switch strings.ToLower(cell) {
	case "0", "n", "no", "false", "否", "正常", "未退票", "未冲正":
		return false, true
	case "1", "y", "yes", "true", "是", "退票", "已退票", "冲正", "已冲正":
		return true, true
	}
	return false, false
}

// statements returns the lines by account, in the order in which the accounts appear.
func (e *export) statements(account string) []Statement {
	of := map[string]int{}
	statements := []Statement{{Account: account, Currency: e.currency, Pending: e.pending}}
	rows := [][]*exportRow{nil}
	for _, r := range e.rows {
		at := 0
		if r.account != "" {
			var known bool
			if at, known = of[r.account]; !known {
				if at = len(of); at > 0 {
					statements = append(statements, Statement{Currency: e.currency})
					rows = append(rows, nil)
				}
				statements[at].Account = r.account
				of[r.account] = at
			}
		}
		statements[at].Lines = append(statements[at].Lines, r.line)
		rows[at] = append(rows[at], r)
	}
	for n := range statements {
		statements[n].period()
		e.balances(&statements[n], rows[n])
	}
	return statements
}

// period sets the dates of the earliest and the latest line.
func (s *Statement) period() {
	for _, l := range s.Lines {
		if l.BookedOn.IsZero() {
			continue
		}
		if s.From.IsZero() || l.BookedOn.Before(s.From) {
			s.From = l.BookedOn
		}
		if l.BookedOn.After(s.To) {
			s.To = l.BookedOn
		}
	}
}

// ownAccount is how a preamble names the account: 账号: 1202020209900112233 户名: ….
var ownAccount = regexp.MustCompile(`(?i)(?:^|[\s;,#])(?:本方|我方|查询|客户)?(?:账号|账户|卡号|账户号码|银行账号|账号/卡号|account|account number|iban)[:= ]*\[?` +
	`([0-9a-z]+(?:[ -][0-9a-z]{2,})*)\]?(?:$|[^0-9a-z])`)

// leastStated is how many characters an account in a preamble has. Fewer may be anything.
const leastStated = 8

// statedAccount returns the account that the rows before the header name, in one cell or in two.
// One that is partly hidden by stars is none.
func statedAccount(rows []tableRow) string {
	for _, row := range rows {
		for n, cell := range row.cells {
			pair := cell
			if n+1 < len(row.cells) {
				pair += " " + row.cells[n+1]
			}
			for _, text := range []string{cell, pair} {
				text = strings.ReplaceAll(width.Fold.String(text), "帐", "账")
				found := ownAccount.FindStringSubmatch(text)
				if found == nil || strings.Contains(text, "*") {
					continue
				}
				if account := CompactAccount(found[1]); len(account) >= leastStated && strings.ContainsAny(account, "0123456789") {
					return account
				}
			}
		}
	}
	return ""
}
