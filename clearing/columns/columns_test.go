package columns_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/columns"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// row is a value of every type.
type row struct {
	Text     *string
	Bytea    []byte
	Bigint   int64
	Integer  int32
	Smallint int16
	Boolean  bool
	At       *time.Time
}

// The database must receive what pgx itself would send.
func TestColumnsAreEncodedAsByPgx(t *testing.T) {
	t.Parallel()
	conn, err := pgtest.Pool(t).Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	for range 2 { // the second time changes nothing
		require.NoError(t, columns.Register(conn.Conn()))
	}
	word, at := "联卡 \"quoted\", {braced}", time.Date(1999, time.December, 31, 23, 59, 59, 999_999_000, time.UTC)
	for name, want := range map[string][]row{
		"none": {},
		"one":  {{Text: &word, Bytea: []byte{0, 255}, Bigint: -1, Integer: -2, Smallint: -3, Boolean: true, At: &at}},
		"many": {
			{Text: &word, Bytea: []byte{}, Bigint: 1<<63 - 1, Integer: 1<<31 - 1, Smallint: 1<<15 - 1, At: &at},
			{Bytea: []byte("x"), Bigint: -1 << 63, Integer: -1 << 31, Smallint: -1 << 15, Boolean: true},
			{Text: &word, Bytea: []byte{1}, At: &at},
		},
	} {
		text, bytea, bigint, integer := columns.Text(), columns.Bytea(), columns.Bigint(), columns.Integer()
		smallint, boolean, instant := columns.Smallint(), columns.Boolean(), columns.Timestamptz()
		for _, r := range want {
			if r.Text != nil {
				text.Text(*r.Text)
			} else {
				text.Null()
			}
			bytea.Bytes(r.Bytea)
			bigint.Bigint(r.Bigint)
			integer.Integer(r.Integer)
			smallint.Smallint(r.Smallint)
			boolean.Boolean(r.Boolean)
			if r.At != nil {
				instant.Instant(*r.At)
			} else {
				instant.Instant(time.Time{})
			}
		}
		require.Equal(t, len(want), text.Rows())
		rows, err := conn.Query(t.Context(), `
			SELECT * FROM unnest($1::text[], $2::bytea[], $3::bigint[], $4::integer[], $5::smallint[], $6::boolean[], $7::timestamptz[])`,
			&text, &bytea, &bigint, &integer, &smallint, &boolean, &instant)
		require.NoError(t, err)
		got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
		require.NoError(t, err, name)
		require.Len(t, got, len(want), name)
		for i := range got {
			if got[i].At != nil {
				utc := got[i].At.UTC()
				got[i].At = &utc
			}
		}
		if len(want) > 0 {
			require.Equal(t, want, got, name)
		}
	}
	// Slices go on as before, and a column of another type is an error.
	var n int
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT cardinality($1::bigint[])`, []int64{1, 2}).Scan(&n))
	require.Equal(t, 2, n)
	wrong := columns.Text()
	require.Error(t, conn.QueryRow(t.Context(), `SELECT cardinality($1::bigint[])`, &wrong).Scan(&n))
}
