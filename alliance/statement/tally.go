package statement

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// tally adds lines up, in any order.
type tally struct {
	zero   money.Amount
	total  money.Amount
	count  int64
	types  map[ledger.Type]*Movement
	groups map[Group]map[string]*Counterparty
	headed map[Heading]*HeadingSum
}

func newTally(currency money.Currency) *tally {
	zero := currency.Zero()
	return &tally{
		zero: zero, total: zero, types: make(map[ledger.Type]*Movement), groups: make(map[Group]map[string]*Counterparty),
		headed: make(map[Heading]*HeadingSum),
	}
}

func (t *tally) add(l *Line) error {
	movement := t.types[l.Type]
	if movement == nil {
		movement = &Movement{Type: l.Type, Amount: t.zero}
		t.types[l.Type] = movement
	}
	merchants := t.groups[l.Group]
	if merchants == nil {
		merchants = make(map[string]*Counterparty)
		t.groups[l.Group] = merchants
	}
	with := merchants[l.Counterparty]
	if with == nil {
		with = &Counterparty{Merchant: l.Counterparty, Gross: t.zero, Amount: t.zero}
		merchants[l.Counterparty] = with
	}
	t.count++
	movement.Count++
	with.Count++
	for _, sum := range []struct{ of, by *money.Amount }{
		{&t.total, &l.Effect}, {&movement.Amount, &l.Effect}, {&with.Amount, &l.Effect}, {&with.Gross, &l.Gross},
	} {
		var err error
		if *sum.of, err = sum.of.Add(*sum.by); err != nil {
			return fmt.Errorf("sum up to %s: %w", ledger.ID(l.Seq), err)
		}
	}
	return t.head(l)
}

// head adds a line to the sum of its heading.
func (t *tally) head(l *Line) error {
	if l.Heading == "" {
		return nil
	}
	heading := t.headed[l.Heading]
	if heading == nil {
		heading = &HeadingSum{Heading: l.Heading, Amount: t.zero}
		t.headed[l.Heading] = heading
	}
	heading.Count++
	var err error
	if heading.Amount, err = heading.Amount.Add(l.Headed); err != nil {
		return fmt.Errorf("sum of %s up to %s: %w", l.Heading, ledger.ID(l.Seq), err)
	}
	return nil
}

// into gives a statement its sums.
func (t *tally) into(s *Statement) {
	s.Count = t.count
	s.Movements = make([]Movement, 0, len(t.types))
	for _, kind := range slices.Sorted(maps.Keys(t.types)) {
		s.Movements = append(s.Movements, *t.types[kind])
	}
	for _, h := range Headings() {
		if sum := t.headed[h]; sum != nil {
			s.Headings = append(s.Headings, *sum)
		}
	}
	s.MyMembersElsewhere, s.OthersMembersHere, s.Own = t.group(MyMembersElsewhere), t.group(OthersMembersHere), t.group(Own)
}

func (t *tally) group(g Group) []Counterparty {
	with := make([]Counterparty, 0, len(t.groups[g]))
	for _, c := range t.groups[g] {
		with = append(with, *c)
	}
	slices.SortFunc(with, func(a, b Counterparty) int { return cmp.Compare(a.Merchant, b.Merchant) })
	return with
}
