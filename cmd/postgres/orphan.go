package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// claimServer takes the server's lock. While a server that outlived its Lianka has it, that server is asked to stop and waited for.
// The caller holds the directory's own lock, so no living Lianka has a use for it.
func (d directory) claimServer(ctx context.Context, signals []stopSignal) (*os.File, error) {
	for _, s := range signals {
		deadline := time.Now().Add(s.timeout)
		asked := false
		for time.Now().Before(deadline) {
			f, held, err := lockFile(d.serverLock())
			if err != nil {
				return nil, err
			}
			if !held {
				return f, d.dropStalePID()
			}
			// It may not have written its process id yet, or have removed it already: then there is only waiting.
			if pid := d.postmaster(); pid > 0 && !asked {
				asked = true
				if err := syscall.Kill(pid, s.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
					return nil, fmt.Errorf("stop the PostgreSQL server left behind on %s, process %d: %w", d, pid, err)
				}
			}
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return nil, fmt.Errorf("a PostgreSQL server left behind on %s doesn't end: stop it by hand", d)
}

// postmaster returns the process id of the server that runs on this directory, or 0.
func (d directory) postmaster() int {
	pid := d.notedPID()
	if pid <= 1 || !d.isServer(pid) {
		return 0
	}
	return pid
}

// notedPID returns the process id in postmaster.pid, whoever has it today, or 0.
func (d directory) notedPID() int {
	raw, err := os.ReadFile(filepath.Join(d.data(), "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return 0
	}
	return pid
}

// isServer says whether a process is a PostgreSQL server on this directory, going by its command line.
func (d directory) isServer(pid int) bool {
	line := commandLine(pid)
	return strings.Contains(line, "postgres") && strings.Contains(line, d.data())
}

// dropStalePID removes a postmaster.pid whose number now belongs to some other process: PostgreSQL would take that for a running server and
// refuse to start, as happens in containers, where numbers are small and soon used again. It is called with the server's lock held.
func (d directory) dropStalePID() error {
	pid := d.notedPID()
	if pid <= 1 || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return nil
	}
	if d.isServer(pid) {
		return fmt.Errorf("a PostgreSQL server that Lianka didn't start, process %d, runs on %s: %w", pid, d, ErrInUse)
	}
	return os.Remove(filepath.Join(d.data(), "postmaster.pid"))
}
