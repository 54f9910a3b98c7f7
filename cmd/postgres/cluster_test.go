package postgres_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/cmd/postgres"
)

func TestDataOutlivesAStop(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	dir := filepath.Join(openDir(t), "data dir", "with", "parents")

	c := start(t, postgres.Options{Dir: dir})
	require.Equal(t, dir, c.Dir())
	conn := connect(t, c.URL("lianka"))
	exec(t, conn, `CREATE TABLE kept AS SELECT 7 AS n`)
	pid, socket := serverPID(t, dir), socketDir(t, dir)
	require.NoError(t, c.Stop())
	require.NoError(t, c.Stop(), "a second stop is nothing")
	requireGone(t, pid)
	require.NoDirExists(t, socket)
	select {
	case <-c.Done():
		t.Fatal("Done is for a server that ends by itself")
	default:
	}

	again := start(t, postgres.Options{Dir: dir})
	var n int
	require.NoError(t, connect(t, again.URL("lianka")).QueryRow(t.Context(), `SELECT n FROM kept`).Scan(&n))
	require.Equal(t, 7, n)
}

func TestADurableClusterIsDurable(t *testing.T) {
	t.Parallel()
	c := start(t, postgres.Options{Dir: openDir(t), Settings: map[string]string{"max_connections": "20"}})
	conn := connect(t, c.URL("lianka"))
	for setting, want := range map[string]string{
		"data_checksums":     "on",
		"data_directory":     filepath.Join(c.Dir(), "data"),
		"fsync":              "on",
		"full_page_writes":   "on",
		"listen_addresses":   "",
		"max_connections":    "20", // the caller's wins
		"server_encoding":    "UTF8",
		"synchronous_commit": "on",
		"timezone":           "UTC",
	} {
		require.Equal(t, want, show(t, conn, setting), setting)
	}
	var collation, role string
	require.NoError(t, conn.QueryRow(t.Context(),
		`SELECT datcollate, current_user FROM pg_database WHERE datname = current_database()`).Scan(&collation, &role))
	require.Equal(t, "C", collation)
	require.Equal(t, postgres.Role, role)
}

func TestASecondStartIsRefused(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, postgres.Options{Dir: dir})

	_, err := postgres.Start(t.Context(), postgres.Options{Dir: dir})
	require.ErrorIs(t, err, postgres.ErrInUse)
	require.ErrorContains(t, err, dir)
	exec(t, connect(t, c.URL("lianka")), `SELECT 1`)

	require.NoError(t, c.Stop())
	start(t, postgres.Options{Dir: dir})
}

func TestCtrlCDoesNotReachTheServer(t *testing.T) {
	t.Parallel()
	c := start(t, postgres.Options{Dir: openDir(t)})
	group, err := syscall.Getpgid(serverPID(t, c.Dir()))
	require.NoError(t, err)
	require.NotEqual(t, syscall.Getpgrp(), group)
}

func TestALongPathStarts(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	dir := filepath.Join(openDir(t), strings.Repeat("long", 20), strings.Repeat("longer", 20))
	c := start(t, postgres.Options{Dir: dir})
	exec(t, connect(t, c.URL("lianka")), `SELECT 1`)
}

func TestALinkedDirectoryStartsTwice(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	base := openDir(t)
	require.NoError(t, os.Mkdir(filepath.Join(base, "real"), 0o755))
	link := filepath.Join(base, "link")
	require.NoError(t, os.Symlink("real", link))
	for range 2 {
		c := start(t, postgres.Options{Dir: filepath.Join(link, "lianka")})
		require.Equal(t, filepath.Join(base, "real", "lianka"), c.Dir())
		require.NoError(t, c.Stop())
	}
}

func TestAStartThatIsCancelledLeavesNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	// Each delay ends the start at another point: before initdb, in it, while the server starts.
	for _, delayMS := range []int{0, 100, 400, 700, 1000} {
		dir := filepath.Join(openDir(t), "lianka")
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(delayMS)*time.Millisecond)
		c, err := postgres.Start(ctx, postgres.Options{Dir: dir})
		cancel()
		if err == nil {
			require.NoError(t, c.Stop())
		} else {
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}
		require.NoFileExists(t, filepath.Join(dir, "data", "postmaster.pid"))
		require.NoFileExists(t, filepath.Join(dir, "socket"))
		require.NoDirExists(t, filepath.Join(dir, "data.new"))
		start(t, postgres.Options{Dir: dir, Settings: map[string]string{"fsync": "off"}})
	}
}

func TestAServerThatEndsByItselfIsNoticed(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	c := start(t, postgres.Options{Dir: openDir(t)})
	require.NoError(t, syscall.Kill(serverPID(t, c.Dir()), syscall.SIGKILL))
	select {
	case <-c.Done():
	case <-time.After(4 * time.Minute):
		t.Fatal("not noticed")
	}
	require.NoError(t, c.Stop())

	start(t, postgres.Options{Dir: c.Dir()})
}

func TestAServerThatRefusesItsSettingsSaysWhy(t *testing.T) {
	t.Parallel()
	_, err := postgres.Start(t.Context(), postgres.Options{Dir: openDir(t), Settings: map[string]string{"max_connections": "many"}})
	require.ErrorContains(t, err, `invalid value for parameter "max_connections": "many"`)
}

func TestAFolderWithOtherThingsIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	mine := filepath.Join(dir, "data", "letter.txt")
	require.NoError(t, os.Mkdir(filepath.Dir(mine), 0o755))
	require.NoError(t, os.WriteFile(mine, []byte("dear"), 0o644))

	_, err := postgres.Start(t.Context(), postgres.Options{Dir: dir})
	require.ErrorContains(t, err, "is not empty and not a PostgreSQL data directory")
	require.FileExists(t, mine)
}

func TestAnotherMajorVersionsDataIsRefused(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "data"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data", "PG_VERSION"), []byte("99\n"), 0o644))

	_, err := postgres.Start(t.Context(), postgres.Options{Dir: dir})
	var mismatch *postgres.VersionMismatchError
	require.ErrorAs(t, err, &mismatch)
	require.Equal(t, 99, mismatch.Made)
	require.ErrorContains(t, err, "was made by PostgreSQL 99, which is not installed")
}
