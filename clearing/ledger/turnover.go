package ledger

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Late is the name under which a turnover counts once more what was uploaded
// after it had happened. It is no type of a transaction.
const Late Type = "late"

// Movement is what transactions of a type have moved a clearing account by:
// how many there were, and the sums of their debits and credits in minor units,
// neither below zero.
type Movement struct {
	Type    Type
	Count   int64
	Debits  int64
	Credits int64
}

// Net returns the movement in the direction of a position: positive, the circle
// owes the party more.
func (m Movement) Net() int64 { return m.Credits - m.Debits }

// Turnover is the movements of a clearing account in a window, in the order of
// their types. It is kept as transactions are booked, so that a month-end need
// not read them again.
type Turnover []Movement

// Of returns the movement by a type; zero if there was none.
func (t Turnover) Of(kind Type) Movement {
	for _, m := range t {
		if m.Type == kind {
			return m
		}
	}
	return Movement{Type: kind}
}

// Movements returns the turnover by types of transactions, without what was
// counted once more.
func (t Turnover) Movements() []Movement {
	return slices.DeleteFunc(slices.Clone(t), func(m Movement) bool { return m.Type == Late })
}

// Add adds an entry's amount in minor units, debit positive. first says that it is
// the first entry of its transaction on the account.
func (t *Turnover) Add(kind Type, minor int64, first bool) {
	i, found := slices.BinarySearchFunc(*t, kind, func(m Movement, kind Type) int { return cmp.Compare(m.Type, kind) })
	if !found {
		*t = slices.Insert(*t, i, Movement{Type: kind})
	}
	m := &(*t)[i]
	if first {
		m.Count++
	}
	if minor > 0 {
		m.Debits += minor
	} else {
		m.Credits -= minor
	}
}

// Append appends the turnover as JSON: the count, the debits and the credits of
// each type, in the order of the types' names.
func (t Turnover) Append(b []byte) []byte {
	b = append(b, '{')
	for i, m := range t {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, string(m.Type))
		b = append(b, ":["...)
		b = strconv.AppendInt(b, m.Count, 10)
		b = append(b, ',')
		b = strconv.AppendInt(b, m.Debits, 10)
		b = append(b, ',')
		b = strconv.AppendInt(b, m.Credits, 10)
		b = append(b, ']')
	}
	return append(b, '}')
}

// ParseTurnover reads what Append wrote.
func ParseTurnover(text string) (Turnover, error) {
	var read map[Type][3]int64
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		return nil, fmt.Errorf("%q is no turnover: %w", text, err)
	}
	t := make(Turnover, 0, len(read))
	for kind, n := range read {
		t = append(t, Movement{Type: kind, Count: n[0], Debits: n[1], Credits: n[2]})
	}
	slices.SortFunc(t, func(x, y Movement) int { return cmp.Compare(x.Type, y.Type) })
	return t, nil
}
