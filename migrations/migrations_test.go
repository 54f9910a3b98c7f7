package migrations_test

import (
	"context"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/migrations"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestUpAppliesEachFileOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.EmptyURL(t)
	before, err := migrations.Status(t.Context(), url)
	require.NoError(t, err)
	require.NotEmpty(t, before)
	for i, m := range before {
		require.Equal(t, int64(i+1), m.Version, "files are numbered without gaps")
		require.Zero(t, m.AppliedAt)
	}
	pending, err := migrations.Pending(t.Context(), url)
	require.NoError(t, err)
	require.Len(t, before, pending)
	require.Zero(t, tables(t, url), "asking changes nothing")

	require.NoError(t, migrations.Up(t.Context(), url))
	first, err := migrations.Status(t.Context(), url)
	require.NoError(t, err)
	for _, m := range first {
		require.NotZero(t, m.AppliedAt, m.Name)
	}
	require.NoError(t, migrations.Up(t.Context(), url))
	second, err := migrations.Status(t.Context(), url)
	require.NoError(t, err)
	require.Equal(t, first, second)
	pending, err = migrations.Pending(t.Context(), url)
	require.NoError(t, err)
	require.Zero(t, pending)
}

func TestProcessesThatStartTogetherTakeTurns(t *testing.T) {
	t.Parallel()
	url := pgtest.EmptyURL(t)
	var wait sync.WaitGroup
	errs := make(chan error, 8)
	for range cap(errs) {
		wait.Go(func() { errs <- migrations.Up(t.Context(), url) })
	}
	wait.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	var twice int
	require.NoError(t, conn.QueryRow(t.Context(), `
		SELECT count(*) FROM (SELECT version_id FROM goose_db_version GROUP BY version_id HAVING count(*) > 1) AS v`).Scan(&twice))
	require.Zero(t, twice)
}

func TestAnAddressThatIsNoneIsAnError(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, migrations.Up(t.Context(), "postgres://%%"), "migrations: ")
}

// Tables call a shop a merchant and a circle an alliance; the two other words are for
// what people read.
func TestTheSchemaSaysMerchantAndAlliance(t *testing.T) {
	t.Parallel()
	url := pgtest.EmptyURL(t)
	require.NoError(t, migrations.Up(t.Context(), url))
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	// PostgreSQL 18 names NOT NULL constraints by itself and keeps the names when a table is renamed.
	rows, err := conn.Query(t.Context(), `
		WITH named (kind, name, namespace) AS (
		    SELECT 'relation', relname, relnamespace FROM pg_class
		    UNION ALL SELECT 'column', attname, relnamespace FROM pg_attribute JOIN pg_class c ON c.oid = attrelid AND relkind IN ('r', 'v')
		    UNION ALL SELECT 'constraint', conname, connamespace FROM pg_constraint WHERE contype <> 'n'
		    UNION ALL SELECT 'function', proname, pronamespace FROM pg_proc
		    UNION ALL SELECT 'trigger', tgname, relnamespace FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal)
		SELECT kind || ' ' || name FROM named WHERE namespace = 'public'::regnamespace ORDER BY 1`)
	require.NoError(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Contains(t, names, "relation merchants")
	for _, name := range names {
		require.NotRegexp(t, "shop|circle", name)
	}
}

// tables counts the tables of a database.
func tables(t *testing.T, url string) (count int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`).Scan(&count))
	return count
}
