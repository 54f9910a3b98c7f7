package demo_test

import (
	"strings"
	"testing"

	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/cmd/lianka/demo"
)

func TestTextsFoldAtTheScreensEdge(t *testing.T) {
	t.Parallel()
	full := strings.Repeat("x", demo.Screen)
	chinese := strings.Repeat("银", demo.Screen/2)
	for name, test := range map[string]struct{ text, want string }{
		"what fits stays":          {full, full},
		"a label keeps its gap":    {"Custody      holds", "Custody      holds"},
		"a word goes below":        {full[:78] + " ab", full[:78] + "\n    ab"},
		"to the last column":       {full[:77] + " ab", full[:77] + " ab"},
		"Chinese is twice as wide": {chinese + " 行", chinese + "\n    行"},
		"a word too wide is whole": {"a " + full + " b", "a\n    " + full + "\n    b"},
		"an indent stays":          {"  a", "  a"},
		"a line's end stays":       {"a\n", "a\n"},
	} {
		require.Equal(t, test.want, demo.Fold(test.text, 4), name)
		for line := range strings.Lines(demo.Fold(test.text, 0)) {
			require.LessOrEqual(t, uniseg.StringWidth(strings.TrimSuffix(line, "\n")), demo.Screen, name)
		}
	}
}
