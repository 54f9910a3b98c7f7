package pgtest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/migrations"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			pool := pgtest.Pool(t)
			_, err := pool.Exec(t.Context(), `CREATE TABLE mine ()`)
			require.NoError(t, err, "another test's table is in the way")
		})
	}
}

func TestADatabaseHasTheSchema(t *testing.T) {
	t.Parallel()
	pending, err := migrations.Pending(t.Context(), pgtest.URL(t))
	require.NoError(t, err)
	require.Zero(t, pending)

	pending, err = migrations.Pending(t.Context(), pgtest.EmptyURL(t))
	require.NoError(t, err)
	require.Positive(t, pending)
}

func TestADatabaseIsDroppedWithItsTest(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	var name string
	t.Run("inner", func(t *testing.T) {
		inner := pgtest.Pool(t)
		require.NoError(t, inner.QueryRow(t.Context(), `SELECT current_database()`).Scan(&name))
	})
	var left int
	require.NoError(t, pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_database WHERE datname = $1`, name).Scan(&left))
	require.Zero(t, left)
}

func BenchmarkPool(b *testing.B) {
	for b.Loop() {
		pgtest.Pool(b)
	}
}
