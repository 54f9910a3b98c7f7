package export_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/export"
)

// LIANKA_UPDATE in the environment rewrites the golden files.
func TestStoryMatchesTheGoldenFiles(t *testing.T) {
	t.Parallel()
	b := playScenario(t, "story")
	for _, merchant := range []string{"", "gym"} {
		for _, format := range export.Formats() {
			name := "circle"
			if merchant != "" {
				name = merchant
			}
			golden := filepath.Join("testdata", "story-"+name+"."+string(format))
			text := b.journal(export.Selection{Format: format, Merchant: merchant})
			if os.Getenv("LIANKA_UPDATE") != "" {
				require.NoError(t, os.WriteFile(golden, []byte(text), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), text, golden)
			require.Equal(t, text, b.journal(export.Selection{Format: format, Merchant: merchant}), "the same books are the same bytes")
		}
	}
}

// The CSVs of all months, one after the other, are the CSV of the whole.
func TestPeriodsTogetherAreTheWhole(t *testing.T) {
	t.Parallel()
	b := playScenario(t, "riverside")
	for _, merchant := range append(b.merchants(), "") {
		header, whole, _ := strings.Cut(b.journal(export.Selection{Format: export.CSV, Merchant: merchant}), "\n")
		var parts strings.Builder
		for _, period := range b.periods() {
			first, rows, _ := strings.Cut(b.journal(export.Selection{Format: export.CSV, Merchant: merchant, Period: period}), "\n")
			require.Equal(t, header, first)
			for line := range strings.Lines(rows) {
				require.Equal(t, period, strings.Split(line, ",")[2])
			}
			parts.WriteString(rows)
		}
		require.Equal(t, whole, parts.String())
		require.NotEmpty(t, whole)
	}
	require.Greater(t, len(b.periods()), 1)
}

// chart is the lines that declare the kinds of accounts, which every shop may see.
var chart = regexp.MustCompile(`(?m)^account [a-z]+:[a-z_]+(  ; type:C)?$`)

func TestMerchantSeesNothingOfOthers(t *testing.T) {
	t.Parallel()
	b := playScenario(t, "story")
	for _, format := range export.Formats() {
		// The hotpot did not sell Bo's card. It must not learn who he is, what Ann earns or what the cafe is paid.
		text := chart.ReplaceAllString(b.journal(export.Selection{Format: format, Merchant: "hotpot"}), "")
		require.NotRegexp(t, `(?i)\b(bo|ann)\b|cafe|organiser|commission|custody`, text)
		require.Regexp(t, `(?i)hotpot`, text)
		require.Regexp(t, `(?i)\bann\b`, b.journal(export.Selection{Format: format}))
	}
	// The gym sold it.
	require.Regexp(t, `\bbo\b`, b.journal(export.Selection{Format: export.CSV, Merchant: "gym"}))
}

func TestUnknownSelectionIsRefused(t *testing.T) {
	t.Parallel()
	b := playScenario(t, "story")
	_, err := export.Open(t.Context(), b.pool, b.alliance, export.Selection{Format: export.CSV, Merchant: "nowhere"})
	require.ErrorIs(t, err, export.ErrNoMerchant)
	require.ErrorContains(t, err, `"nowhere"`)
	for _, period := range []string{"2026-09", "October"} {
		_, err = export.Open(t.Context(), b.pool, b.alliance, export.Selection{Format: export.CSV, Period: period})
		require.ErrorIs(t, err, export.ErrNoPeriod)
	}
	_, err = export.ParseFormat("xml")
	require.ErrorContains(t, err, "hledger, beancount and csv")
	j, err := export.Open(t.Context(), b.pool, b.alliance, export.Selection{Format: "xml"})
	require.NoError(t, err)
	require.ErrorContains(t, j.Write(t.Context(), &bytes.Buffer{}), `"xml"`)
	require.Equal(t, "text/csv; charset=utf-8", export.CSV.MediaType())
	require.Equal(t, "text/plain; charset=utf-8", export.Hledger.MediaType())
}

func TestAllianceWithoutTransactionsHasAnEmptyJournal(t *testing.T) {
	t.Parallel()
	b := posted(t, "CNY", "UTC", nil)
	require.Equal(t, 1, strings.Count(b.journal(export.Selection{Format: export.CSV}), "\n"))
	plain, dashed := b.journal(export.Selection{Format: export.Hledger}), b.journal(export.Selection{Format: export.Beancount})
	require.NotContains(t, plain+dashed, "txn_")
	program(t, "hledger", "bean-check")
	hledger(t, plain, "check", "--strict")
	beanCheck(t, dashed)
}

// closedAfter is a writer that fails after some bytes, as a closed connection does.
type closedAfter struct{ left int }

func (c *closedAfter) Write(p []byte) (int, error) {
	if c.left -= len(p); c.left < 0 {
		return 0, os.ErrClosed
	}
	return len(p), nil
}

func TestClosedReaderEndsTheJournal(t *testing.T) {
	t.Parallel()
	b := posted(t, "CNY", "UTC", odd("CNY"))
	for _, format := range export.Formats() {
		j, err := export.Open(t.Context(), b.pool, b.alliance, export.Selection{Format: format})
		require.NoError(t, err)
		require.ErrorIs(t, j.Write(t.Context(), &closedAfter{64 << 10}), os.ErrClosed)
	}
}
