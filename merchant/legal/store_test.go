package legal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/legal"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestWhoAPartyIsIsKeptAndItsChangesAreEvents(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	noon := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	write := func(f func(clearing.Tx) error) error { return clearing.Write(t.Context(), pool, f) }
	ids := make(map[string]int64)
	for _, code := range []string{"riverside", "elsewhere"} {
		require.NoError(t, write(func(tx clearing.Tx) error {
			al, err := clearing.CreateAlliance(t.Context(), tx, clearing.Alliance{
				Code: code, Name: code, Currency: cny, Location: time.UTC, Mode: clearing.Live, CreatedAt: noon,
			})
			ids[code] = al.ID
			return err
		}))
	}
	id := ids["riverside"]
	_, err := legal.Find(t.Context(), pool, id, "cafe")
	require.ErrorIs(t, err, legal.ErrUnknown)
	first, second := legal.Entity{Name: "咖啡有限公司"}, legal.Entity{Name: "咖啡有限公司", TaxNumber: "91350100M000100Y43"}
	for _, e := range []legal.Entity{first, second} {
		require.NoError(t, write(func(tx clearing.Tx) error { return legal.Set(t.Context(), tx, id, "cafe", e, noon) }))
		found, err := legal.Find(t.Context(), pool, id, "cafe")
		require.NoError(t, err)
		require.Equal(t, e, found)
	}
	found, err := legal.Of(t.Context(), pool, id, "cafe", clearing.Organiser)
	require.NoError(t, err)
	require.Equal(t, map[string]legal.Entity{"cafe": second}, found)
	found, err = legal.Of(t.Context(), pool, ids["elsewhere"], "cafe")
	require.NoError(t, err)
	require.Empty(t, found, "another circle's cafe is another")

	require.Error(t, write(func(tx clearing.Tx) error { return legal.Set(t.Context(), tx, id, clearing.Custody, first, noon) }))
	require.Error(t, write(func(tx clearing.Tx) error { return legal.Set(t.Context(), tx, id, "gym", legal.Entity{}, noon) }))
	remove := func(tx clearing.Tx) error { return legal.Delete(t.Context(), tx, id, "cafe", noon) }
	require.NoError(t, write(remove))
	require.ErrorIs(t, write(remove), legal.ErrUnknown)

	rows, err := pool.Query(t.Context(), `SELECT party || ' ' || (body -> 'data' ->> 'change') FROM events WHERE alliance_id = $1 AND type = $2 ORDER BY number`, id, legal.Changed)
	require.NoError(t, err)
	var told []string
	for rows.Next() {
		var event string
		require.NoError(t, rows.Scan(&event))
		told = append(told, event)
	}
	require.NoError(t, rows.Err())
	require.Equal(t, []string{"cafe set", "cafe set", "cafe deleted"}, told)
}
