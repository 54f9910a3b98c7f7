package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A line of the glossary: the word, the word in Chinese, and the package.
var glossaryLine = regexp.MustCompile("(?m)^\\| ([a-z][a-z -]*) \\| ([^|]*\\p{Han}[^|]*) \\| `([a-z/]+)` \\|")

func TestTheGlossaryIsTrue(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/glossary.md")
	require.NoError(t, err)
	lines := glossaryLine.FindAllStringSubmatch(string(page), -1)
	require.Len(t, lines, strings.Count(string(page), "\n| ")-strings.Count(string(page), "\n| word |"), "every line of the tables is read")
	require.NotEmpty(t, lines)
	words := map[string]bool{}
	for _, l := range lines {
		word, folder := l[1], l[3]
		require.False(t, words[word], "%q is explained twice", word)
		words[word] = true
		if text := packageDoc(t, folder); !regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(word)).MatchString(text) {
			t.Errorf("the documentation of %s doesn't say %q", folder, word)
		}
	}
}

// packageDoc returns the documentation of a package, its lines joined.
func packageDoc(t *testing.T, folder string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(folder), "*.go"))
	require.NoError(t, err)
	var text strings.Builder
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.PackageClauseOnly)
		require.NoError(t, err)
		text.WriteString(file.Doc.Text())
	}
	if text.Len() == 0 {
		t.Errorf("there is no package %s, or it has no documentation", folder)
	}
	return strings.Join(strings.Fields(text.String()), " ")
}
