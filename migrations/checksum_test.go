package migrations_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/migrations"
	"github.com/lianka/lianka/migrations/pgtest"
)

// TestLandedMigrationsNeverChange compares the files with testdata/landed.sha256, which is written as sha256sum writes it. A new
// migration adds its line there when it lands; no line ever changes.
func TestLandedMigrationsNeverChange(t *testing.T) {
	t.Parallel()
	pinned, err := os.ReadFile("testdata/landed.sha256")
	require.NoError(t, err)
	names, err := filepath.Glob("*.sql")
	require.NoError(t, err)
	var sums strings.Builder
	for _, name := range names {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		sum := sha256.Sum256(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")))
		sums.WriteString(hex.EncodeToString(sum[:]) + "  " + name + "\n")
	}
	require.Equal(t, string(pinned), sums.String(), "a landed migration never changes: make a new one. Of a new one, add the line to testdata/landed.sha256")
}

// run executes statements on a database.
func run(t *testing.T, url string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	for _, statement := range statements {
		_, err := conn.Exec(t.Context(), statement)
		require.NoError(t, err, statement)
	}
}

// refusal returns what a database is refused for, by a check and by bringing it up to date alike.
func refusal(t *testing.T, url string) string {
	t.Helper()
	var mismatch *migrations.MismatchError
	require.ErrorAs(t, migrations.Check(t.Context(), url), &mismatch)
	said := mismatch.Error()
	require.ErrorAs(t, migrations.Up(t.Context(), url), &mismatch)
	require.Equal(t, said, mismatch.Error())
	return said
}

func TestEveryMigrationIsRecordedWithItsChecksum(t *testing.T) {
	t.Parallel()
	url := pgtest.EmptyURL(t)
	require.NoError(t, migrations.Check(t.Context(), url), "an empty database")
	require.Zero(t, tables(t, url))
	require.NoError(t, migrations.Up(t.Context(), url))
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	rows, err := conn.Query(t.Context(), `SELECT version_id FROM goose_db_version WHERE checksum IS NULL`)
	require.NoError(t, err)
	without, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	require.NoError(t, err)
	require.Equal(t, []int64{0}, without, "only goose's own row")
	require.NoError(t, migrations.Check(t.Context(), url))
}

func TestAnotherFormOfAMigrationIsRefused(t *testing.T) {
	t.Parallel()
	url := pgtest.EmptyURL(t)
	require.NoError(t, migrations.Up(t.Context(), url))
	run(t, url, `UPDATE goose_db_version SET checksum = 'x' WHERE version_id = 3`)
	said := refusal(t, url)
	require.Contains(t, said, "migration 00003 in another form")
	require.Contains(t, said, "`lianka export`")
}

func TestAQueueOfAnotherVersionIsRefused(t *testing.T) {
	t.Parallel()
	url := pgtest.EmptyURL(t)
	require.NoError(t, migrations.Up(t.Context(), url))
	run(t, url, `UPDATE goose_db_version SET checksum = 'x' WHERE version_id = 6`)
	require.Contains(t, refusal(t, url), "migration 00006 in another form")
}

func TestADatabaseOfALaterVersionIsRefused(t *testing.T) {
	t.Parallel()
	url := pgtest.EmptyURL(t)
	require.NoError(t, migrations.Up(t.Context(), url))
	run(t, url, `INSERT INTO goose_db_version (version_id, is_applied, checksum) VALUES (99999, true, 'x')`)
	require.Contains(t, refusal(t, url), "migration 99999, which this version doesn't know")
}

// unsealed returns a database as one of before the first release is: it has had some migrations, and keeps no checksums.
func unsealed(t *testing.T, through int64) string {
	t.Helper()
	url := pgtest.EmptyURL(t)
	require.NoError(t, migrations.UpTo(t.Context(), url, through))
	run(t, url, `ALTER TABLE goose_db_version DROP COLUMN checksum`)
	return url
}

func TestADatabaseWithoutChecksumsGetsThem(t *testing.T) {
	t.Parallel()
	for _, through := range migrations.UnsealedVersions() {
		url := unsealed(t, through)
		require.NoError(t, migrations.Check(t.Context(), url), through)
		require.NoError(t, migrations.Up(t.Context(), url), through)
		require.NoError(t, migrations.Check(t.Context(), url), through)
		pending, err := migrations.Pending(t.Context(), url)
		require.NoError(t, err)
		require.Zero(t, pending)
	}
}

// TestADatabaseWhoseMigrationsWereEditedIsFound changes the schema as an edit of a migration would have made it.
func TestADatabaseWhoseMigrationsWereEditedIsFound(t *testing.T) {
	t.Parallel()
	for _, edit := range []string{
		`ALTER TABLE settlements DROP COLUMN undone CASCADE`,
		`ALTER TABLE cards ADD COLUMN colour text`,
		`ALTER TABLE merchants DROP CONSTRAINT merchants_debit_cap_check`,
		`ALTER TABLE transactions DISABLE TRIGGER ALL; DROP TRIGGER transactions_append_only ON transactions`,
		`CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
		`ALTER TABLE heads ALTER COLUMN version TYPE integer`,
		`DROP TABLE due CASCADE`,
	} {
		url := unsealed(t, 9)
		run(t, url, edit)
		require.Contains(t, refusal(t, url), "the schema is not what the migrations up to 00009 make", edit)
	}
	url := unsealed(t, 9)
	run(t, url, `CREATE TABLE notes (id int)`, `CREATE INDEX mine ON cards (member)`)
	require.NoError(t, migrations.Up(t.Context(), url), "what others keep beside it is theirs")
}
