package main

import (
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/migrations/pgtest"
)

// readers are the commands that only read.
var readers = map[string][]string{
	"audit":    {"audit"},
	"export":   {"export", "--circle", "riverside", "--format", "csv"},
	"key list": {"key", "list", "riverside"},
}

func TestACommandThatReadsNeverMigrates(t *testing.T) {
	t.Parallel()
	empty, behind := pgtest.EmptyURL(t), pgtest.URL(t)
	execute(t, behind, `DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`)
	for name, args := range readers {
		for state, url := range map[string]string{"empty": empty, "behind": behind} {
			t.Run(name+", "+state, func(t *testing.T) {
				t.Parallel()
				before := schema(t, url)
				code, out, errs := lianka(t, append(args, "--database-url", url)...)
				require.Equal(t, exitRefused, code, errs)
				require.Contains(t, errs, "`lianka migrate`")
				require.Empty(t, out)
				require.Equal(t, before, schema(t, url))
			})
		}
	}
}

func TestMigrateMendsWhatAReaderRefuses(t *testing.T) {
	t.Parallel()
	url := pgtest.EmptyURL(t)
	code, _, errs := lianka(t, "audit", "--database-url", url)
	require.Equal(t, exitRefused, code, errs)
	code, _, errs = lianka(t, "migrate", "--database-url", url)
	require.Equal(t, exitOK, code, errs)
	code, out, errs := lianka(t, "audit", "--database-url", url)
	require.Equal(t, exitOK, code, errs)
	require.Contains(t, out, "nothing to audit")
}

func TestACommandThatReadsMakesNoPrivateCluster(t *testing.T) {
	t.Parallel()
	for name, args := range readers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := filepath.Join(t.TempDir(), "none")
			code, out, errs := lianka(t, append(args, "--data", data, "--database-url", "")...)
			require.Equal(t, exitRefused, code, errs)
			require.Contains(t, errs, "`lianka migrate`")
			require.Empty(t, out)
			require.NoDirExists(t, data)
		})
	}
}

// schema lists the migrations and tables of a database.
func schema(t *testing.T, url string) (names []string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	rows, err := conn.Query(t.Context(), `SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)
	require.NoError(t, err)
	names, err = pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	if len(names) == 0 {
		return nil
	}
	rows, err = conn.Query(t.Context(), `SELECT version_id::text FROM goose_db_version ORDER BY version_id`)
	require.NoError(t, err)
	versions, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return append(names, versions...)
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), sql)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}
