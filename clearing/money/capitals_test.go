package money_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lianka/lianka/clearing/money"
)

func TestYuanInCapitals(t *testing.T) {
	t.Parallel()
	cny := money.MustCurrency("CNY")
	for text, want := range map[string]string{
		"0.00": "零元整", "0.01": "壹分", "0.05": "伍分", "0.10": "壹角整", "0.50": "伍角整", "0.56": "伍角陆分",
		"1.00": "壹元整", "1.01": "壹元零壹分", "1.10": "壹元壹角整", "1.11": "壹元壹角壹分",
		"10.00": "壹拾元整", "15.00": "壹拾伍元整", "20.30": "贰拾元叁角整", "100.00": "壹佰元整", "101.00": "壹佰零壹元整", "110.00": "壹佰壹拾元整",
		"1000.00": "壹仟元整", "1001.00": "壹仟零壹元整", "1010.00": "壹仟零壹拾元整", "1100.05": "壹仟壹佰元零伍分",
		"10000.00": "壹万元整", "10001.00": "壹万零壹元整", "10100.00": "壹万零壹佰元整", "11000.00": "壹万壹仟元整",
		"100000.00": "壹拾万元整", "1000001.00": "壹佰万零壹元整", "10001000.00": "壹仟万壹仟元整", "10010001.00": "壹仟零壹万零壹元整",
		"100000000.00": "壹亿元整", "100000001.00": "壹亿零壹元整", "100010000.00": "壹亿零壹万元整", "110000000.00": "壹亿壹仟万元整",
		"1234567890.12": "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分", "1000000000000.00": "壹万亿元整", "10000000000000.00": "壹拾万亿元整",
		"1500000000001.00": "壹万伍仟亿零壹元整",
		// The examples of the central bank's rules; where they allow two forms, the shorter, and always with 整.
		"1409.50": "壹仟肆佰零玖元伍角整", "6007.14": "陆仟零柒元壹角肆分", "1680.32": "壹仟陆佰捌拾元叁角贰分",
		"107000.53": "壹拾万柒仟元伍角叁分", "16409.02": "壹万陆仟肆佰零玖元零贰分", "325.04": "叁佰贰拾伍元零肆分",
	} {
		amount, err := money.Parse(text, cny)
		require.NoError(t, err)
		require.Equal(t, "人民币"+want, amount.Capitals(), text)
		if !amount.IsZero() {
			require.Equal(t, "人民币负"+want, amount.Neg().Capitals())
		}
	}
	require.Empty(t, money.MustCurrency("EUR").Minor(100).Capitals(), "euros have no such form")
	require.NotEmpty(t, cny.Minor(-1<<63).Capitals())
}

// Reading the capitals back gives the amount: no digit is lost or in the wrong place.
func TestCapitalsReadBack(t *testing.T) {
	t.Parallel()
	cny := money.MustCurrency("CNY")
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.OneOf(rapid.Int64Range(0, money.MaxMinor), rapid.Int64Range(0, 100_000_000),
			rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]int64{0, 0, 0, 1, 9}), 15, 15), func(digits []int64) int64 {
				n := int64(0)
				for _, d := range digits {
					n = n*10 + d
				}
				return n
			})).Draw(t, "minor")
		text := cny.Minor(minor).Capitals()
		require.Equal(t, minor, readCapitals(t, text), text)
		require.NotContains(t, text, "零零")
		require.False(t, strings.Contains(text, "零元") && minor != 0, text)
	})
}

// readCapitals is an abacus: a digit waits for its place, and 万 and 亿 multiply all that
// stands before them in their part of the number.
func readCapitals(t require.TestingT, text string) int64 {
	total, part, digit := int64(0), int64(0), int64(0)
	yi := int64(0)
	for _, r := range strings.TrimPrefix(text, "人民币") {
		switch r {
		case '拾', '佰', '仟':
			part += digit * map[rune]int64{'拾': 10, '佰': 100, '仟': 1000}[r]
			digit = 0
		case '万':
			part = (part + digit) * 10_000
			total, part, digit = total+part, 0, 0
		case '亿':
			yi, total, part, digit = (total+part+digit)*100_000_000, 0, 0, 0
		case '元':
			total, part, digit, yi = (yi+total+part+digit)*100, 0, 0, 0
		case '角':
			total, digit = total+digit*10, 0
		case '分':
			total, digit = total+digit, 0
		case '整':
		default:
			at := strings.IndexRune("零壹贰叁肆伍陆柒捌玖", r)
			require.GreaterOrEqual(t, at, 0, "%c", r)
			digit = int64(at / len("零"))
		}
	}
	return total
}
