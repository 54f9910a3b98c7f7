package bankfile_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/bankfile"
)

func TestThePageNamesEveryProfileAndProblem(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/bank-files.md")
	require.NoError(t, err)
	for _, p := range bankfile.Profiles() {
		require.Contains(t, string(page), "`"+p.Name+"`")
	}
	for _, code := range []string{
		bankfile.BadAmount, bankfile.BadDate, bankfile.OtherCurrency, bankfile.TextTooLong, bankfile.DirectionUnknown, bankfile.BatchDiffers, bankfile.BadLine,
	} {
		require.Contains(t, string(page), "| `"+code+"` |")
	}
}
