package withholding_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/withholding"
)

func TestLabourRemuneration(t *testing.T) {
	t.Parallel()
	cny, err := money.ParseCurrency("CNY")
	require.NoError(t, err)
	table, err := withholding.Named("cn_labour", cny)
	require.NoError(t, err)
	for income, tax := range map[string]string{
		"0.01":      "0.00",
		"800.00":    "0.00",
		"800.04":    "0.00", // 0.008 is rounded down
		"800.05":    "0.01",
		"2000.00":   "240.00",  // (2000 − 800) × 20%
		"4000.00":   "640.00",  // (4000 − 800) × 20%
		"4000.01":   "640.00",  // 4000.01 × 80% × 20%
		"25000.00":  "4000.00", // 20000 taxed × 20%
		"25000.01":  "4000.00", // 20000.008 × 30% − 2000 = 4000.0024
		"30000.00":  "5200.00", // 24000 × 30% − 2000
		"62500.00":  "13000.00",
		"62500.10":  "13000.03", // 50000.08 × 40% − 7000
		"100000.00": "25000.00", // 80000 × 40% − 7000
	} {
		amount, err := money.Parse(income, cny)
		require.NoError(t, err)
		require.Equal(t, tax, table.Of(amount).String(), "of %s", income)
	}
}

func TestWithoutATable(t *testing.T) {
	t.Parallel()
	cny, err := money.ParseCurrency("CNY")
	require.NoError(t, err)
	var none *withholding.Table
	require.True(t, none.Of(cny.Minor(200_000)).IsZero())
	_, err = withholding.Named("cn_labor", cny)
	require.EqualError(t, err, `"cn_labor" is no table of withholding; there is cn_labour`)
	usd, err := money.ParseCurrency("USD")
	require.NoError(t, err)
	_, err = withholding.Named("cn_labour", usd)
	require.EqualError(t, err, "cn_labour is for CNY, and the circle keeps its books in USD")
}
