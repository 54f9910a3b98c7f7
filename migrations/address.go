package migrations

import (
	"net/url"
	"strings"
)

// WithDatabase returns the address of another database on the server of an
// address, for both forms that an address can have: a URL, or keywords and
// values.
func WithDatabase(address, database string) string {
	if !strings.HasPrefix(address, "postgres://") && !strings.HasPrefix(address, "postgresql://") {
		return address + " dbname=" + database // the last one counts
	}
	u, err := url.Parse(address)
	if err != nil {
		return address // who connects to it says what is wrong
	}
	u.Path, u.RawPath = "/"+database, ""
	q := u.Query()
	q.Del("database")
	q.Del("dbname")
	u.RawQuery = q.Encode()
	return u.String()
}
