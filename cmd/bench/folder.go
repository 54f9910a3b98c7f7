package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// tmpfs and ramfs are file systems in memory.
const (
	tmpfs = 0x01021994
	ramfs = 0x858458f6
)

// makeFolder makes a folder for a run. If none is asked for, it goes into the first of
// the usual places that is on a disk and has room.
func makeFolder(asked string, need int64) (string, error) {
	candidates := []string{asked}
	if asked == "" {
		candidates = []string{"/var/tmp", os.TempDir(), "."}
	}
	reason := ""
	for _, base := range candidates {
		removeLeftovers(base)
		var system syscall.Statfs_t
		if err := syscall.Statfs(base, &system); err != nil {
			reason += fmt.Sprintf("; %s: %v", base, err)
			continue
		}
		free := int64(system.Bavail) * int64(system.Bsize) //nolint:unconvert // other systems have other types here
		kind := int64(system.Type)                         //nolint:unconvert // likewise
		switch {
		case kind == tmpfs || kind == ramfs:
			reason += fmt.Sprintf("; %s is in memory", base)
			continue
		case free < need:
			reason += fmt.Sprintf("; %s has %d GiB free", base, free>>30)
			continue
		}
		return makeFolderIn(base)
	}
	return "", fmt.Errorf("no folder on a disk with %d GiB free; name one with --dir%s", need>>30, reason)
}

const (
	folderPrefix = "lianka-bench-"
	ownerFile    = "owner" // contains the id of the process that the folder belongs to
)

func makeFolderIn(base string) (string, error) {
	base, err := filepath.Abs(base)
	if err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp(base, folderPrefix)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(folder, ownerFile), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return folder, err
	}
	// If root starts it, PostgreSQL runs as another user, who must be able to enter.
	return folder, os.Chmod(folder, 0o711)
}

// removeLeftovers removes the folders of runs that were killed, which may hold many
// gigabytes.
func removeLeftovers(base string) {
	left, err := filepath.Glob(filepath.Join(base, folderPrefix+"*"))
	if err != nil {
		return
	}
	for _, folder := range left {
		info, err := os.Lstat(folder)
		if err != nil || !info.IsDir() {
			continue
		}
		owner, err := os.ReadFile(filepath.Join(folder, ownerFile))
		if err != nil {
			continue
		}
		pid, err := strconv.Atoi(string(owner))
		if err == nil && pid > 0 && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(folder)
		}
	}
}
