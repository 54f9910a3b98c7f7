package postgres_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/cmd/postgres"
)

// helperDir makes the test binary a parent that can be killed: it starts a cluster on the directory ("scratch" for a scratch one),
// prints where it is, and waits.
const helperDir = "LIANKA_CLUSTER_HELPER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperDir); dir != "" {
		o := postgres.Options{Dir: dir}
		if dir == "scratch" {
			o = postgres.Options{Scratch: true}
		}
		c, err := postgres.Start(context.Background(), o)
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		fmt.Println(c.Dir())
		fmt.Println(c.URL("lianka"))
		select {}
	}
	os.Exit(m.Run())
}

// needServer skips a test where the caller's server is elsewhere and PostgreSQL's programs are not here.
func needServer(t *testing.T) {
	t.Helper()
	if _, err := postgres.FindBinaries(""); err != nil && os.Getenv("DATABASE_URL") != "" {
		t.Skip("DATABASE_URL is set, and there is no PostgreSQL here to start: ", err)
	}
}

// openDir is a new folder that the server's account can enter; t.TempDir can't be entered by anybody but its maker.
func openDir(t *testing.T) string {
	t.Helper()
	needServer(t)
	dir, err := os.MkdirTemp("", "lianka-test-") //nolint:usetesting // t.TempDir is closed to the server's account
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	dir, err = filepath.EvalSymlinks(dir)
	require.NoError(t, err)
	return dir
}

func start(t *testing.T, o postgres.Options) *postgres.Cluster {
	t.Helper()
	needServer(t)
	c, err := postgres.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Stop()) })
	return c
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func exec(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	_, err := conn.Exec(t.Context(), sql)
	require.NoError(t, err)
}

func show(t *testing.T, conn *pgx.Conn, setting string) string {
	t.Helper()
	var value string
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT current_setting($1)`, setting).Scan(&value))
	return value
}

// serverPID is the process id that the server noted.
func serverPID(t *testing.T, dir string) int {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(first)
	require.NoError(t, err)
	return pid
}

func requireGone(t *testing.T, pid int) {
	t.Helper()
	require.Eventually(t, func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH }, 4*time.Minute, 10*time.Millisecond,
		"process %d still lives", pid)
}

// socketDir is the folder in the note.
func socketDir(t *testing.T, dir string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "socket"))
	require.NoError(t, err)
	return strings.TrimSpace(string(raw))
}
