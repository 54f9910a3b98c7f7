package money_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing/money"
)

var (
	cny = money.MustCurrency("CNY")
	jpy = money.MustCurrency("JPY")
	kwd = money.MustCurrency("KWD")
)

func TestParseAcceptsOnlyDigitsWithOnePoint(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "0.00": 0, "1": 100, "1.5": 150, "1.50": 150, "007.05": 705,
		"10000000000000.00": money.MaxMinor,
	} {
		got, err := money.Parse(text, cny)
		require.NoError(t, err, text)
		require.Equal(t, want, got.Minor(), text)
	}
	for text, want := range map[string]error{
		"": money.ErrSyntax, ".": money.ErrSyntax, ".5": money.ErrSyntax, "5.": money.ErrSyntax,
		"-1": money.ErrSyntax, "+1": money.ErrSyntax, "1e2": money.ErrSyntax, " 1": money.ErrSyntax,
		"1 ": money.ErrSyntax, "1,000": money.ErrSyntax, "1.2.3": money.ErrSyntax, "１": money.ErrSyntax,
		"NaN": money.ErrSyntax, "0x10": money.ErrSyntax, "1_000": money.ErrSyntax,
		"1.005": money.ErrDecimals, "1.000": money.ErrDecimals,
		"10000000000000.01": money.ErrTooLarge, "99999999999999999999999999": money.ErrTooLarge,
	} {
		_, err := money.Parse(text, cny)
		require.ErrorIs(t, err, want, text)
	}
}

func TestDecimalsFollowTheCurrency(t *testing.T) {
	t.Parallel()
	yen, err := money.Parse("120", jpy)
	require.NoError(t, err)
	require.Equal(t, "120", yen.String())
	_, err = money.Parse("120.0", jpy)
	require.ErrorIs(t, err, money.ErrDecimals)
	fils, err := money.Parse("0.005", kwd)
	require.NoError(t, err)
	require.Equal(t, int64(5), fils.Minor())
	require.Equal(t, "0.005", fils.String())
	for _, code := range []string{"", "cny", "RMB", "CN", "CNYY"} {
		_, err := money.ParseCurrency(code)
		require.Error(t, err, code)
	}
}

func TestStringWritesExactDecimals(t *testing.T) {
	t.Parallel()
	for minor, want := range map[int64]string{
		0: "0.00", 5: "0.05", -5: "-0.05", 100: "1.00", -12345: "-123.45",
		math.MaxInt64: "92233720368547758.07", math.MinInt64: "-92233720368547758.08",
	} {
		require.Equal(t, want, cny.Minor(minor).String())
	}
}

func TestPlusAndMinusPanicOnOverflow(t *testing.T) {
	t.Parallel()
	require.Equal(t, cny.Minor(5), cny.Minor(7).Plus(cny.Minor(-2)))
	require.Equal(t, cny.Minor(9), cny.Minor(7).Minus(cny.Minor(-2)))
	require.PanicsWithValue(t, "money: 9223372036854775807 CNY + 1 CNY: the result does not fit 64 bits of minor units",
		func() { cny.Minor(math.MaxInt64).Plus(cny.Minor(1)) })
	require.Panics(t, func() { cny.Minor(-math.MaxInt64).Minus(cny.Minor(1)) })
	require.Panics(t, func() { cny.Minor(1).Plus(jpy.Minor(1)) })
	require.Panics(t, func() { money.Amount{}.Plus(cny.Minor(1)) })
}

func TestArithmeticReportsOverflow(t *testing.T) {
	t.Parallel()
	most := cny.Minor(math.MaxInt64)
	_, err := most.Add(cny.Minor(1))
	require.ErrorIs(t, err, money.ErrOverflow)
	_, err = most.Neg().Sub(cny.Minor(2))
	require.ErrorIs(t, err, money.ErrOverflow)
	_, err = most.Times(2)
	require.ErrorIs(t, err, money.ErrOverflow)
	_, err = most.Add(jpy.Minor(1))
	require.ErrorIs(t, err, money.ErrCurrency)
	_, err = cny.Minor(money.MaxMinor).Units(decimal.RequireFromString("999999999"))
	require.ErrorIs(t, err, money.ErrOverflow)
}

func TestArithmeticAgreesWithBigIntegers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64Min(math.MinInt64+1).Draw(t, "a"), rapid.Int64Min(math.MinInt64+1).Draw(t, "b")
		check := func(want *big.Int, got money.Amount, err error) {
			if want.IsInt64() && want.Int64() != math.MinInt64 {
				require.NoError(t, err)
				require.Equal(t, want.Int64(), got.Minor())
			} else {
				require.ErrorIs(t, err, money.ErrOverflow)
			}
		}
		x, y := big.NewInt(a), big.NewInt(b)
		sum, err := cny.Minor(a).Add(cny.Minor(b))
		check(new(big.Int).Add(x, y), sum, err)
		difference, err := cny.Minor(a).Sub(cny.Minor(b))
		check(new(big.Int).Sub(x, y), difference, err)
		product, err := cny.Minor(a).Times(b)
		check(new(big.Int).Mul(x, y), product, err)
	})
}

func TestSharesAreRoundedDown(t *testing.T) {
	t.Parallel()
	price := cny.Minor(19999)
	require.Equal(t, int64(1599), price.Share(decimal.RequireFromString("0.08")).Minor())
	require.Equal(t, int64(399), price.Share(decimal.RequireFromString("0.02")).Minor())
	require.Equal(t, int64(19999), price.Share(decimal.RequireFromString("1")).Minor())
	require.Equal(t, int64(0), cny.Minor(1).Share(decimal.RequireFromString("0.999999999999999999")).Minor())
	units, err := cny.Minor(1599).Units(decimal.RequireFromString("0.5"))
	require.NoError(t, err)
	require.Equal(t, int64(7), units)
	require.Equal(t, int64(33), cny.Minor(100).Proportion(cny.Minor(1), cny.Minor(3)).Minor())
	huge := cny.Minor(money.MaxMinor)
	require.Equal(t, huge, huge.Proportion(huge, huge))
}

func TestParseRateRefusesSignsAndExponents(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "-0.1", "+0.1", "1e-2", "0,1", ".1", "1.", "0.1234567890123456789", "1234567890"} {
		_, err := money.ParseRate(text)
		require.Error(t, err, text)
	}
	rate, err := money.ParseRate("0.117")
	require.NoError(t, err)
	require.Equal(t, "0.117", rate.String())
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"0", "1.00", "1.005", ".5", "5.", "10000000000000.00", "00000000000000000000000.01", "-1", "1e5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range []money.Currency{cny, jpy, kwd} {
			amount, err := money.Parse(text, c)
			if err != nil {
				continue
			}
			exact, ok := new(big.Rat).SetString(text)
			require.True(t, ok, "accepted what is no number: %q", text)
			exact.Mul(exact, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(c.Digits())), nil)))
			require.Zero(t, exact.Cmp(new(big.Rat).SetInt64(amount.Minor())), "%q", text)
			require.LessOrEqual(t, amount.Minor(), int64(money.MaxMinor))
			again, err := money.Parse(amount.String(), c)
			require.NoError(t, err)
			require.Equal(t, amount, again)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		_, _ = money.Parse("1234.56", cny)
	}
}

func BenchmarkShare(b *testing.B) {
	rate := decimal.RequireFromString("0.02")
	for b.Loop() {
		_ = cny.Minor(123456).Share(rate)
	}
}
