package statement_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/statement"
	"github.com/lianka/lianka/clearing"
)

func TestStatementsAreWrittenAsEver(t *testing.T) {
	t.Parallel()
	pool, alliance := played(t, "corners")
	for party, formats := range map[string][]string{
		"cafe":             {"json", "csv", "summary.csv"},
		clearing.Organiser: {"json", "summary.csv"},
	} {
		for _, format := range formats {
			t.Run(party+"."+format, func(t *testing.T) {
				t.Parallel()
				golden := filepath.Join("testdata", "corners-2026-10-"+party+"."+format)
				got := written(t, format, load(t, pool, alliance, "2026-10", party))
				if os.Getenv("UPDATE_GOLDEN") != "" {
					require.NoError(t, os.WriteFile(golden, got, 0o600))
				}
				want, err := os.ReadFile(golden)
				require.NoError(t, err)
				require.Equal(t, string(want), string(got), "UPDATE_GOLDEN=1 go test writes the files anew")
			})
		}
	}
}

func TestTheSameStatementGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	pool, alliance := played(t, "corners")
	for _, f := range statement.Formats() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			first := written(t, f.Name, load(t, pool, alliance, "2026-10", "cafe"))
			require.NotEmpty(t, first)
			for range 5 {
				require.True(t, bytes.Equal(first, written(t, f.Name, load(t, pool, alliance, "2026-10", "cafe"))))
			}
		})
	}
}

func TestTheDatesInAFileAreTheMonthsEnd(t *testing.T) {
	t.Parallel()
	s := madeUp(t, "店", "A")
	text := string(written(t, "pdf", s))
	require.Contains(t, text, "/CreationDate (D:20261031160000)")
	require.Contains(t, text, "/ModDate (D:20261031160000)")
	properties, err := workbook(t, s).GetDocProps()
	require.NoError(t, err)
	require.Equal(t, "2026-10-31T16:00:00Z", properties.Created)
	require.Equal(t, "2026-10-31T16:00:00Z", properties.Modified)
}

func TestAnUnknownFormIsRefused(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	err := statement.Write(t.Context(), &b, "docx", madeUp(t, "店"))
	require.ErrorIs(t, err, statement.ErrFormat)
	require.ErrorContains(t, err, `"docx" is none of json, csv, summary.csv, xlsx, pdf`)
	require.Zero(t, b.Len())
}

func TestWhatGoesWrongOnTheWayIsReturned(t *testing.T) {
	t.Parallel()
	lost := errors.New("the database is gone")
	for _, f := range statement.Formats() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			s := madeUp(t, "店", "A")
			require.ErrorIs(t, statement.Write(t.Context(), full{lost}, f.Name, s), lost, "the writer's error")
			if f.Name == "summary.csv" {
				return // it reads no lines
			}
			good := s.Lines
			s.Lines = func(ctx context.Context) iter.Seq2[statement.Line, error] {
				return func(yield func(statement.Line, error) bool) {
					for line, err := range good(ctx) {
						if !yield(line, err) {
							return
						}
					}
					yield(statement.Line{}, lost)
				}
			}
			require.ErrorIs(t, statement.Write(t.Context(), io.Discard, f.Name, s), lost, "the reader's error")
		})
	}
}

// full is a writer on to which nothing goes.
type full struct{ err error }

func (f full) Write([]byte) (int, error) { return 0, f.err }

func TestJSONIsValidAndComplete(t *testing.T) {
	t.Parallel()
	for _, cards := range [][]string{nil, {"A"}, {"A", "B\x01\"</script>", "\xff"}} {
		var got struct {
			LineCount int `json:"line_count"`
			Lines     []struct{ Card string }
		}
		require.NoError(t, json.Unmarshal(written(t, "json", madeUp(t, "店\"", cards...)), &got))
		require.Equal(t, len(cards), got.LineCount)
		require.Len(t, got.Lines, len(cards))
	}
}

// nasty is what a spreadsheet would take for a formula, or a file can't hold; tame
// is what becomes of it in the cell of a table.
var (
	nasty = []string{
		"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", "＝1",
		"a\x00b", "a\x01b\x0b", "\ufffe", "a\xffb", "a,\"b\"\r\nc", "_x0041_", " pad ", "1-2=3",
	}
	tame = []string{
		"'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\ufffd=1", "'\ufffd=1", "'\ufffd=1", "'\ufffd=1", "'＝1",
		"a\ufffdb", "a\ufffdb\ufffd", "\ufffd", "a\ufffdb", "a,\"b\"\ufffd\ufffdc", "_x0041_", " pad ", "1-2=3",
	}
)

func TestTextsInCSVAreNoFormulas(t *testing.T) {
	t.Parallel()
	text := written(t, "csv", madeUp(t, "=店", nasty...))
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, len(nasty)+1)
	for i, row := range rows[1:] {
		require.Equal(t, tame[i], row[9])
		require.Equal(t, "1.00", row[14])
	}
	rows, err = csv.NewReader(bytes.NewReader(written(t, "summary.csv", madeUp(t, "=店", "A")))).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"2026-10", "shop", "CNY", "own", "shop", "'=店", "1", "1.00", "1.00"}, rows[3])
}

func TestCSVEndsItsLinesWithCRLF(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"csv", "summary.csv"} {
		text := string(written(t, format, madeUp(t, "a,\"b\"", "A", "B")))
		require.Equal(t, strings.Count(text, "\n"), strings.Count(text, "\r\n"))
		require.True(t, strings.HasSuffix(text, "\r\n"))
	}
}

func TestNegativeAmountsInCSVAreNumbers(t *testing.T) {
	t.Parallel()
	pool, alliance := played(t, "corners")
	rows, err := csv.NewReader(bytes.NewReader(written(t, "summary.csv", load(t, pool, alliance, "2026-10", "cafe")))).ReadAll()
	require.NoError(t, err)
	require.Contains(t, rows, []string{"2026-10", "cafe", "CNY", "transfer", "custody", "", "", "", "-377.64"})
}
