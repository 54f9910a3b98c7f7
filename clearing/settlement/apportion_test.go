package settlement_test

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/settlement"
)

func TestApportionByExample(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		minor       int64
		nets, parts []int64
	}{
		{120, []int64{90, 40, 20}, []int64{72, 32, 16}},
		{2, []int64{90, 40, 20}, []int64{1, 1, 0}}, // 1.2, 0.53, 0.27
		{1, []int64{5, 5, 5}, []int64{1, 0, 0}},    // ties go to the lower code
		{2, []int64{5, 5, 5}, []int64{1, 1, 0}},
		{10, []int64{1, 1, 1}, []int64{4, 3, 3}}, // more than the nets
		{0, []int64{3, 4}, []int64{0, 0}},
		{7, []int64{0, 3}, []int64{0, 7}},
		{7, nil, []int64{}},
		{7, []int64{0}, []int64{0}}, // nobody
		{money.MaxMinor, []int64{money.MaxMinor, money.MaxMinor}, []int64{money.MaxMinor / 2, money.MaxMinor / 2}},
	} {
		require.Equal(t, c.parts, apportion(c.minor, parties(c.nets)), "%d over %v", c.minor, c.nets)
	}
}

// apportion is Apportion in minor units.
func apportion(minor int64, nets []settlement.Net) []int64 {
	parts := []int64{}
	for _, part := range settlement.Apportion(cny(minor), nets) {
		parts = append(parts, part.Minor())
	}
	return parts
}

func parties(amounts []int64) []settlement.Net {
	nets := make([]settlement.Net, len(amounts))
	for i, n := range amounts {
		nets[i] = settlement.Net{Party: fmt.Sprintf("p%02d", i), Amount: cny(n)}
	}
	return nets
}

func TestApportion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int64{3, 100, 1_000_000, money.MaxMinor}).Draw(t, "size")
		nets := parties(rapid.SliceOfN(rapid.Int64Range(1, size), 1, 12).Draw(t, "nets"))
		whole := int64(0)
		for _, n := range nets {
			whole += n.Amount.Minor()
		}
		minor := rapid.Int64Range(0, 2*whole).Draw(t, "minor")
		if rapid.Bool().Draw(t, "at most the nets") {
			minor %= whole + 1
		}
		parts := apportion(minor, nets)
		require.Len(t, parts, len(nets))
		sum := int64(0)
		byParty := make(map[string]int64)
		for i, part := range parts {
			sum += part
			byParty[nets[i].Party] = part
			exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(minor), big.NewInt(nets[i].Amount.Minor())), big.NewInt(whole))
			off := new(big.Rat).Sub(new(big.Rat).SetInt64(part), exact)
			require.Negative(t, off.Abs(off).Cmp(big.NewRat(1, 1)), "a part is less than one off its share")
			if minor <= whole {
				require.LessOrEqual(t, part, nets[i].Amount.Minor())
			}
		}
		require.Equal(t, minor, sum)
		// Who has more never gets less; of equals the lower code does not.
		for i := range nets {
			for j := range nets {
				if nets[i].Amount.Minor() > nets[j].Amount.Minor() || (nets[i].Amount == nets[j].Amount && i < j) {
					require.GreaterOrEqual(t, parts[i], parts[j])
				}
			}
		}
		shuffled := rapid.Permutation(nets).Draw(t, "shuffled")
		for i, part := range apportion(minor, shuffled) {
			require.Equal(t, byParty[shuffled[i].Party], part)
		}
	})
}
