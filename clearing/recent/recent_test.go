package recent_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/recent"
)

func TestOnlyRecentlyUsedValuesAreKept(t *testing.T) {
	t.Parallel()
	generations := recent.Generations[int, string]{Limit: 10}
	m := map[int]string{0: "used all the time"}
	for i := 1; i <= 1000; i++ {
		require.True(t, generations.Recall(m, 0), "after %d others", i)
		require.False(t, generations.Recall(m, i))
		m[i] = "used once"
		m = generations.Rotate(m)
		require.LessOrEqual(t, generations.Len(m), 2*generations.Limit)
		for last := max(i-generations.Limit+2, 1); last <= i; last++ { // one place is the first's
			_, young := m[last]
			require.True(t, young || generations.Recall(map[int]string{}, last), "%d after %d", last, i)
		}
	}
	require.False(t, generations.Recall(m, 1))
}
