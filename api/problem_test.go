package api_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/merchant"
)

func TestEveryRefusalHasAProblem(t *testing.T) {
	t.Parallel()
	refusals, _ := api.ProblemCodes()
	require.Equal(t, slices.Concat(alliance.Codes(), []string{sequencer.IdempotencyConflict}, alliance.StatusCodes(), settlement.Codes()), refusals,
		"in the order in which the rule book looks")
	for _, code := range refusals {
		got, status := api.CodeOf(&clearing.Refusal{Code: code})
		require.Equal(t, code, got)
		require.Equal(t, 422, status)
	}
}

func TestEveryProblemIsExplainedInBothLanguages(t *testing.T) {
	t.Parallel()
	refusals, requests := api.ProblemCodes()
	texts := api.ProblemTexts()
	require.Len(t, texts, len(refusals)+len(requests), "no code is there twice")
	for code, of := range texts {
		require.Regexp(t, `^[a-z_]+$`, code)
		for i, text := range of {
			require.NotEmpty(t, text, code)
			require.Equal(t, i%2 == 1, strings.ContainsFunc(text, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }), "%s: %s", code, text)
		}
	}
}

// TestEveryErrorOfTheDomainIsInTheTable reads the sources: an error that is added
// to a domain package must be added to the table too.
func TestEveryErrorOfTheDomainIsInTheTable(t *testing.T) {
	t.Parallel()
	table := make(map[string]bool)
	file, err := parser.ParseFile(token.NewFileSet(), "problem_errors.go", nil, 0)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		if s, is := n.(*ast.SelectorExpr); is {
			if p, is := s.X.(*ast.Ident); is {
				table[p.Name+"."+s.Sel.Name] = true
			}
		}
		return true
	})
	found := 0
	for _, folder := range []string{"alliance", "clearing", "clearing/journal", "merchant"} {
		for _, name := range exportedErrors(t, filepath.Join("..", folder)) {
			found++
			require.True(t, table[path.Base(folder)+"."+name], "%s.%s is in no problem: add it to problem_errors.go", folder, name)
		}
	}
	require.Greater(t, found, 15)
}

// exportedErrors returns the sentinel errors that a package exports.
func exportedErrors(t *testing.T, folder string) []string {
	t.Helper()
	sources, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(t, err)
	var names []string
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
		require.NoError(t, err)
		for _, d := range file.Decls {
			group, is := d.(*ast.GenDecl)
			if !is || group.Tok != token.VAR {
				continue
			}
			for _, s := range group.Specs {
				for _, name := range s.(*ast.ValueSpec).Names {
					if strings.HasPrefix(name.Name, "Err") {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

func TestErrorsAreTranslated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err    error
		code   string
		status int
	}{
		"wrapped":        {fmt.Errorf("x: %w", alliance.ErrNoTerms), "no_terms", 409},
		"refusal":        {fmt.Errorf("x: %w", &clearing.Refusal{Code: "card_frozen"}), "card_frozen", 422},
		"field":          {&alliance.FieldError{Path: "rules.sale.seller", Reason: "is wrong"}, "invalid_document", 422},
		"busy":           {sequencer.ErrBusy, "busy", 503},
		"stopped":        {sequencer.ErrStopped, "stopping", 503},
		"unavailable":    {fmt.Errorf("%w: %w", clearing.ErrUnavailable, errors.New("dial")), "unavailable", 503},
		"shop":           {merchant.ErrShopUnknown, "not_found", 404},
		"unknown code":   {&clearing.Refusal{Code: "brand_new"}, "brand_new", 500},
		"anything else":  {errors.New("boom"), "internal_error", 500},
		"nothing at all": {nil, "internal_error", 500},
	} {
		code, status := api.CodeOf(test.err)
		require.Equal(t, test.code, code, name)
		require.Equal(t, test.status, status, name)
	}
}
