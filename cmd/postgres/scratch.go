package postgres

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	scratchPrefix = "lianka-scratch-"
	memoryFolder  = "/dev/shm" // of Linux
	memoryNeeded  = 4 << 30    // bytes that are free in it: some tests write a lot
)

// makeScratch makes a temporary directory, in memory if that is asked for and has room, and takes its lock. It gets its final name only when the lock is held, so that
// another process's sweep never meets it unlocked.
func makeScratch(ctx context.Context, memory bool) (directory, *os.File, error) {
	sweepScratch(ctx)
	a, err := accountFor("")
	if err != nil {
		return "", nil, err
	}
	base, err := tempBase(a)
	if err != nil {
		return "", nil, err
	}
	if memory && roomInMemory() && a.reach(memoryFolder) == nil {
		base = memoryFolder
	}
	fresh, err := os.MkdirTemp(base, "new-"+scratchPrefix)
	if err != nil {
		return "", nil, err
	}
	discard := func(err error) (directory, *os.File, error) {
		_ = os.RemoveAll(fresh)
		return "", nil, err
	}
	if a.switched {
		if err := os.Chmod(fresh, 0o711); err != nil {
			return discard(err)
		}
	}
	f, _, err := lockFile(directory(fresh).lock())
	if err != nil {
		return discard(err)
	}
	final := filepath.Join(base, strings.TrimPrefix(filepath.Base(fresh), "new-"))
	if err := os.Rename(fresh, final); err != nil {
		_ = f.Close()
		return discard(err)
	}
	return directory(final), f, nil
}

// sweepScratch removes what killed processes left behind: directories of ours whose lock is free. What can't be removed is left for the
// next time.
func sweepScratch(ctx context.Context) {
	for _, base := range []string{os.TempDir(), "/tmp", memoryFolder} {
		left, err := filepath.Glob(filepath.Join(base, scratchPrefix+"*"))
		if err != nil {
			continue
		}
		for _, dir := range left {
			if ownedByCaller(dir) {
				directory(dir).sweep(ctx)
			}
		}
	}
}

// roomInMemory reports whether the folder that is kept in memory is there and has room.
func roomInMemory() bool {
	var stat syscall.Statfs_t
	err := syscall.Statfs(memoryFolder, &stat)
	return err == nil && stat.Bavail*uint64(stat.Bsize) >= memoryNeeded
}

// ownedByCaller says whether path is a real folder that this user made. In a shared /tmp anybody can put a folder
// with the right name, and root must not act on what is written in it.
func ownedByCaller(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// sweep removes the directory if nobody has its lock.
func (d directory) sweep(ctx context.Context) {
	f, held, err := lockFile(d.lock())
	if err != nil || held {
		return
	}
	defer func() { _ = f.Close() }()
	server, err := d.claimServer(ctx, []stopSignal{{syscall.SIGQUIT, 5 * time.Second}, {syscall.SIGKILL, 5 * time.Second}})
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	d.removeSocketDir()
	_ = os.RemoveAll(string(d))
}
