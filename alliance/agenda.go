package alliance

import (
	"slices"
	"time"
)

// The ranks of work that falls due at one instant: a lower one is done first.
const (
	RankRelease = 1
	RankExpiry  = 2
)

// DueWork is something that a clock brings about: the release of a commission
// or the expiry of a card.
type DueWork struct {
	At      time.Time
	Rank    int
	SaleSeq int64
	Level   int    // of a release
	Card    string // of an expiry
	Member  string // of a release
	Amount  int64  // of a release, in minor units
}

// before orders work by instant, rank, sale and level.
func (d DueWork) before(e DueWork) bool {
	switch {
	case !d.At.Equal(e.At):
		return d.At.Before(e.At)
	case d.Rank != e.Rank:
		return d.Rank < e.Rank
	case d.SaleSeq != e.SaleSeq:
		return d.SaleSeq < e.SaleSeq
	}
	return d.Level < e.Level
}

// Agenda is work that falls due, as a binary heap: the earliest comes first. What
// falls due after Until is not kept, unless that is zero: a book that has the rest
// elsewhere reads it later.
type Agenda struct {
	Until time.Time
	heap  []DueWork
}

// Len returns how much is on the agenda.
func (a *Agenda) Len() int { return len(a.heap) }

// Next returns the earliest work.
func (a *Agenda) Next() (DueWork, bool) {
	if len(a.heap) == 0 {
		return DueWork{}, false
	}
	return a.heap[0], true
}

// Through calls a function with all work that falls due at or before an instant,
// in no order.
func (a *Agenda) Through(at time.Time, each func(DueWork)) { a.through(0, at, each) }

func (a *Agenda) through(i int, at time.Time, each func(DueWork)) {
	if i >= len(a.heap) || a.heap[i].At.After(at) {
		return // and so is all below it
	}
	each(a.heap[i])
	a.through(2*i+1, at, each)
	a.through(2*i+2, at, each)
}

// Push adds work.
func (a *Agenda) Push(work DueWork) {
	if !a.Until.IsZero() && work.At.After(a.Until) {
		return
	}
	a.heap = append(a.heap, work)
	i := len(a.heap) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !a.heap[i].before(a.heap[parent]) {
			return
		}
		a.heap[i], a.heap[parent] = a.heap[parent], a.heap[i]
		i = parent
	}
}

// Pop takes the earliest work off.
func (a *Agenda) Pop() (DueWork, bool) {
	next, ok := a.Next()
	if !ok {
		return next, false
	}
	last := len(a.heap) - 1
	a.heap[0] = a.heap[last]
	a.heap = a.heap[:last]
	a.sink(0)
	return next, true
}

func (a *Agenda) sink(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(a.heap); child++ {
			if a.heap[child].before(a.heap[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		a.heap[i], a.heap[least] = a.heap[least], a.heap[i]
		i = least
	}
}

// Drop takes off all work of a sale. It is rare, so it looks at everything.
func (a *Agenda) Drop(saleSeq int64) {
	kept := slices.DeleteFunc(a.heap, func(d DueWork) bool { return d.SaleSeq == saleSeq })
	a.heap = nil
	for _, work := range kept {
		a.Push(work)
	}
}
