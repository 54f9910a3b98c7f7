package statement_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/statement"
	"github.com/lianka/lianka/clearing"
)

// printed returns the text of a statement's PDF as it stands on its pages.
func printed(t *testing.T, s statement.Statement) string {
	t.Helper()
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed, so what stands in a PDF can't be read; Debian has it in poppler-utils")
	}
	name := filepath.Join(t.TempDir(), "statement.pdf")
	require.NoError(t, os.WriteFile(name, written(t, "pdf", s), 0o600))
	out, err := exec.Command(program, "-layout", "-enc", "UTF-8", name, "-").CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// unspaced returns a text without blanks: where they were is pdftotext's guess.
func unspaced(text string) string { return strings.Join(strings.Fields(text), "") }

func TestAPrintedStatementSaysItAll(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	pool, alliance := played(t, "riverside")
	s := load(t, pool, alliance, "2026-10", "hotpot")
	text := printed(t, s)
	for _, want := range []string{
		"结算单", "Settlement statement", alliance.Name, s.PartyName() + " (hotpot)", "2026-10-01 00:00:00 – 2026-11-01 00:00:00",
		"期初 Opening", "本期变动 Movement", "结算 Transfer", "结转下期 Carried", "消费引流 Purchase", "存管 Custody",
		"本方会员在他店", "他方会员在本店", "入账时间 Booked",
	} {
		require.Contains(t, text, want)
	}
	pages := strings.Count(text, "\f")
	require.Greater(t, pages, 1)
	for page := 1; page <= pages; page++ {
		require.Contains(t, unspaced(text), fmt.Sprintf("第%d页/共%d页", page, pages))
	}
	for _, l := range collect(t, s) {
		amount := strings.TrimPrefix(l.Effect.String(), "-")
		if len(amount) > 6 {
			amount = amount[:len(amount)-6] + "," + amount[len(amount)-6:]
		}
		require.Regexp(t, `(?m)^.*txn_`+strconv.FormatInt(l.Seq, 10)+` .* -?`+amount+` `, text)
	}
}

func TestTheOrganisersStatementIsPrinted(t *testing.T) {
	t.Parallel()
	pool, alliance := played(t, "corners")
	text := printed(t, load(t, pool, alliance, "2026-10", clearing.Organiser))
	require.Contains(t, text, "盟主 Organiser")
	require.Contains(t, text, "345.42")
	require.Contains(t, unspaced(text), "第1页/共2页")
}

func TestWhatCantBePrintedIsSeenToBeMissing(t *testing.T) {
	t.Parallel()
	text := printed(t, madeUp(t, "龘\x00店😀", "card\x07", "\ufffe", "한"))
	require.Contains(t, text, "〓〓店〓 (shop)")
	require.Contains(t, text, "card〓")
	require.NotContains(t, text, "龘")
}

func TestALongNameEndsInAnEllipsisAndALargeAmountDoesNot(t *testing.T) {
	t.Parallel()
	s := madeUp(t, strings.Repeat("长", 80), "A")
	s.Opening = yuan(123_456_789_012_345_678)
	text := printed(t, s)
	require.Contains(t, text, "长长…")
	require.Contains(t, text, "1,234,567,890,123,456.78")
}

func TestAPrintedStatementIsSmall(t *testing.T) {
	t.Parallel()
	require.Less(t, len(written(t, "pdf", madeUp(t, "店", "A"))), 100_000, "more of the typeface is embedded than is used")
}

// A server prints for several shops at once; no document may get into another.
func TestStatementsArePrintedAtTheSameTime(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	pool, alliance := played(t, "corners")
	s := load(t, pool, alliance, "2026-10", "cafe")
	alone := written(t, "pdf", s)
	var printing sync.WaitGroup
	made := make([]bytes.Buffer, 8)
	failed := make([]error, len(made))
	for i := range made {
		printing.Go(func() { failed[i] = statement.Write(t.Context(), &made[i], "pdf", s) })
	}
	printing.Wait()
	for i := range made {
		require.NoError(t, failed[i])
		require.Equal(t, alone, made[i].Bytes())
	}
}
