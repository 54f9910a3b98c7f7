package recent_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/recent"
)

func TestWhatIsUsedStaysAndTheRestIsForgotten(t *testing.T) {
	t.Parallel()
	shelf := recent.Shelf[int, string]{Limit: 10}
	m := map[int]string{0: "used all the time"}
	for i := 1; i <= 1000; i++ {
		require.True(t, shelf.Recall(m, 0), "after %d others", i)
		require.False(t, shelf.Recall(m, i))
		m[i] = "used once"
		m = shelf.Turn(m)
		require.LessOrEqual(t, shelf.Len(m), 2*shelf.Limit)
		for last := max(i-shelf.Limit+2, 1); last <= i; last++ { // one place is the first's
			_, young := m[last]
			require.True(t, young || shelf.Recall(map[int]string{}, last), "%d after %d", last, i)
		}
	}
	require.False(t, shelf.Recall(m, 1))
}
