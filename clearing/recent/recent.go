// Package recent bounds a map to what was used lately.
package recent

// Generations bounds a map that its owner keeps, the younger generation, by keeping the
// generation before it. When the map is full it becomes the older generation, in place of
// the last one, and a new map begins; what is used again moves to the younger. So the two
// hold at least the last Limit values that were used, and at most twice as many.
type Generations[K comparable, V any] struct {
	Limit int
	older map[K]V
}

// Recall reports whether a key is in either generation, and moves it to the younger, m.
func (g *Generations[K, V]) Recall(m map[K]V, key K) bool {
	if _, ok := m[key]; ok {
		return true
	}
	value, ok := g.older[key]
	if ok {
		m[key] = value
	}
	return ok
}

// Rotate returns the map to go on with: the same, or a new one if it was full.
func (g *Generations[K, V]) Rotate(m map[K]V) map[K]V {
	if len(m) < g.Limit {
		return m
	}
	g.older = m
	return make(map[K]V, len(m)/2)
}

// Len returns how many values both generations hold.
func (g *Generations[K, V]) Len(m map[K]V) int { return len(m) + len(g.older) }
