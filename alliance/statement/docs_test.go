package statement_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheDocumentationQuotesWhatIsWritten(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile(filepath.Join("..", "..", "docs", "statements.md"))
	require.NoError(t, err)
	for form, files := range map[string][]string{"json": {"json"}, "csv": {"csv", "summary.csv"}} {
		var written strings.Builder
		for _, file := range files {
			text, err := os.ReadFile(filepath.Join("testdata", "corners-2026-10-cafe."+file))
			require.NoError(t, err)
			written.WriteString(strings.ReplaceAll("\n"+string(text), "\r\n", "\n"))
		}
		quotes := regexp.MustCompile("(?s)\n```"+form+"\n(.*?)```").FindAllStringSubmatch(string(document), -1)
		require.Len(t, quotes, 2, form)
		for _, quote := range quotes {
			for line := range strings.Lines(quote[1]) {
				require.Contains(t, written.String(), "\n"+line)
			}
		}
	}
}
