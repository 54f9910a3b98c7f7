package main

import (
	"maps"
	"path/filepath"
	"slices"
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

// TestADatabaseOfOtherMigrationsIsRefused: whatever opens it says so, and does nothing.
func TestADatabaseOfOtherMigrationsIsRefused(t *testing.T) {
	t.Parallel()
	edited, later := pgtest.URL(t), pgtest.URL(t)
	execute(t, edited, `UPDATE goose_db_version SET checksum = 'x' WHERE version_id = 4`)
	execute(t, later, `INSERT INTO goose_db_version (version_id, is_applied, checksum) VALUES (99999, true, 'x')`)
	commands := maps.Clone(readers)
	commands["serve"] = []string{"serve", "--listen", "127.0.0.1:0"}
	commands["migrate"] = []string{"migrate"}
	commands["key issue"] = []string{"key", "issue", "riverside", "--name", "Riverside"}
	commands["key rotate"] = []string{"key", "rotate", "riverside", "key_00000000000"}
	commands["key revoke"] = []string{"key", "revoke", "riverside", "key_00000000000"}
	for name, args := range commands {
		for url, says := range map[string]string{edited: "migration 00004 in another form", later: "Run that version or a later one"} {
			code, out, errs := lianka(t, append(slices.Clone(args), "--database-url", url)...)
			require.Equal(t, exitRefused, code, "%s: %s", name, errs)
			require.Contains(t, errs, says, name)
			require.Empty(t, out, name)
		}
	}
	conn, err := pgx.Connect(t.Context(), edited)
	require.NoError(t, err)
	var circles int
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT count(*) FROM alliances`).Scan(&circles))
	require.Zero(t, circles)
	require.NoError(t, conn.Close(t.Context()))
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
