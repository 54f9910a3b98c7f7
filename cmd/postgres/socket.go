package postgres

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

const (
	port         = "5432" // part of the socket's file name; there is no TCP
	socketPrefix = "lianka-socket-"
)

// makeSocketDir makes a short private folder for the server's socket and notes its name in the directory.
func (d directory) makeSocketDir(a account) (string, error) {
	d.removeSocketDir()
	base, err := tempBase(a)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(base, socketPrefix)
	if err != nil {
		return "", err
	}
	if err := a.own(dir); err != nil {
		_ = os.Remove(dir)
		return "", err
	}
	if err := os.WriteFile(d.socketNote(), []byte(dir+"\n"), 0o644); err != nil {
		_ = os.Remove(dir)
		return "", err
	}
	return dir, a.own(d.socketNote())
}

// tempBase is the folder for temporary files if it is short enough and the account can enter it, else /tmp.
func tempBase(a account) (string, error) {
	longest := filepath.Join(os.TempDir(), socketPrefix+"4294967295", ".s.PGSQL."+port)
	if len(longest) <= maxSocketPath && a.reach(os.TempDir()) == nil {
		return os.TempDir(), nil
	}
	if err := a.reach("/tmp"); err != nil {
		return "", fmt.Errorf("no short folder for a socket: %w", err)
	}
	return "/tmp", nil
}

// removeSocketDir removes the folder in the note, which a killed process left behind, and the note. It removes only what can be in such a folder.
func (d directory) removeSocketDir() {
	raw, err := os.ReadFile(d.socketNote())
	if err != nil {
		return
	}
	dir := strings.TrimSpace(string(raw))
	if strings.HasPrefix(filepath.Base(dir), socketPrefix) {
		_ = os.Remove(filepath.Join(dir, ".s.PGSQL."+port))
		_ = os.Remove(filepath.Join(dir, ".s.PGSQL."+port+".lock"))
		_ = os.Remove(dir)
	}
	_ = os.Remove(d.socketNote())
}

func socketURL(socket, database string) string {
	q := url.Values{"host": {socket}, "port": {port}, "sslmode": {"disable"}, "user": {Role}}
	return "postgres:///" + url.PathEscape(database) + "?" + q.Encode()
}
