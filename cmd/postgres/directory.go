package postgres

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// rootDir is where root's data is, on every system.
const rootDir = "/var/lib/lianka"

// DefaultDir is where a durable cluster's data is if Options.Dir is empty: /var/lib/lianka for root, else the user's own folder for application
// data.
func DefaultDir() (string, error) {
	if os.Geteuid() == 0 {
		return rootDir, nil
	}
	// The XDG rules say that a relative path is to be ignored.
	if xdg := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(xdg) {
		return filepath.Join(xdg, "lianka"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no home directory to keep the data in, choose a folder with --data: %w", err)
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "lianka"), nil
	}
	return filepath.Join(home, ".local", "share", "lianka"), nil
}

// directory is a cluster's folder. Package doc tells what is in it.
type directory string

func (d directory) data() string       { return filepath.Join(string(d), "data") }
func (d directory) lock() string       { return filepath.Join(string(d), "lianka.lock") }
func (d directory) log() string        { return filepath.Join(string(d), "postgres.log") }
func (d directory) newData() string    { return filepath.Join(string(d), "data.new") }
func (d directory) serverLock() string { return filepath.Join(string(d), "server.lock") }
func (d directory) serving() string    { return filepath.Join(string(d), "serving.lock") }
func (d directory) socketNote() string { return filepath.Join(string(d), "socket") }

// create makes the folder. Root's must be passable for the account that PostgreSQL runs as; nothing but names can be learned there,
// since PostgreSQL's own folder is closed.
func (d directory) create() error {
	if err := os.MkdirAll(filepath.Dir(string(d)), 0o755); err != nil {
		return err
	}
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	if err := os.Mkdir(string(d), mode); err != nil {
		if info, statErr := os.Stat(string(d)); statErr == nil && info.IsDir() {
			return nil
		}
		return err
	}
	// A strict umask would close it again.
	return os.Chmod(string(d), mode)
}

// madeBy returns the major version that made the data, or 0 if there is none yet.
func (d directory) madeBy() (int, error) {
	raw, err := os.ReadFile(filepath.Join(d.data(), "PG_VERSION"))
	if os.IsNotExist(err) {
		entries, err := os.ReadDir(d.data())
		if err == nil && len(entries) > 0 {
			return 0, fmt.Errorf("%s is not empty and not a PostgreSQL data directory: choose another --data", d.data())
		}
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		return 0, fmt.Errorf("%s: PG_VERSION: %w", d.data(), err)
	}
	return major, nil
}

// binariesFor returns the PostgreSQL to run this directory with, out of those that were found.
func (d directory) binariesFor(found []Binaries) (Binaries, error) {
	made, err := d.madeBy()
	if err != nil {
		return Binaries{}, err
	}
	for _, b := range found {
		if made == 0 || b.Major == made {
			return b, nil
		}
	}
	return Binaries{}, &VersionMismatchError{Dir: string(d), Found: found, Made: made}
}
