// Package recent bounds a map to what was used lately.
package recent

// Generations bounds a map that its owner keeps. That map is the younger of two generations;
// Generations holds the older one. When the younger is full it replaces the older, and a new
// map begins. A value of the older that is used again moves to the younger. So together they
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

// Rotate returns the younger generation: the same map, or a new one if it was full.
func (g *Generations[K, V]) Rotate(m map[K]V) map[K]V {
	if len(m) < g.Limit {
		return m
	}
	g.older = m
	return make(map[K]V, len(m)/2)
}

// Len returns how many values both generations hold.
func (g *Generations[K, V]) Len(m map[K]V) int { return len(m) + len(g.older) }
