package postgres

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// MinVersion is the oldest major version of PostgreSQL that Lianka runs on.
const MinVersion = 15

// Binaries is a folder with PostgreSQL's server programs.
type Binaries struct {
	Dir     string // the folder, links resolved
	Major   int    // such as 17
	Version string // such as "17.2"
}

// FindBinaries returns the PostgreSQL that a new data directory would be made with: the one in the folder explicit if that isn't empty, else
// the first on PATH, else the newest in the folders where packages put it. If there is none it returns a *NotFoundError.
func FindBinaries(explicit string) (Binaries, error) {
	all, err := systemSearch(explicit).run()
	if err != nil {
		return Binaries{}, err
	}
	return all[0], nil
}

// search says where to look.
type search struct {
	explicit string   // only this folder, if not empty
	path     string   // a list like $PATH
	patterns []string // folders as filepath.Glob takes them
}

func systemSearch(explicit string) search {
	return search{
		explicit: explicit,
		path:     os.Getenv("PATH"),
		patterns: []string{
			"/usr/lib/postgresql/*/bin",          // Debian, Ubuntu
			"/usr/pgsql-*/bin",                   // RPMs of the PostgreSQL project
			"/usr/libexec/postgresql*",           // Alpine
			"/opt/homebrew/opt/postgresql@*/bin", // Homebrew on Apple silicon
			"/usr/local/opt/postgresql@*/bin",    // Homebrew on Intel
			"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
			"/opt/homebrew/bin",
			"/usr/local/bin",
			"/usr/local/pgsql/bin", // built from source
		},
	}
}

// run returns every usable PostgreSQL, the preferred one first.
func (s search) run() ([]Binaries, error) {
	var usable, tooOld []Binaries
	seen := map[string]bool{}
	look := func(dir string) {
		b, ok := inspect(dir)
		if !ok || seen[b.Dir] {
			return
		}
		seen[b.Dir] = true
		if b.Major < MinVersion {
			tooOld = append(tooOld, b)
			return
		}
		usable = append(usable, b)
	}
	if s.explicit != "" {
		look(s.explicit)
	} else {
		for _, dir := range filepath.SplitList(s.path) {
			look(dir)
		}
		onPath := len(usable)
		for _, pattern := range s.patterns {
			dirs, err := filepath.Glob(pattern)
			if err != nil {
				return nil, err
			}
			for _, dir := range dirs {
				look(dir)
			}
		}
		slices.SortStableFunc(usable[onPath:], func(a, b Binaries) int { return cmp.Compare(b.Major, a.Major) })
	}
	if len(usable) == 0 {
		return nil, &NotFoundError{
			Explicit: s.explicit,
			Install:  installCommand(),
			Searched: append([]string{"PATH"}, s.patterns...),
			TooOld:   tooOld,
		}
	}
	return usable, nil
}

// inspect looks at one folder. A folder with clients only, or with a postgres that doesn't say its version, is no PostgreSQL.
func inspect(dir string) (Binaries, bool) {
	if !filepath.IsAbs(dir) {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return Binaries{}, false
		}
		dir = abs
	}
	// PATH often has links to the programs. PostgreSQL finds its other files from where the program really is, and a folder
	// of links may have postgres without initdb, so the links are followed first.
	postgres, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
	if err != nil {
		return Binaries{}, false
	}
	if own := filepath.Dir(postgres); executable(filepath.Join(own, "initdb")) {
		dir = own
	}
	if !executable(filepath.Join(dir, "postgres")) || !executable(filepath.Join(dir, "initdb")) {
		return Binaries{}, false
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return Binaries{}, false
	}
	version, major, ok := parseVersion(string(out))
	return Binaries{Dir: dir, Major: major, Version: version}, ok
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// parseVersion reads what `postgres --version` prints, such as "postgres (PostgreSQL) 17.2 (Debian 17.2-1)" or "... 18beta1".
func parseVersion(s string) (version string, major int, ok bool) {
	m := regexp.MustCompile(`\(PostgreSQL\) ((\d+)\S*)`).FindStringSubmatch(s)
	if m == nil {
		return "", 0, false
	}
	major, err := strconv.Atoi(m[2])
	return m[1], major, err == nil
}
