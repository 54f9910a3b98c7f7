package ledger

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// Late is the name under which a turnover counts again what the account's own merchant has
// uploaded late. It is not a type of transactions.
const Late Type = "late"

// Movement is what the transactions of one type moved on a clearing account: how many there
// were, and the sums of their debits and credits in minor units, both not below zero.
type Movement struct {
	Type    Type
	Count   int64
	Debits  int64
	Credits int64
}

// Net returns the change of the position: above zero, the circle owes the party more.
func (m Movement) Net() int64 { return m.Credits - m.Debits }

// Turnover is the movements of a clearing account in a window, in the order in which their
// types first occurred. It is updated with each transaction, so that a month-end reads none
// of them again.
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

// Sorted returns the turnover sorted by type.
func (t Turnover) Sorted() Turnover {
	sorted := slices.Clone(t)
	slices.SortFunc(sorted, func(x, y Movement) int { return cmp.Compare(x.Type, y.Type) })
	return sorted
}

// Movements returns the turnover without [Late], sorted by type.
func (t Turnover) Movements() Turnover {
	return slices.DeleteFunc(t.Sorted(), func(m Movement) bool { return m.Type == Late })
}

// Add adds an entry's amount in minor units, debit positive. The transaction is counted if
// this is its first entry on the account.
func (t *Turnover) Add(kind Type, minor int64, first bool) {
	i := 0
	for i < len(*t) && (*t)[i].Type != kind {
		i++
	}
	if i == len(*t) {
		*t = append(*t, Movement{Type: kind})
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

// Append appends the turnover as JSON: count, debits and credits of each type.
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

// ParseTurnover parses what Append wrote, and returns it sorted.
func ParseTurnover(text string) (Turnover, error) {
	var read map[Type][3]int64
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		return nil, fmt.Errorf("%q is no turnover: %w", text, err)
	}
	t := make(Turnover, 0, len(read))
	for kind, n := range read {
		t = append(t, Movement{Type: kind, Count: n[0], Debits: n[1], Credits: n[2]})
	}
	return t.Sorted(), nil
}

// packedTypes numbers the types that move clearing accounts often. Packed turnovers are
// stored, so a number never changes its meaning. Other types are written by name.
var packedTypes = []Type{
	1: "card.sold", 2: "card.topped_up", 3: "value.spent", 4: "pass.used", 5: "coupon.used", 6: "purchase.recorded", 7: "points.spent",
	8: "reversed", 9: "card.expired", 10: Late,
}

// AppendPacked appends the turnover as the table balances stores it, whose rows are written
// with every batch. Each type is its number, or 0 and its name, followed by count, debits and
// credits, as varints.
func (t Turnover) AppendPacked(b []byte) []byte {
	for _, m := range t {
		number := 0
		for n := 1; n < len(packedTypes); n++ {
			if packedTypes[n] == m.Type {
				number = n
				break
			}
		}
		b = binary.AppendUvarint(b, uint64(number))
		if number == 0 {
			b = binary.AppendUvarint(b, uint64(len(m.Type)))
			b = append(b, m.Type...)
		}
		for _, n := range [...]int64{m.Count, m.Debits, m.Credits} {
			b = binary.AppendUvarint(b, uint64(n))
		}
	}
	return b
}

var errPacked = errors.New("the bytes are no packed turnover")

// UnpackTurnover parses what AppendPacked wrote.
func UnpackTurnover(b []byte) (Turnover, error) {
	failed := false
	number := func() int64 {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			failed = true
			b = nil
			return 0
		}
		b = b[size:]
		return int64(n)
	}
	var t Turnover
	for len(b) > 0 && !failed {
		var m Movement
		switch kind := number(); {
		case kind > 0 && kind < int64(len(packedTypes)):
			m.Type = packedTypes[kind]
		case kind == 0:
			length := number()
			if length < 0 || length > int64(len(b)) {
				return nil, errPacked
			}
			m.Type = Type(b[:length])
			b = b[length:]
		default:
			return nil, errPacked
		}
		m.Count, m.Debits, m.Credits = number(), number(), number()
		t = append(t, m)
	}
	if failed {
		return nil, errPacked
	}
	return t, nil
}
