package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/cmd/postgres"
)

func TestAScratchClusterIsFastAndRemoved(t *testing.T) {
	t.Parallel()
	c := start(t, postgres.Options{Scratch: true})
	conn := connect(t, c.URL("lianka"))
	for _, setting := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		require.Equal(t, "off", show(t, conn, setting), setting)
	}
	pid, socket := serverPID(t, c.Dir()), socketDir(t, c.Dir())
	require.NoError(t, c.Stop())
	requireGone(t, pid)
	require.NoDirExists(t, c.Dir())
	require.NoDirExists(t, socket)
}

func TestWhatAKilledProcessLeftIsRemovedByTheNext(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	cmd, dir, _ := parent(t, "scratch")
	pid, socket := serverPID(t, dir), socketDir(t, dir)
	living := start(t, postgres.Options{Scratch: true})
	require.DirExists(t, dir, "its owner lives")
	kill(t, cmd)

	start(t, postgres.Options{Scratch: true})
	requireGone(t, pid)
	require.NoDirExists(t, dir)
	require.NoDirExists(t, socket)
	exec(t, connect(t, living.URL("lianka")), `SELECT 1`)
}

func TestAScratchClusterInMemory(t *testing.T) {
	t.Parallel()
	c := start(t, postgres.Options{Scratch: true, Memory: true})
	if !postgres.RoomInMemory() {
		require.NotContains(t, c.Dir(), postgres.MemoryFolder)
		t.Skip("there is no room in " + postgres.MemoryFolder)
	}
	require.Contains(t, c.Dir(), postgres.MemoryFolder)
	exec(t, connect(t, c.URL("lianka")), `SELECT 1`)
	require.NoError(t, c.Stop())
	require.NoDirExists(t, c.Dir())
}
