package ledger_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/ledger"
)

func TestEventNumbersSortInLogOrder(t *testing.T) {
	t.Parallel()
	last := int64(-1)
	for _, seq := range []int64{0, 1, 2, 1<<43 - 1} {
		for _, n := range []int{0, 1, 2, ledger.MaxEvents} {
			number := ledger.EventNumber(seq, n)
			require.Greater(t, number, last)
			require.Equal(t, seq, number>>20)
			require.EqualValues(t, n, number&(1<<20-1))
			last = number
		}
	}
}

func TestEventNumberPanicsBeyondTheLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		seq int64
		n   int
	}{{1, -1}, {1, ledger.MaxEvents + 1}, {-1, 1}, {1 << 43, 1}} {
		require.Panics(t, func() { ledger.EventNumber(c.seq, c.n) }, "event %d of %d", c.n, c.seq)
	}
}
