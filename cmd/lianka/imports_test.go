package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A layer is a folder with all below it that no other layer names, and what its code may import from outside itself.
// Imports run one way: cmd → api, jobs → alliance → merchant → clearing → clearing/ledger → clearing/money. Within clearing:
// settlement → sequencer → window → clearing. A circle's terms name its shops, so alliance knows merchant; merchant doesn't
// know alliance.
type layer struct {
	folder  string
	imports []string // layers of this module
	never   []string // packages of others: the domain knows nothing of HTTP, and api nothing of SQL
}

var (
	webPackages = []string{"net/http", "github.com/labstack/echo"}
	sqlPackages = []string{"database/sql", "github.com/jackc/pgx"}
)

// The most particular folder comes first.
var layers = []layer{
	{"clearing/money", nil, slices.Concat(webPackages, sqlPackages)},
	{"clearing/columns", nil, webPackages},
	{"clearing/recent", nil, slices.Concat(webPackages, sqlPackages)},
	{"clearing/reference", nil, slices.Concat(webPackages, sqlPackages)},
	{"clearing/bankfile", []string{"clearing/reference", "clearing/money"}, slices.Concat(webPackages, sqlPackages)},
	{"clearing/ledger", []string{"clearing/columns", "clearing/money"}, webPackages},
	{"clearing/export", []string{"clearing/window", "clearing", "clearing/ledger", "clearing/money"}, webPackages},
	{"clearing/withholding", []string{"clearing/money"}, slices.Concat(webPackages, sqlPackages)},
	{"clearing/settlement", []string{"clearing/sequencer", "clearing/window", "clearing", "clearing/bankfile", "clearing/reference", "clearing/ledger", "clearing/money"}, webPackages},
	{"clearing/sequencer", []string{"clearing/window", "clearing", "clearing/columns", "clearing/recent", "clearing/ledger"}, webPackages},
	{"clearing/window", []string{"clearing", "clearing/withholding", "clearing/ledger", "clearing/money"}, webPackages},
	{"clearing", []string{"clearing/ledger", "clearing/money"}, webPackages},
	{"alliance", []string{"merchant", "clearing/settlement", "clearing/sequencer", "clearing/window", "clearing/withholding", "clearing", "clearing/export", "clearing/columns", "clearing/recent", "clearing/ledger", "clearing/money"}, webPackages},
	{"merchant", []string{"clearing/window", "clearing", "clearing/ledger", "clearing/money"}, webPackages},
	{"api/client", nil, sqlPackages},
	{"api", []string{"alliance", "merchant", "clearing/sequencer", "clearing/window", "clearing", "clearing/settlement", "clearing/bankfile", "clearing/export", "clearing/ledger", "clearing/money"}, sqlPackages},
	{"jobs", []string{"alliance", "merchant", "clearing/sequencer", "clearing/window", "clearing", "clearing/ledger", "clearing/money", "migrations"}, webPackages},
	{"migrations/pgtest", []string{"cmd/postgres", "migrations"}, webPackages}, // for tests
	{"migrations", nil, webPackages},
	{"cmd/postgres", nil, webPackages},
	{"cmd/lianka/demo", []string{"api/client"}, sqlPackages}, // a client like any other
	{"cmd", []string{"cmd/lianka/demo", "cmd/postgres", "api", "jobs", "alliance", "merchant", "clearing/sequencer", "clearing/window", "clearing", "clearing/columns", "clearing/export", "clearing/settlement", "clearing/ledger", "clearing/money", "migrations"}, nil},
}

func layerOf(folder string) (layer, bool) {
	for _, l := range layers {
		if folder == l.folder || strings.HasPrefix(folder, l.folder+"/") {
			return l, true
		}
	}
	return layer{}, false
}

func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	const module, root = "github.com/lianka/lianka", "../.."
	files := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		// A test may use what it likes; nothing else imports it.
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		from, ok := layerOf(path.Dir(relative))
		if !ok {
			t.Errorf("%s is in none of the folders that the code is divided into", relative)
			return nil
		}
		files++
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if folder, ours := strings.CutPrefix(imported, module+"/"); ours {
				to, known := layerOf(folder)
				if !known || to.folder != from.folder && !slices.Contains(from.imports, to.folder) {
					t.Errorf("%s imports %s, which %s may not", relative, imported, from.folder)
				}
			}
			for _, never := range from.never {
				if imported == never || strings.HasPrefix(imported, never+"/") {
					t.Errorf("%s imports %s, which %s may not", relative, imported, from.folder)
				}
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.NotZero(t, files, "no code was looked at")
}
