package postgres_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/cmd/postgres"
)

func owner(t *testing.T, path string) uint32 {
	t.Helper()
	var stat syscall.Stat_t
	require.NoError(t, syscall.Stat(path, &stat))
	return stat.Uid
}

func requireRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server as somebody else")
	}
}

func TestRootsServerRunsAsAnOrdinaryUser(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	requireRoot(t)
	dir := filepath.Join(openDir(t), "lianka")
	c := start(t, postgres.Options{Dir: dir})

	data := filepath.Join(dir, "data")
	require.NotZero(t, owner(t, data))
	require.Equal(t, owner(t, data), owner(t, socketDir(t, dir)))
	info, err := os.Stat(socketDir(t, dir))
	require.NoError(t, err)
	require.Equal(t, os.ModeDir|0o700, info.Mode())
	var uid string
	require.NoError(t, connect(t, c.URL("lianka")).QueryRow(t.Context(),
		`SELECT substring(pg_read_file('/proc/self/status') FROM 'Uid:\s+(\d+)')`).Scan(&uid))
	require.NotEqual(t, "0", uid)
}

func TestRootsServerRunsAsTheOwnerOfItsData(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	requireRoot(t)
	const somebody = 54321 // an account without a name
	dir := openDir(t)
	c := start(t, postgres.Options{Dir: dir})
	require.NoError(t, c.Stop())
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, somebody, somebody)
	}))

	start(t, postgres.Options{Dir: dir})
	require.Equal(t, uint32(somebody), owner(t, filepath.Join(dir, "data", "postmaster.pid")))
}

func TestRootIsToldWhichFolderIsClosed(t *testing.T) {
	t.Parallel()
	requireRoot(t)
	home := filepath.Join(openDir(t), "home")
	require.NoError(t, os.Mkdir(home, 0o700))

	_, err := postgres.Start(t.Context(), postgres.Options{Dir: filepath.Join(home, "lianka", "main")})
	var blocked *postgres.BlockedError
	require.ErrorAs(t, err, &blocked)
	require.Equal(t, home, blocked.Blocking)
	require.ErrorContains(t, err, home+" is closed to others")
	require.ErrorContains(t, err, "--data")
}
