package bankfile

import (
	"fmt"
	"slices"
	"strings"
)

// director says which way the amount of a row went, or why that can't be told.
type director func(*exportRow) (credit, undone bool, problem string)

// director returns what tells the direction of this export's lines: two columns, a column of
// words, or signs. If nothing does, or the balances contradict it, the file is refused: a wrong guess books money
// that went out as money that came in.
func (e *export) director() (director, error) {
	direct, err := e.directed()
	if err == nil && e.contradicted(direct) {
		err = fileError(0, e.column(),
			"the balances move the other way than the columns say; the columns are %s. Map the columns by hand, and say which has the direction, or that amounts have a sign", quoted(e.names))
	}
	return direct, err
}

func (e *export) directed() (director, error) {
	if e.has(creditColumn) {
		return e.twoColumns(), nil
	}
	if at, ok, err := e.directionColumn(); err != nil || ok {
		return e.words(at), err
	}
	signs := e.signs(amountColumn)
	if signs.written == 0 && !e.profile.inverted && !e.isSigned() && len(e.rows) > 0 {
		return nil, fileError(0, e.column(),
			"no amount has a sign, and no column is known to say which amounts came in and which went out; the columns are %s. Map the columns by hand, and say which has the direction, or that amounts have a sign",
			quoted(e.names))
	}
	return e.signed(signs), nil
}

// isSigned reports whether the bank is known to write a minus before what went out.
func (e *export) isSigned() bool { return e.profile.signed || e.profile.Mapping.Signed }

// column returns the column that the amounts stand in, for a message.
func (e *export) column() string {
	at := e.at[amountColumn]
	if at == nil {
		at = e.at[creditColumn]
	}
	return clip(e.names[at[0]])
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
	return 0, false, fileError(0, clip(e.names[at]),
		"the column seems to say whether an amount came in or went out, but none of its words is understood: %s; write credit or 贷, and debit or 借, or map the words by hand. The columns are %s",
		quoted(e.distinct(at)), quoted(e.names))
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

// signed is the direction by the sign. Where what came in has a plus, an amount without a sign says nothing.
func (e *export) signed(signs signsOf) director {
	return func(r *exportRow) (credit, undone bool, problem string) {
		f := r.moved[amountColumn]
		if f.sign == 0 && signs.plus > 0 && !empty(f) {
			return false, false, "the amount has no sign, and others have a plus"
		}
		credit = f.sign >= 0
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
		return false, false, "the amount has a minus beside what says its direction; it may be a booking that was undone, or the way that the bank writes what went out (signed_debits in a mapping)"
	}
}
