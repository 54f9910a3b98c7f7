// Package recent bounds a map to what was used lately.
package recent

// Shelf is the older half of a map of limited size. When the map is full it goes
// on the shelf as it is, in the place of the one before it, and a new one begins;
// what is used again comes back. So the two hold at least the last Limit values
// that were used, and at most twice as many.
type Shelf[K comparable, V any] struct {
	Limit int
	older map[K]V
}

// Recall reports whether a key is in the map, and fetches it from the shelf if it
// is there.
func (s *Shelf[K, V]) Recall(m map[K]V, key K) bool {
	if _, ok := m[key]; ok {
		return true
	}
	value, ok := s.older[key]
	if ok {
		m[key] = value
	}
	return ok
}

// Turn returns the map to go on with: the same, or a new one if it was full.
func (s *Shelf[K, V]) Turn(m map[K]V) map[K]V {
	if len(m) < s.Limit {
		return m
	}
	s.older = m
	return make(map[K]V, len(m)/2)
}

// Len returns how many values the map and the shelf hold.
func (s *Shelf[K, V]) Len(m map[K]V) int { return len(m) + len(s.older) }
