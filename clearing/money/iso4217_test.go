package money_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/money"
)

// TestMinorUnitsAreThoseOfISO reads testdata/currencies.txt: codes that a table got wrong or did not know, by their minor
// units, and codes that it had right.
func TestMinorUnitsAreThoseOfISO(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/currencies.txt")
	require.NoError(t, err)
	groups := make(map[string][]string)
	for part := range strings.SplitSeq(string(text), ";") {
		name, codes, ok := strings.Cut(strings.TrimSpace(part), ":")
		require.True(t, ok, part)
		groups[name] = regexp.MustCompile(`[A-Z]{3}`).FindAllString(codes, -1)
	}
	digits := func(code string) int {
		c, err := money.ParseCurrency(code)
		require.NoError(t, err, code)
		require.Equal(t, code, c.Code())
		return c.Digits()
	}
	require.Len(t, groups["ISO 2, product 0"], 20)
	for _, code := range groups["ISO 2, product 0"] {
		require.Equal(t, 2, digits(code), code)
	}
	for _, code := range groups["ISO 3, product 0"] {
		require.Equal(t, 3, digits(code), code)
	}
	for code, want := range map[string]int{"MRU": 2, "UYW": 4} {
		require.Contains(t, groups["unknown"], code)
		require.Equal(t, want, digits(code), code)
	}
	others := map[string]int{
		"ISK": 0, "CLP": 0, "JPY": 0, "KRW": 0, "VND": 0, "UGX": 0, "XAF": 0, "XOF": 0, "PYG": 0, "RWF": 0, "GNF": 0, "DJF": 0, "KMF": 0, "BIF": 0, "VUV": 0, "XPF": 0,
		"KWD": 3, "BHD": 3, "OMR": 3, "TND": 3, "JOD": 3, "LYD": 3, "CLF": 4,
	}
	require.NotEmpty(t, groups["right"])
	for _, code := range groups["right"] {
		want, other := others[code]
		if !other {
			want = 2
		}
		require.Equal(t, want, digits(code), code)
	}
	for _, code := range []string{"XXX", "XTS", "XAU", "XDR", "DEM", "RMB", "cny", " CNY", "CNY ", "ＣＮＹ"} {
		_, err := money.ParseCurrency(code)
		require.Error(t, err, code)
	}
}
