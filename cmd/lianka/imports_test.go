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
	pure        = slices.Concat(webPackages, sqlPackages)
)

// Groups of layers that are mostly imported together.
var (
	books       = []string{"clearing", "clearing/ledger", "clearing/message", "clearing/money"}
	monthEnd    = []string{"clearing/window", "clearing/settlement"}
	allAlliance = []string{"alliance", "alliance/audit", "alliance/feed", "alliance/people", "alliance/presentation", "alliance/referral", "alliance/scenario", "alliance/statement", "alliance/store"}
)

// The most particular folder comes first.
var layers = []layer{
	{"clearing/message", nil, pure},
	{"clearing/money", nil, pure},
	{"clearing/columns", nil, webPackages},
	{"clearing/identifier", nil, pure},
	{"clearing/recent", nil, pure},
	{"clearing/reference", nil, pure},
	{"clearing/bankfile", []string{"clearing/message", "clearing/reference", "clearing/money"}, pure},
	{"clearing/withholding", []string{"clearing/money"}, pure},
	{"clearing/ledger", []string{"clearing/columns", "clearing/money"}, webPackages},
	{"clearing/export", slices.Concat(books, []string{"clearing/window"}), webPackages},
	{"clearing/window", slices.Concat(books, []string{"clearing/withholding"}), webPackages},
	{"clearing/sequencer", slices.Concat(books, []string{"clearing/window", "clearing/columns", "clearing/recent"}), webPackages},
	{"clearing/settlement", slices.Concat(books, []string{"clearing/sequencer", "clearing/window", "clearing/bankfile", "clearing/reference"}), webPackages},
	{"clearing", []string{"clearing/ledger", "clearing/message", "clearing/money"}, webPackages},
	{"merchant", slices.Concat(books, []string{"clearing/identifier", "clearing/window"}), webPackages},
	{"alliance/presentation", books, webPackages},
	{"alliance/store", slices.Concat(books, monthEnd, []string{"alliance", "alliance/presentation", "merchant", "clearing/sequencer", "clearing/columns", "clearing/recent"}), webPackages},
	{"alliance/audit", slices.Concat(books, monthEnd, []string{"alliance", "alliance/store", "merchant"}), webPackages},
	{"alliance/statement", slices.Concat(books, monthEnd, []string{"alliance", "alliance/store", "merchant", "merchant/legal"}), webPackages},
	{"alliance/people/keyring", nil, pure},
	{"alliance/people", slices.Concat(books, []string{"alliance", "alliance/people/keyring", "alliance/store", "clearing/identifier", "clearing/settlement"}), webPackages},
	{"alliance/feed", slices.Concat(books, monthEnd, []string{"alliance", "clearing/identifier"}), webPackages},
	{"alliance/scenario", slices.Concat(books, []string{"alliance", "merchant", "clearing/identifier", "clearing/window"}), pure},
	{"alliance/referral", slices.Concat(books, []string{"alliance"}), webPackages},
	{"alliance/replay", slices.Concat(books, allAlliance, []string{"merchant", "clearing/sequencer", "clearing/window", "clearing/export"}), webPackages},
	{"alliance", slices.Concat(books, []string{"alliance/presentation", "merchant", "clearing/identifier", "clearing/window", "clearing/withholding"}), pure}, // the rules
	{"merchant/access", slices.Concat(books, []string{"merchant", "clearing/identifier", "clearing/recent"}), webPackages},
	{"merchant/attempts", []string{"clearing", "clearing/ledger"}, webPackages},
	{"merchant/legal", books, webPackages},
	{"merchant/signin", []string{"clearing", "clearing/identifier", "clearing/ledger", "clearing/message", "merchant", "merchant/access", "merchant/attempts"}, []string{"github.com/labstack/echo"}},
	{"api/spec", nil, sqlPackages},
	{"api/routes", []string{"api/spec"}, sqlPackages},
	{"api/schema", []string{"clearing/identifier", "clearing/message"}, sqlPackages},
	{"api/landing", nil, sqlPackages},
	{"api/docs", []string{"api/problem", "api/schema"}, sqlPackages},
	{"api/problem", slices.Concat(books, monthEnd, allAlliance, []string{"api/schema", "api/spec", "clearing/sequencer", "clearing/bankfile", "clearing/export", "merchant", "merchant/access", "merchant/attempts", "merchant/legal", "merchant/signin", "alliance/people/keyring"}), sqlPackages},
	{"api/client", []string{"api/spec"}, sqlPackages},
	{"api", slices.Concat(books, monthEnd, allAlliance, []string{"api/spec", "api/routes", "api/schema", "api/docs", "api/landing", "api/problem", "merchant", "merchant/access", "merchant/attempts", "merchant/legal", "merchant/signin", "clearing/sequencer", "clearing/bankfile", "clearing/export"}), sqlPackages},
	{"jobs", slices.Concat(books, monthEnd, allAlliance, []string{"merchant", "clearing/sequencer", "migrations"}), webPackages},
	{"migrations/pgtest", []string{"cmd/postgres", "migrations"}, webPackages}, // for tests
	{"migrations", nil, webPackages},
	{"cmd/postgres", nil, webPackages},
	{"cmd/lianka/demo", []string{"api/client", "api/spec"}, sqlPackages}, // a client like any other
	{"cmd", slices.Concat(books, monthEnd, allAlliance, []string{
		"cmd/lianka/demo", "cmd/postgres", "api", "jobs", "alliance/replay", "merchant", "merchant/access", "merchant/signin", "clearing/sequencer", "clearing/columns", "clearing/identifier", "clearing/export", "migrations", "alliance/people/keyring",
	}), nil},
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
