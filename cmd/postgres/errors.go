package postgres

import (
	"errors"
	"fmt"
	"strings"
)

// ErrInUse says that another process owns the data directory. The error that Start returns wraps it and names the directory.
var ErrInUse = errors.New("another Lianka is running on this data directory")

// ErrNoData says that nobody has made data in the directory yet. The error that Start returns wraps it and names the directory.
var ErrNoData = errors.New("there is no data in this directory yet")

// NotFoundError says that no PostgreSQL was found that is complete and new enough.
type NotFoundError struct {
	Explicit string     // the folder that was asked for, or "" if none was
	Install  string     // the command that installs PostgreSQL on this system, or "" if unknown
	Searched []string   // folders and patterns that were looked at
	TooOld   []Binaries // what was found but is older than MinVersion
}

func (e *NotFoundError) Error() string {
	var b strings.Builder
	if e.Explicit != "" && len(e.TooOld) == 0 {
		fmt.Fprintf(&b, "no PostgreSQL server in %s: the folder must hold the programs postgres and initdb, version %d or later.\n",
			e.Explicit, MinVersion)
	} else {
		fmt.Fprintf(&b, "no PostgreSQL %d or later found", MinVersion)
		if e.Explicit == "" {
			b.WriteString(" on PATH or in the folders where packages put it")
		}
		b.WriteString(".\n")
	}
	for _, old := range e.TooOld {
		fmt.Fprintf(&b, "Found PostgreSQL %s in %s, which is too old: %d is needed.\n", old.Version, old.Dir, MinVersion)
	}
	install := e.Install
	if install == "" {
		install = "your system's package for the PostgreSQL server"
	}
	b.WriteString("Do one of these:\n")
	fmt.Fprintf(&b, "  install it             %s\n", install)
	b.WriteString("  use a server you have  DATABASE_URL=postgres://user:password@host/database\n")
	b.WriteString("  say where it is        --postgres-bin /path/to/postgresql/bin")
	return b.String()
}

// VersionMismatchError says that a data directory was made by a PostgreSQL of another major version than any that was found.
type VersionMismatchError struct {
	Dir   string     // the data directory
	Found []Binaries // what is installed
	Made  int        // the major version that made the directory
}

func (e *VersionMismatchError) Error() string {
	found := make([]string, len(e.Found))
	for i, b := range e.Found {
		found[i] = b.Version + " in " + b.Dir
	}
	return fmt.Sprintf("the data in %s was made by PostgreSQL %d, which is not installed (found %s): "+
		"install version %d, or move the data with pg_upgrade, or choose another --data",
		e.Dir, e.Made, strings.Join(found, ", "), e.Made)
}

// BlockedError says that the account under which PostgreSQL must run can't reach a path, because of one folder on the way.
type BlockedError struct {
	Account  string // the account PostgreSQL runs as
	Blocking string // the folder that keeps it out
	Path     string // what it must reach
}

func (e *BlockedError) Error() string {
	return fmt.Sprintf("PostgreSQL refuses to run as root, so it is run as %s, who can't reach %s because %s is closed to others: "+
		"choose a --data (or --postgres-bin) outside of it, such as --data %s, or run Lianka as an ordinary user",
		e.Account, e.Path, e.Blocking, rootDir)
}
