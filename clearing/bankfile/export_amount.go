package bankfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lianka/lianka/clearing/money"
)

// director says which way the amount of a row went, or why that can't be told.
type director func(*exportRow) (credit, undone bool, problem string)

// director returns what tells the direction of this export's lines: two columns, a column of
// words, or signs. If nothing does, the file is refused: a wrong guess books money that went out
// as money that came in.
func (e *export) director() (director, error) {
	if e.has(creditColumn) {
		return e.twoColumns(), nil
	}
	if at, ok, err := e.directionColumn(); err != nil || ok {
		return e.words(at), err
	}
	switch signs := e.signs(amountColumn); {
	case e.profile.inverted, signs.written > 0:
	case e.isSigned():
		if !e.balancesRise() {
			return nil, e.noDirection("no amount has a sign, and the balances don't rise by them")
		}
	case len(e.rows) > 0:
		return nil, e.noDirection("no amount has a sign")
	}
	return e.signed(), nil
}

// isSigned reports whether the bank is known to write a minus before what went out.
func (e *export) isSigned() bool { return e.profile.signed || e.profile.Mapping.Signed }

func (e *export) noDirection(why string) error {
	return &FileError{Path: clip(e.names[e.at[amountColumn][0]]), Reason: why + ", and no column is known to say which amounts came in and which went out; the columns are " +
		quoted(e.names) + ". Map the columns by hand, and say which has the direction, or that amounts have a sign"}
}

// directionColumn returns the column that says the direction: one that is named so, or one that
// may say it and does, where no amount has a sign.
func (e *export) directionColumn() (at int, ok bool, err error) {
	named := e.profile.Mapping.Direction != ""
	for _, at := range e.directions {
		if e.understood(at, true) {
			return at, true, nil
		}
	}
	signed := e.signs(amountColumn).written > 0
	if !signed && !e.isSigned() {
		for _, at := range e.maybe {
			if e.understood(at, false) {
				return at, true, nil
			}
		}
	}
	if len(e.directions) == 0 || len(e.rows) == 0 || signed && !named {
		return 0, false, nil
	}
	at = e.directions[0]
	return 0, false, &FileError{Path: clip(e.names[at]), Reason: fmt.Sprintf(
		"the column seems to say whether an amount came in or went out, but none of its words is understood: %s; "+
			"write credit or 贷, and debit or 借, or map the words by hand. The columns are %s", quoted(e.distinct(at)), quoted(e.names))}
}

// understood reports whether a cell of a column is understood as a direction.
func (e *export) understood(at int, named bool) bool {
	for _, r := range e.rows {
		if _, ok := directionOf(r.at(at), e.layout.words, named); ok {
			return true
		}
	}
	return false
}

func (e *export) distinct(at int) []string {
	const most = 8
	var found []string
	seen := map[string]bool{}
	for _, r := range e.rows {
		if c := r.at(at); c != "" && !seen[c] && len(found) < most {
			seen[c] = true
			found = append(found, c)
		}
	}
	return found
}

func (r *exportRow) at(n int) string {
	if n < len(r.cells) {
		return r.cells[n]
	}
	return ""
}

// signsOf counts the signs of a column, among rows that count.
type signsOf struct{ minus, plus, none, written int }

func (e *export) signs(column string) signsOf { return e.signsWhere(column, nil) }

func (e *export) signsWhere(column string, counts func(*exportRow) bool) signsOf {
	var s signsOf
	for _, r := range e.rows {
		f := r.moved[column]
		if f.empty || strings.Trim(f.number, "0.,") == "" || counts != nil && !counts(r) {
			continue
		}
		switch {
		case f.sign < 0:
			s.minus++
		case f.sign > 0:
			s.plus++
		default:
			s.none++
		}
	}
	s.written = s.minus + s.plus
	return s
}

// signed is the direction by the sign.
func (e *export) signed() director {
	return func(r *exportRow) (credit, undone bool, problem string) {
		credit = r.moved[amountColumn].sign >= 0
		if e.profile.inverted {
			credit = !credit
		}
		for _, at := range slices.Concat(e.maybe, e.directions) {
			if said, ok := directionOf(r.at(at), e.layout.words, false); ok && said != credit {
				return false, false, fmt.Sprintf("the sign of the amount contradicts %q in column %s", clip(r.at(at)), clip(e.names[at]))
			}
		}
		return credit, false, ""
	}
}

// words is the direction by the words of a column. A minus beside it is a booking that was undone
// (红字冲正), or the way the bank writes what went out.
func (e *export) words(at int) director {
	named := slices.Contains(e.directions, at)
	said := func(r *exportRow) (credit, ok bool) { return directionOf(r.at(at), e.layout.words, named) }
	side := func(wanted bool) func(*exportRow) bool {
		return func(r *exportRow) bool { credit, ok := said(r); return ok && credit == wanted }
	}
	negative := e.negative(e.signsWhere(amountColumn, side(true)), e.signsWhere(amountColumn, side(false)))
	return func(r *exportRow) (bool, bool, string) {
		credit, ok := said(r)
		if !ok {
			return false, false, fmt.Sprintf("%q in column %s is neither credit (贷) nor debit (借)", clip(r.at(at)), clip(e.names[at]))
		}
		return negative(credit, r.moved[amountColumn].sign)
	}
}

