package postgres_test

import (
	"bufio"
	"os"
	osexec "os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/cmd/postgres"
)

// parent runs this test binary as a process that owns a cluster, and returns it with the cluster's directory and address.
func parent(t *testing.T, dir string) (cmd *osexec.Cmd, clusterDir, url string) {
	t.Helper()
	needServer(t)
	cmd = osexec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	clusterDir = lines.Text()
	require.True(t, lines.Scan(), clusterDir)
	return cmd, clusterDir, lines.Text()
}

func kill(t *testing.T, cmd *osexec.Cmd) {
	t.Helper()
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
}

func TestAKilledParentLeavesAUsableDirectory(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	dir := openDir(t)
	cmd, _, url := parent(t, dir)
	conn := connect(t, url)
	exec(t, conn, `CREATE TABLE kept AS SELECT 7 AS n`)
	pid, socket := serverPID(t, dir), socketDir(t, dir)
	kill(t, cmd)

	// At once, while the server may still be shutting down.
	c := start(t, postgres.Options{Dir: dir})
	requireGone(t, pid)
	require.NoDirExists(t, socket)
	var n int
	require.NoError(t, connect(t, c.URL("lianka")).QueryRow(t.Context(), `SELECT n FROM kept`).Scan(&n))
	require.Equal(t, 7, n)
}

func TestAKilledParentTakesItsServerAlong(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells a child of its parent's death")
	}
	dir := openDir(t)
	cmd, _, _ := parent(t, dir)
	pid := serverPID(t, dir)
	kill(t, cmd)
	requireGone(t, pid)
	start(t, postgres.Options{Dir: dir}) // clears the socket's folder away
}

// A server that outlives its parent, as on systems that don't tell it, is stopped by the next start.
func TestAnOrphanIsStopped(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	dir := openDir(t)
	require.NoError(t, start(t, postgres.Options{Dir: dir}).Stop())
	orphan := startOrphan(t, dir)
	ended := make(chan error, 1)
	go func() { ended <- orphan.Wait() }()
	require.Eventually(t, func() bool {
		note, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
		return err == nil && strings.Contains(string(note), "ready")
	}, 4*time.Minute, 10*time.Millisecond)

	c := start(t, postgres.Options{Dir: dir})
	require.NoError(t, <-ended, "it was asked politely")
	exec(t, connect(t, c.URL("lianka")), `SELECT 1`)
}

func TestAServerStartedByHandIsLeftAlone(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	dir := openDir(t)
	c := start(t, postgres.Options{Dir: dir})
	// Without the lock it is as if somebody had started the server with pg_ctl.
	require.NoError(t, os.Remove(filepath.Join(dir, "lianka.lock")))
	require.NoError(t, os.Remove(filepath.Join(dir, "server.lock")))

	_, err := postgres.Start(t.Context(), postgres.Options{Dir: dir})
	require.ErrorIs(t, err, postgres.ErrInUse)
	require.ErrorContains(t, err, "Lianka didn't start")
	require.NoError(t, syscall.Kill(serverPID(t, c.Dir()), 0))
}

// startOrphan runs a server as Lianka does, but such that it doesn't hear of its parent's death.
func startOrphan(t *testing.T, dir string) *osexec.Cmd {
	t.Helper()
	lock, err := os.Open(filepath.Join(dir, "server.lock"))
	require.NoError(t, err)
	require.NoError(t, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB))
	postgres, err := postgres.FindBinaries("")
	require.NoError(t, err)
	data := filepath.Join(dir, "data")
	cmd := osexec.Command(filepath.Join(postgres.Dir, "postgres"), "-D", data,
		"-c", "listen_addresses=", "-c", "unix_socket_directories="+data)
	cmd.Dir = "/"
	cmd.ExtraFiles = []*os.File{lock}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Gid: owner(t, data), Uid: owner(t, data)}}
	}
	require.NoError(t, cmd.Start())
	require.NoError(t, lock.Close())
	return cmd
}

func TestAProcessIDThatSomebodyElseHasIsNoServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	dir := openDir(t)
	c := start(t, postgres.Options{Dir: dir})
	raw, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(serverPID(t, dir), syscall.SIGKILL))
	<-c.Done()
	require.NoError(t, c.Stop())

	// The number now belongs to a process of ours, which must survive the start.
	bystander := osexec.Command("sleep", "1000")
	require.NoError(t, bystander.Start())
	t.Cleanup(func() { _ = bystander.Process.Kill(); _ = bystander.Wait() })
	_, rest, _ := strings.Cut(string(raw), "\n")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data", "postmaster.pid"),
		[]byte(strconv.Itoa(bystander.Process.Pid)+"\n"+rest), 0o600))

	start(t, postgres.Options{Dir: dir})
	require.NoError(t, syscall.Kill(bystander.Process.Pid, 0))
}
