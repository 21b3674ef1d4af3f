package simulate

import (
	"container/heap"
	"time"
)

// agenda is what is still to happen, in the order of virtual time; what is due at
// the same moment happens in the order in which it was entered.
type agenda struct {
	entries entries
	count   int
}

type entry struct {
	at    time.Time
	order int
	do    func()
}

// add enters something.
func (a *agenda) add(at time.Time, do func()) {
	a.count++
	heap.Push(&a.entries, entry{at, a.count, do})
}

// next takes out what is due first; false if nothing is left.
func (a *agenda) next() (entry, bool) {
	if len(a.entries) == 0 {
		return entry{}, false
	}
	return heap.Pop(&a.entries).(entry), true //nolint:forcetypeassert // the heap holds nothing else
}

type entries []entry

func (e entries) Len() int { return len(e) }
func (e entries) Less(i, j int) bool {
	if !e[i].at.Equal(e[j].at) {
		return e[i].at.Before(e[j].at)
	}
	return e[i].order < e[j].order
}
func (e entries) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *entries) Push(x any)   { *e = append(*e, x.(entry)) } //nolint:forcetypeassert // only add pushes
func (e *entries) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