// twoColumns is the direction by which of two columns has an amount.
func (e *export) twoColumns() director {
	negative := e.negative(e.signs(creditColumn), e.signs(debitColumn))
	return func(r *exportRow) (bool, bool, string) {
		credit, debit := r.moved[creditColumn], r.moved[debitColumn]
		if empty(credit) == empty(debit) {
			if !credit.empty && strings.Trim(credit.number, "0.,") == "" { // 0.00
				return true, false, ""
			}
			return debit.empty, false, ""
		}
		if empty(debit) {
			return negative(true, credit.sign)
		}
		return negative(false, debit.sign)
	}
}

// empty reports whether a figure is nothing or zero.
func empty(f figure) bool { return f.empty || strings.Trim(f.number, "0.,") == "" }

// negative returns what a minus means beside a direction. Where both figures with and without
// one stand on a side, it undoes a booking. Where all of what went out has one, that may be how the
// bank writes it, and the mapping or the balances must say so; else it could be either.
func (e *export) negative(credit, debit signsOf) func(credit bool, sign int) (bool, bool, string) {
	written := e.signedDebits || debit.minus > 0 && debit.none+debit.plus == 0 && credit.minus == 0 && e.signedBalances()
	return func(isCredit bool, sign int) (bool, bool, string) {
		side := debit
		if isCredit {
			side = credit
		}
		switch {
		case sign >= 0, !isCredit && written:
			return isCredit, false, ""
		case side.none+side.plus > 0:
			return !isCredit, true, ""
		}
		return false, false, "the amount has a minus beside what says its direction; it may be a booking that was undone, or the way that the bank writes what went out " +
			"(signed_debits in a mapping)"
	}
}

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

// moved returns what a row moved, below zero for what went out, and the balance after it.
func (e *export) moved(r *exportRow, direct director) (moved, balance money.Amount, ok bool) {
	f, _ := r.figure()
	amount, wrong := e.parse(f)
	after, noBalance := e.parse(r.balance)
	if f.empty || r.balance.empty || wrong != "" || noBalance != "" {
		return amount, after, false
	}
	credit, _, unknown := direct(r)
	if r.balance.sign < 0 {
		after = after.Neg()
	}
	if !credit {
		amount = amount.Neg()
	}
	return amount, after, unknown == ""
}

// chained reports whether each balance is the one before it and the amount between, with the
// newest line last or first. It says nothing of fewer than two lines.
func (e *export) chained(rows []*exportRow, direct director) (oldestFirst, newestFirst bool) {
	if len(rows) < 2 {
		return false, false
	}
	oldestFirst, newestFirst = true, true
	var movedBefore, balanceBefore money.Amount
	for n, r := range rows {
		moved, balance, ok := e.moved(r, direct)
		if !ok {
			return false, false
		}
		if n > 0 {
			if sum, err := balanceBefore.Add(moved); err != nil || sum != balance {
				oldestFirst = false
			}
			if sum, err := balance.Add(movedBefore); err != nil || sum != balanceBefore {
				newestFirst = false
			}
		}
		movedBefore, balanceBefore = moved, balance
	}
	return oldestFirst, newestFirst
}

// signedBalances reports whether the balances fit what went out having a minus.
func (e *export) signedBalances() bool {
	oldest, newest := e.chained(e.rows, func(r *exportRow) (bool, bool, string) {
		f, _ := r.figure()
		return f.sign >= 0, false, ""
	})
	return oldest || newest
}

// balancesRise reports whether the balances don't contradict that all amounts came in.
func (e *export) balancesRise() bool {
	if !e.has(balanceColumn) || len(e.rows) < 2 {
		return true
	}
	return e.signedBalances()
}

// balances sets what was on the account before and after the lines, if the balance is said after
// each and all of them fit.
func (e *export) balances(s *Statement, rows []*exportRow) {
	if len(rows) == 0 || !e.has(balanceColumn) {
		return
	}
	for _, r := range rows {
		if r.line.Problem != nil {
			return
		}
	}
	booked := func(r *exportRow) (bool, bool, string) { return r.line.Credit, false, "" }
	oldest, newest := e.chained(rows, booked)
	if len(rows) == 1 {
		oldest = true
	}
	first, last := rows[0], rows[len(rows)-1]
	inOrder, inOrderKnown := e.ends(first, last, booked)
	turned, turnedKnown := e.ends(last, first, booked)
	switch {
	case oldest && newest && first.line.BookedOn.Equal(last.line.BookedOn):
		if inOrder[0].Amount == turned[0].Amount && inOrder[1].Amount == turned[1].Amount {
			s.keep(inOrder, inOrderKnown)
		}
	case oldest && !(newest && last.line.BookedOn.Before(first.line.BookedOn)):
		s.keep(inOrder, inOrderKnown)
	case newest:
		s.keep(turned, turnedKnown)
	}
}

// ends returns the balances before the first line and after the last.
func (e *export) ends(first, last *exportRow, direct director) ([2]Balance, bool) {
	moved, after, ok := e.moved(first, direct)
	_, closing, alsoOK := e.moved(last, direct)
	if !ok || !alsoOK {
		return [2]Balance{}, false
	}
	opening, err := after.Sub(moved)
	return [2]Balance{{Amount: opening, On: first.line.BookedOn}, {Amount: closing, On: last.line.BookedOn}}, err == nil
}

func (s *Statement) keep(ends [2]Balance, known bool) {
	if known {
		s.Opening, s.Closing = &ends[0], &ends[1]
	}
}
