package alliance_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
)

// TestTheDocumentationWorksRefundsOutToTheCent decides the refunds that docs/rules.md shows.
func TestTheDocumentationWorksRefundsOutToTheCent(t *testing.T) {
	t.Parallel()
	text := rules(t)
	n := newUsedCard(t, alliance.AtIssue)
	for _, ground := range []alliance.Ground{alliance.GroundMember, alliance.GroundShop} {
		record, err := n.state.Decide(alliance.RefundCard{Card: "card", Ground: ground}, n.now)
		require.NoError(t, err)
		back, moved := record.Facts.Growth.Refund, fold(record.Entries)
		var row []string
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "| `"+string(ground)+"` |") {
				row = strings.Split(line, "|")
			}
		}
		require.Len(t, row, 9, ground)
		written := func(minor int64) string { return cny.Minor(minor).String() }
		require.Contains(t, row[2], "= "+written(back.Price)+" ", ground)
		require.Contains(t, row[3], " "+written(back.Value)+" ", ground)
		given := back.Price - moved[merchantOf("hotpot")] - moved[pendingOf("ann")] - share(back.Price, n.setup.Current().OrganiserShare)
		require.Equal(t, []string{
			written(moved[merchantOf("hotpot")]), written(moved[pendingOf("ann")]), written(given), written(-moved[organiser]),
		}, []string{strings.TrimSpace(row[4]), strings.TrimSpace(row[5]), strings.TrimSpace(row[6]), strings.TrimSpace(row[7])}, ground)
	}
}

func rules(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/rules.md")
	require.NoError(t, err)
	return string(text)
}
