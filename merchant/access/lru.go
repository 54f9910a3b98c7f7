package access

import "container/list"

// lru is a map of limited size. When it is full, the entry that was used longest
// ago makes room. It is not safe for concurrent use.
type lru[K comparable, V any] struct {
	limit   int
	entries map[K]*list.Element // of lruEntry
	recent  *list.List          // the most recently used first
}

type lruEntry[K comparable, V any] struct {
	key   K
	value V
}

func newLRU[K comparable, V any](limit int) *lru[K, V] {
	return &lru[K, V]{limit: limit, entries: make(map[K]*list.Element), recent: list.New()}
}

// peek returns a value without counting that as a use.
func (l *lru[K, V]) peek(key K) (value V, ok bool) {
	at, ok := l.entries[key]
	if !ok {
		return value, false
	}
	entry, ok := at.Value.(lruEntry[K, V])
	return entry.value, ok
}

// touch counts as a use of a key.
func (l *lru[K, V]) touch(key K) {
	if at, ok := l.entries[key]; ok {
		l.recent.MoveToFront(at)
	}
}

// put sets a value and counts as a use of its key.
func (l *lru[K, V]) put(key K, value V) {
	if at, ok := l.entries[key]; ok {
		at.Value = lruEntry[K, V]{key, value}
		l.recent.MoveToFront(at)
		return
	}
	if len(l.entries) >= l.limit {
		oldest := l.recent.Back()
		if entry, ok := l.recent.Remove(oldest).(lruEntry[K, V]); ok {
			delete(l.entries, entry.key)
		}
	}
	l.entries[key] = l.recent.PushFront(lruEntry[K, V]{key, value})
}
