package alliance

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// DueWork happens by itself at an instant: when time reaches it, or, if it is a
// consequence, right after the command that causes it.
type DueWork struct {
	At       time.Time
	Rank     Rank        // its kind's
	Kind     ledger.Type // of the transaction that it makes
	Subject  int64       // the transaction that it comes from
	Part     int         // which of the subject's works of one rank it is
	Card     string      // whom it concerns
	Member   string      // whom it concerns
	Amount   int64       // in minor units
	Campaign string      // of a gift: which
	Sale     int64       // of a release: the sale that earned the commission, if that is not the subject
}

// DueKey identifies due work in a circle.
type DueKey struct {
	Rank    Rank
	Subject int64
	Part    int
}

// Key returns what identifies the work.
func (w DueWork) Key() DueKey { return DueKey{w.Rank, w.Subject, w.Part} }

// Compare orders work as it is done: by instant, rank, subject and part.
func (w DueWork) Compare(v DueWork) int {
	if c := w.At.Compare(v.At); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(w.Rank, v.Rank), cmp.Compare(w.Subject, v.Subject), cmp.Compare(w.Part, v.Part))
}

// Agenda is a queue of due work, the earliest first. If Until is set, later work is
// not kept: it is read from the database when its time comes.
type Agenda struct {
	Until time.Time
	work  workHeap
}

// Len returns how much is on the agenda.
func (a *Agenda) Len() int { return len(a.work) }

// Next returns the earliest work.
func (a *Agenda) Next() (DueWork, bool) {
	if len(a.work) == 0 {
		return DueWork{}, false
	}
	return a.work[0], true
}

// Through calls each with all work that falls due at or before an instant, in no
// particular order.
func (a *Agenda) Through(at time.Time, each func(DueWork)) { a.through(0, at, each) }

func (a *Agenda) through(i int, at time.Time, each func(DueWork)) {
	if i >= len(a.work) || a.work[i].At.After(at) {
		return // and so is all below it
	}
	each(a.work[i])
	a.through(2*i+1, at, each)
	a.through(2*i+2, at, each)
}

// Push adds work.
func (a *Agenda) Push(work DueWork) {
	if !a.Until.IsZero() && work.At.After(a.Until) {
		return
	}
	heap.Push(&a.work, work)
}

// Pop removes and returns the earliest work.
func (a *Agenda) Pop() (DueWork, bool) {
	next, ok := a.Next()
	if ok {
		heap.Pop(&a.work)
	}
	return next, ok
}

// Drop removes work that no longer has to be done, whenever it is due. It scans the whole
// agenda: it is called rarely.
func (a *Agenda) Drop(key DueKey) {
	i := slices.IndexFunc(a.work, func(w DueWork) bool { return w.Key() == key })
	if i >= 0 {
		heap.Remove(&a.work, i)
	}
}

// remove removes work that no longer has to be done. It looks only at what comes before
// it: of a hold that ends within the hour that is little.
func (a *Agenda) remove(work DueWork) {
	if i := a.find(0, work); i >= 0 {
		heap.Remove(&a.work, i)
	}
}

// find returns the place of work at or below a place of the heap, or -1.
func (a *Agenda) find(i int, work DueWork) int {
	if i >= len(a.work) {
		return -1
	}
	switch c := a.work[i].Compare(work); {
	case c == 0:
		return i
	case c > 0:
		return -1 // and so is all below it
	}
	if left := a.find(2*i+1, work); left >= 0 {
		return left
	}
	return a.find(2*i+2, work)
}

// workHeap is due work as a heap for package container/heap.
type workHeap []DueWork

func (h workHeap) Len() int           { return len(h) }
func (h workHeap) Less(i, j int) bool { return h[i].Compare(h[j]) < 0 }
func (h workHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *workHeap) Push(work any) {
	if w, ok := work.(DueWork); ok {
		*h = append(*h, w)
	}
}

// Pop implements heap.Interface.
func (h *workHeap) Pop() any {
	last := len(*h) - 1
	work := (*h)[last]
	*h = (*h)[:last]
	return work
}
