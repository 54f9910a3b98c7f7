package postgres_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/cmd/postgres"
)

// fake makes a folder with programs that only say a version.
func fake(t *testing.T, dir, version string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for _, program := range []string{"postgres", "initdb"} {
		script := "#!/bin/sh\necho '" + program + " (PostgreSQL) " + version + "'\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, program), []byte(script), 0o755))
	}
	return dir
}

func TestFindBinaries(t *testing.T) {
	t.Parallel()
	base, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	old := fake(t, base+"/old/bin", "14.1")
	fake(t, base+"/pkg/9.6/bin", "9.6.24")
	v16 := fake(t, base+"/pkg/16/bin", "16.4 (Debian 16.4-1.pgdg120+1)")
	v18 := fake(t, base+"/pkg/18/bin", "18beta1")
	v17 := fake(t, base+"/path", "17.2")
	links := base + "/links"
	require.NoError(t, os.Mkdir(links, 0o755))
	require.NoError(t, os.Symlink(v16+"/postgres", links+"/postgres"))
	clients := base + "/clients"
	require.NoError(t, os.Mkdir(clients, 0o755))
	require.NoError(t, os.WriteFile(clients+"/psql", nil, 0o755))
	pattern := base + "/pkg/*/bin"

	tests := []struct {
		name    string
		path    string
		version string
		dir     string
	}{
		{"the newest of the packages, by number", "", "18beta1", v18},
		{"PATH goes before the packages", v17, "17.2", v17},
		{"a link on PATH is followed to its folder", links, "16.4", v16},
		{"a folder of clients is passed over", clients + ":" + v17, "17.2", v17},
		{"one that is too old is passed over", old + ":/no/such/folder", "18beta1", v18},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found, err := postgres.FindIn(test.path, pattern)
			require.NoError(t, err)
			require.Equal(t, test.dir, found.Dir)
			require.Equal(t, test.version, found.Version)
		})
	}
}

func TestNoPostgreSQLSaysWhatToDo(t *testing.T) {
	t.Parallel()
	_, err := postgres.FindIn("", t.TempDir()+"/*/bin")
	var missing *postgres.NotFoundError
	require.ErrorAs(t, err, &missing)
	require.Empty(t, missing.TooOld)
	require.NotEmpty(t, missing.Searched)
	require.ErrorContains(t, err, "no PostgreSQL 15 or later found on PATH or in the folders")
	require.ErrorContains(t, err, "DATABASE_URL=postgres://")
	require.ErrorContains(t, err, "--postgres-bin")
	if missing.Install != "" {
		require.ErrorContains(t, err, missing.Install)
	}
}

func TestAnOldPostgreSQLIsRefused(t *testing.T) {
	t.Parallel()
	old := fake(t, filepath.Join(openDir(t), "bin"), "14.1 (Ubuntu 14.1-1)")
	dir := filepath.Join(openDir(t), "lianka")

	_, err := postgres.Start(t.Context(), postgres.Options{BinDir: old, Dir: dir})
	var missing *postgres.NotFoundError
	require.ErrorAs(t, err, &missing)
	require.Len(t, missing.TooOld, 1)
	require.ErrorContains(t, err, "Found PostgreSQL 14.1 in "+old+", which is too old: 15 is needed")
	require.NoDirExists(t, dir)

	_, err = postgres.FindBinaries(t.TempDir())
	require.ErrorContains(t, err, "the folder must hold the programs postgres and initdb, version 15 or later")
}
