package bankfile

import (
	"github.com/lianka/lianka/clearing/money"
)

// amount reads what a row moved, and which way.
func (e *export) amount(r *exportRow, direct director) {
	l := &r.line
	l.Amount = e.currency.Zero()
	if said := e.cell(r.tableRow, currencyColumn); said != "" && !sameCurrency(said, e.currency) {
		l.fail(OtherCurrency, "is in %q, and the account is kept in %s", clip(said), e.currency.Code())
		return
	}
	f, column := r.figure()
	if f.empty {
		l.fail(BadAmount, "there is no amount")
		return
	}
	if both := r.moved[creditColumn]; column == debitColumn && !empty(both) && !empty(f) {
		l.fail(DirectionUnknown, "both columns of amounts have one, so it can't be told which is meant")
		return
	}
	amount, reason := e.parse(f)
	if reason != "" {
		l.fail(BadAmount, "%q %s", clip(e.cell(r.tableRow, column)), reason)
		return
	}
	l.Amount = amount
	if l.Credit, l.Returned, reason = direct(r); reason != "" {
		l.fail(DirectionUnknown, "%s", reason)
	}
}

// figure returns the figure of a row that counts, and its column.
func (r *exportRow) figure() (figure, string) {
	if f, ok := r.moved[amountColumn]; ok {
		return f, amountColumn
	}
	if debit := r.moved[debitColumn]; !empty(debit) || r.moved[creditColumn].empty {
		return debit, debitColumn
	}
	return r.moved[creditColumn], creditColumn
}

// parse reads a figure without its sign, or says what is wrong with it.
func (e *export) parse(f figure) (money.Amount, string) {
	plain, ok := e.decimals.plain(f.number, e.currency)
	if !ok {
		return money.Amount{}, "is no amount such as 1234.50 or 1,234.50, or it can't be told whether its point or comma is of thousands or of decimals"
	}
	return parseAmount(plain, e.currency)
}
