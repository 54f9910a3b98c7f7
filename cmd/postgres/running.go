package postgres

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Running is how to connect to a database of a cluster that another process runs on a data directory, "" for DefaultDir. It is for
// commands that work beside a server; it doesn't tell whether the server answers. Errors: that no server has run there.
func Running(dir, database string) (string, error) {
	if dir == "" {
		var err error
		if dir, err = DefaultDir(); err != nil {
			return "", err
		}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	raw, err := os.ReadFile(directory(dir).socketNote())
	if err != nil {
		return "", fmt.Errorf("%s: no server has its socket there: %w", dir, err)
	}
	return socketURL(strings.TrimSpace(string(raw)), database), nil
}

func socketURL(socket, database string) string {
	q := url.Values{"host": {socket}, "port": {port}, "sslmode": {"disable"}, "user": {Role}}
	return "postgres:///" + url.PathEscape(database) + "?" + q.Encode()
}
