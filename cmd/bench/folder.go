package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// tmpfs and ramfs are file systems that are no disk.
const (
	tmpfs = 0x01021994
	ramfs = 0x858458f6
)

// makeFolder makes a folder for a run, in the one that is asked for or in the
// first usual one that is on a disk and has room.
func makeFolder(asked string, room int64) (string, error) {
	candidates := []string{asked}
	if asked == "" {
		candidates = []string{"/var/tmp", os.TempDir(), "."}
	}
	reason := ""
	for _, base := range candidates {
		sweep(base)
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
		case free < room:
			reason += fmt.Sprintf("; %s has %d GiB free", base, free>>30)
			continue
		}
		return makeFolderIn(base)
	}
	return "", fmt.Errorf("no folder on a disk with %d GiB free; name one with --dir%s", room>>30, reason)
}

const (
	folderPrefix = "lianka-bench-"
	ownerFile    = "owner" // with the number of the process that the folder belongs to
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
	// Started by root, PostgreSQL runs as another user, who has to get through.
	return folder, os.Chmod(folder, 0o711)
}

// sweep removes what runs that were killed have left behind; a whole run leaves
// many gigabytes.
func sweep(base string) {
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
