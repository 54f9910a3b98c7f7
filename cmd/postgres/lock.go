package postgres

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lockFile opens a file and takes the lock on it, without waiting. The lock belongs to the open file: it is free when every
// process that has the file open, by inheritance too, has closed it or is gone. If another has it, held is true.
func lockFile(path string) (f *os.File, held bool, err error) {
	// Closed to others: whoever can open the file can take the lock.
	f, err = os.OpenFile(path, os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, false, nil
	}
	_ = f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, true, nil
	}
	return nil, false, fmt.Errorf("lock %s: %w", path, err)
}

// isHeld reports whether a process has the lock on a file. It takes the lock for an instant to find out.
func isHeld(path string) (bool, error) {
	f, held, err := lockFile(path)
	if err == nil && !held {
		err = f.Close()
	}
	return held, err
}
