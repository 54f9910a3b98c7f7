package postgres

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// account is who the server runs as: for root an unprivileged user, else the caller.
type account struct {
	gid      uint32
	groups   []uint32
	name     string
	switched bool // the caller is root and the server is not
	uid      uint32
}

// accountFor chooses the account for a data directory, which need not exist yet.
func accountFor(data string) (account, error) {
	if os.Geteuid() != 0 {
		return account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}, nil
	}
	var stat syscall.Stat_t
	if err := syscall.Stat(data, &stat); err == nil && stat.Uid != 0 {
		if u, err := user.LookupId(strconv.FormatUint(uint64(stat.Uid), 10)); err == nil {
			return accountOf(u)
		}
		return account{gid: stat.Gid, name: fmt.Sprintf("user %d", stat.Uid), switched: true, uid: stat.Uid}, nil
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil && u.Uid != "0" {
			return accountOf(u)
		}
	}
	return account{}, fmt.Errorf("PostgreSQL doesn't run as root, and there is no user postgres or nobody to run it as")
}

func accountOf(u *user.User) (account, error) {
	ids, err := u.GroupIds()
	if err != nil {
		ids = nil // the primary group is enough to run with
	}
	a := account{name: u.Username, switched: true}
	if a.uid, err = parseID(u.Uid); err != nil {
		return account{}, err
	}
	if a.gid, err = parseID(u.Gid); err != nil {
		return account{}, err
	}
	for _, id := range ids {
		gid, err := parseID(id)
		if err != nil {
			return account{}, err
		}
		a.groups = append(a.groups, gid)
	}
	return a, nil
}

// parseID reads a user or group number. macOS writes nobody's as -2.
func parseID(s string) (uint32, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("account number %q: %w", s, err)
	}
	return uint32(n), nil
}

// attributes are those of a child process that is to be sent onDeath when this process ends, where the system can do that.
func (a account) attributes(onDeath syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a.switched {
		attr.Credential = &syscall.Credential{Gid: a.gid, Groups: a.groups, Uid: a.uid}
	}
	dieWithParent(attr, onDeath)
	return attr
}

// own gives a file or folder to the account.
func (a account) own(path string) error {
	if !a.switched {
		return nil
	}
	return os.Lchown(path, int(a.uid), int(a.gid))
}

// reach returns a *BlockedError if a folder on the way to path, or path itself, can't be entered by the account.
func (a account) reach(path string) error {
	if !a.switched {
		return nil
	}
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	var way []string
	for dir := resolved; ; dir = filepath.Dir(dir) {
		way = append(way, dir)
		if dir == filepath.Dir(dir) {
			break
		}
	}
	for _, dir := range slices.Backward(way) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return nil // nothing known against it
		}
		need := os.FileMode(0o001)
		switch {
		case stat.Uid == a.uid:
			need = 0o100
		case stat.Gid == a.gid || slices.Contains(a.groups, stat.Gid):
			need = 0o010
		}
		if info.Mode().Perm()&need == 0 {
			return &BlockedError{Account: a.name, Blocking: dir, Path: path}
		}
	}
	return nil
}
