package problem_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/schema"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/attempts"
)

func codesOf(kinds []problem.Kind) []string {
	var codes []string
	for _, k := range kinds {
		codes = append(codes, k.Code)
	}
	return codes
}

func TestEveryRefusalHasAProblem(t *testing.T) {
	t.Parallel()
	refusals := codesOf(problem.Refusals())
	require.Equal(t, slices.Concat(alliance.Codes(), presentation.Codes(), []string{sequencer.IdempotencyConflict}, alliance.StatusCodes(), settlement.Codes()), refusals,
		"in the order in which the rule book looks")
	for _, code := range refusals {
		p := problem.Of(&clearing.Refusal{Code: code})
		require.Equal(t, code, p.Code)
		require.Equal(t, 422, p.Status())
	}
}

func TestEveryProblemIsExplainedInBothLanguages(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, k := range slices.Concat(problem.Refusals(), problem.Requests()) {
		require.False(t, seen[k.Code], "%s is there once", k.Code)
		seen[k.Code] = true
		require.Regexp(t, `^[a-z_]+$`, k.Code)
		for i, text := range []string{k.Title.EN, k.Title.ZH, k.Meaning.EN, k.Meaning.ZH} {
			require.NotEmpty(t, text, k.Code)
			require.Equal(t, i%2 == 1, strings.ContainsFunc(text, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }), "%s: %s", k.Code, text)
		}
	}
}

// neverAnswered are packages and errors of the domain that never reach the API, and
// why.
var neverAnswered = map[string]string{
	"identifier":          "whoever reads a code says which field is wrong",
	"money":               "the rule books turn its errors into refusals and field errors",
	"reference":           "settlement turns its errors into unknown_reference",
	"keyring.ErrNoRing":   "a server that reads no master key doesn't start",
	"keyring.ErrExposed":  "a server that reads no master key doesn't start",
	"people.ErrJournal":   "a server whose file of erasures is damaged doesn't start; an erasure says that it can't be remembered",
	"statement.ErrFormat": "the formats are an enum of the document",
}

// TestEveryErrorAndCodeOfTheDomainHasAProblem reads the sources of the domain: an
// error or a code that is added there must be added to the tables too.
func TestEveryErrorAndCodeOfTheDomainHasAProblem(t *testing.T) {
	t.Parallel()
	table := make(map[string]bool)
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		if s, is := n.(*ast.SelectorExpr); is {
			if p, is := s.X.(*ast.Ident); is {
				table[p.Name+"."+s.Sel.Name] = true
			}
		}
		return true
	})
	codes := codesOf(slices.Concat(problem.Refusals(), problem.Requests()))
	packages := make(map[string]int)
	for _, folder := range []string{"alliance", "clearing", "merchant"} {
		for name, value := range exported(t, filepath.Join("../..", folder)) {
			pkg, _, _ := strings.Cut(name, ".")
			packages[pkg]++
			if value != "" {
				require.Contains(t, codes, value, "%s is the code of no problem", name)
			} else if neverAnswered[pkg] == "" && neverAnswered[name] == "" {
				require.True(t, table[name], "%s is in no problem: add it to errors.go", name)
			}
		}
	}
	for _, pkg := range []string{"alliance", "clearing", "sequencer", "window", "export", "settlement", "merchant", "access"} {
		require.NotZero(t, packages[pkg], "nothing was found in package %s", pkg)
	}
}

// exported returns what packages export below a folder: sentinel errors, with "",
// and codes, with their values.
func exported(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := make(map[string]string)
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			group, is := d.(*ast.GenDecl)
			if !is || group.Tok != token.VAR && group.Tok != token.CONST {
				continue
			}
			for _, s := range group.Specs {
				spec := s.(*ast.ValueSpec)
				if len(spec.Values) == 0 {
					continue // declared without a value, or counted by iota: no code
				}
				for i, ident := range spec.Names {
					switch {
					case strings.HasPrefix(ident.Name, "Err") && group.Tok == token.VAR:
						found[file.Name.Name+"."+ident.Name] = ""
					case strings.HasPrefix(ident.Name, "Code") && group.Tok == token.CONST:
						literal, is := spec.Values[i].(*ast.BasicLit)
						require.True(t, is, "%s is written out", ident.Name)
						value, err := strconv.Unquote(literal.Value)
						require.NoError(t, err)
						found[file.Name.Name+"."+ident.Name] = value
					}
				}
			}
		}
		return nil
	})
	require.NoError(t, err)
	return found
}

func TestErrorsAreTranslated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err    error
		code   string
		status int
	}{
		"wrapped":         {fmt.Errorf("x: %w", alliance.ErrNoTerms), "no_terms", 409},
		"refusal":         {fmt.Errorf("x: %w", &clearing.Refusal{Code: "card_frozen"}), "card_frozen", 422},
		"field":           {&alliance.FieldError{Path: "rules.sale.seller", Reason: "is wrong"}, "invalid_document", 422},
		"schema":          {fmt.Errorf("x: %w", &schema.Error{Path: "card", Reason: "is missing"}), "invalid_request", 400},
		"denied":          {&access.DeniedError{Code: access.CodeForbidden}, "forbidden", 403},
		"denied merchant": {&access.DeniedError{Code: access.CodeForbiddenMerchant}, "forbidden_merchant", 403},
		"hidden":          {&access.DeniedError{Code: access.CodeHidden}, "not_found", 404},
		"busy":            {sequencer.ErrBusy, "busy", 503},
		"busy with keys":  {access.ErrBusy, "busy", 503},
		"tried too often": {fmt.Errorf("pin: %w", &attempts.TooManyError{}), "too_many_attempts", 429},
		"stopped":         {sequencer.ErrStopped, "stopping", 503},
		"unavailable":     {fmt.Errorf("%w: %w", clearing.ErrUnavailable, errors.New("dial")), "unavailable", 503},
		"shop":            {merchant.ErrMerchantUnknown, "not_found", 404},
		"unknown code":    {&clearing.Refusal{Code: "brand_new"}, "brand_new", 500},
		"anything else":   {errors.New("boom"), "internal_error", 500},
		"nothing at all":  {nil, "internal_error", 500},
	} {
		p := problem.Of(test.err)
		require.Equal(t, test.code, p.Code, name)
		require.Equal(t, test.status, p.Status(), name)
	}
}
