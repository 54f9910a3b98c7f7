package export_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/export"
)

func TestDocumentationShowsTheOutput(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	document, err := os.ReadFile(filepath.Join("..", "..", "docs", "accounting.md"))
	require.NoError(t, err)
	b := playScenario(t, "story")
	plain := b.journal(export.Selection{Format: export.Hledger})
	shown := plain + b.journal(export.Selection{Format: export.Beancount}) + b.journal(export.Selection{Format: export.Hledger, Merchant: "gym"})
	excerpts := regexp.MustCompile("(?s)```text\n(.*?)```").FindAllStringSubmatch(string(document), -1)
	require.Len(t, excerpts, 4)
	for _, e := range excerpts {
		require.Contains(t, shown, e[1])
	}
	program(t, "hledger")
	runs := regexp.MustCompile("(?s)\\$ hledger -f story/journal.hledger (balance|register) ([^\n]*)\n(.*?)```").FindAllStringSubmatch(string(document), -1)
	require.Len(t, runs, 2)
	for _, r := range runs {
		require.Equal(t, r[3], hledger(t, plain, append([]string{r[1]}, strings.Fields(r[2])...)...))
	}
}
