package bankfile

import (
	"time"

	"github.com/lianka/lianka/clearing/money"
)

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

// contradicted reports whether the balances move the other way than the amounts, more often than
// not. Where the days don't tell which line is the oldest, they must do so either way.
func (e *export) contradicted(direct director) bool {
	if !e.has(balanceColumn) {
		return false
	}
	var agree, oppose [2]int // with the oldest line first, and with the newest
	for n := 1; n < len(e.rows); n++ {
		before, row := e.rows[n-1], e.rows[n]
		if before.account != row.account {
			continue
		}
		movedBefore, balanceBefore, ok := e.moved(before, direct)
		moved, balance, alsoOK := e.moved(row, direct)
		if !ok || !alsoOK {
			continue
		}
		rise, err := balance.Sub(balanceBefore)
		if err != nil {
			continue
		}
		for order, amount := range [...]money.Amount{moved, movedBefore.Neg()} {
			switch {
			case amount.IsZero():
			case rise == amount:
				agree[order]++
			case rise == amount.Neg():
				oppose[order]++
			}
		}
	}
	contradicted := [2]bool{oppose[0] > agree[0], oppose[1] > agree[1]}
	switch first, last := e.span(); {
	case first.Before(last):
		return contradicted[0]
	case last.Before(first):
		return contradicted[1]
	}
	return contradicted[0] && contradicted[1]
}

// span returns the days of the first and the last line.
func (e *export) span() (first, last time.Time) {
	if len(e.rows) == 0 {
		return first, last
	}
	return e.rows[0].line.BookedOn, e.rows[len(e.rows)-1].line.BookedOn
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
