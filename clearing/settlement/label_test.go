package settlement_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/settlement"
)

// The types of transactions are found in the sources: the constants that newPosting is
// called with.
func TestEachTypeOfTransactionHasALabel(t *testing.T) {
	t.Parallel()
	constants, made := make(map[string]string), make(map[string]bool)
	files := token.NewFileSet()
	names, err := fs.Glob(os.DirFS("."), "*.go")
	require.NoError(t, err)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(files, name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, value := range n.Values {
					if text, ok := value.(*ast.BasicLit); ok && text.Kind == token.STRING {
						constants[n.Names[i].Name] = strings.Trim(text.Value, "\"")
					}
				}
			case *ast.CallExpr:
				if called, ok := n.Fun.(*ast.Ident); ok && called.Name == "newPosting" {
					argument, ok := n.Args[0].(*ast.Ident)
					require.True(t, ok)
					made[argument.Name] = true
				}
			}
			return true
		})
	}
	delete(made, "kind") // of closeDispute, which is given DisputeRefused or DisputeWithdrawn, and of lineResolved
	made["DisputeRefused"], made["DisputeWithdrawn"] = true, true
	for _, resolved := range []string{"LineMatched", "LineSuspended", "LineGivenBack", "LineTickedOff"} { // that lineResolved is given
		made[resolved] = true
	}
	labels := settlement.Labels()
	require.Len(t, labels, len(made))
	for name := range made {
		label := labels[ledger.Type(constants[name])]
		require.NotEmpty(t, label.Chinese, name)
		require.NotEmpty(t, label.English, name)
	}
}
