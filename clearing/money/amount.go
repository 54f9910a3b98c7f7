package money

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// MaxMinor is the largest amount that may enter from outside, in minor units
// (10^15: ten trillion yuan). It keeps sums of many amounts within int64.
const MaxMinor = 1_000_000_000_000_000

var (
	// ErrSyntax: the text is not ASCII digits with at most one point between
	// digits.
	ErrSyntax = errors.New("not an amount: write digits with at most one point between them, such as 12.50")
	// ErrDecimals: the text has more decimals than the currency.
	ErrDecimals = errors.New("more decimals than the currency has")
	// ErrTooLarge: the amount is above MaxMinor.
	ErrTooLarge = errors.New("larger than 10^15 minor units")
	// ErrOverflow: a result does not fit 64 bits of minor units.
	ErrOverflow = errors.New("the result does not fit 64 bits of minor units")
	// ErrCurrency: two amounts of different currencies were combined.
	ErrCurrency = errors.New("amounts of different currencies")
)

// Amount is a signed amount of money in whole minor units of a currency. It is comparable
// with ==. The zero value has no currency and is only a placeholder.
type Amount struct {
	minor    int64
	currency Currency
}

// Parse reads a decimal string in major units, such as "12.50" for CNY: ASCII
// digits with at most one point between digits, no more decimals than the
// currency has, at most MaxMinor. Errors are ErrSyntax, ErrDecimals and
// ErrTooLarge, wrapped with the text.
func Parse(text string, c Currency) (Amount, error) {
	minor, err := parseMinor(text, int(c.digits))
	if err != nil {
		return Amount{}, fmt.Errorf("%q: %w", clip(text), err)
	}
	return Amount{minor, c}, nil
}

func parseMinor(text string, digits int) (int64, error) {
	whole, fraction, pointed := strings.Cut(text, ".")
	if !allDigits(whole) || (pointed && !allDigits(fraction)) {
		return 0, ErrSyntax
	}
	if len(fraction) > digits {
		return 0, ErrDecimals
	}
	var minor int64
	for _, part := range []string{whole, fraction} {
		for i := range len(part) {
			minor = minor*10 + int64(part[i]-'0')
			if minor > MaxMinor {
				return 0, ErrTooLarge
			}
		}
	}
	for range digits - len(fraction) {
		minor *= 10
		if minor > MaxMinor {
			return 0, ErrTooLarge
		}
	}
	return minor, nil
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// clip keeps an error message short when the offending text is not.
func clip(text string) string {
	const most = 40
	if len(text) <= most {
		return text
	}
	return text[:most] + "…"
}

// Minor returns the amount in minor units.
func (a Amount) Minor() int64 { return a.minor }

// Currency returns the currency of the amount.
func (a Amount) Currency() Currency { return a.currency }

// Sign returns -1, 0 or +1.
func (a Amount) Sign() int {
	switch {
	case a.minor < 0:
		return -1
	case a.minor > 0:
		return 1
	}
	return 0
}

// IsZero reports whether the amount is zero, of whatever currency.
func (a Amount) IsZero() bool { return a.minor == 0 }

// String returns the amount in major units with exactly the decimals of its
// currency: "-12.50", "0.00", "100" for JPY.
func (a Amount) String() string {
	return string(a.append(make([]byte, 0, 24)))
}

func (a Amount) append(b []byte) []byte {
	magnitude := uint64(a.minor)
	if a.minor < 0 {
		b = append(b, '-')
		magnitude = -magnitude
	}
	digits := int(a.currency.digits)
	start := len(b)
	b = strconv.AppendUint(b, magnitude, 10)
	if digits == 0 {
		return b
	}
	for len(b)-start <= digits {
		b = append(b, 0)
		copy(b[start+1:], b[start:])
		b[start] = '0'
	}
	b = append(b, 0)
	point := len(b) - 1 - digits
	copy(b[point+1:], b[point:])
	b[point] = '.'
	return b
}

// MarshalText writes the decimal string of String.
func (a Amount) MarshalText() ([]byte, error) { return a.append(nil), nil }

// Cmp compares two amounts of one currency: -1, 0 or +1.
func (a Amount) Cmp(b Amount) int {
	switch {
	case a.minor < b.minor:
		return -1
	case a.minor > b.minor:
		return 1
	}
	return 0
}

// Neg returns -a. The one amount without a negative, the most negative int64,
// can't be made by this package's operations on parsed amounts.
func (a Amount) Neg() Amount { return Amount{-a.minor, a.currency} }

// Abs returns the absolute value of the amount.
func (a Amount) Abs() Amount {
	if a.minor < 0 {
		return a.Neg()
	}
	return a
}

// Add returns a + b, or ErrOverflow or ErrCurrency.
func (a Amount) Add(b Amount) (Amount, error) {
	if a.currency != b.currency {
		return Amount{}, ErrCurrency
	}
	sum := a.minor + b.minor
	if (sum > a.minor) != (b.minor > 0) && b.minor != 0 {
		return Amount{}, ErrOverflow
	}
	if sum == math.MinInt64 {
		return Amount{}, ErrOverflow
	}
	return Amount{sum, a.currency}, nil
}

// Sub returns a - b, or ErrOverflow or ErrCurrency.
func (a Amount) Sub(b Amount) (Amount, error) { return a.Add(b.Neg()) }

// Plus returns a + b where the sum is known to fit, because both are parts of one amount
// or of one balance. It panics where Add returns an error, because a wrong figure would be
// worse.
func (a Amount) Plus(b Amount) Amount {
	sum, err := a.Add(b)
	if err != nil {
		panic(fmt.Sprintf("money: %d %s + %d %s: %v", a.minor, a.currency.code, b.minor, b.currency.code, err))
	}
	return sum
}

// Minus returns a - b where the difference is known to fit. It panics as Plus does.
func (a Amount) Minus(b Amount) Amount { return a.Plus(b.Neg()) }

// Times returns a × n for a whole n, or ErrOverflow.
func (a Amount) Times(n int64) (Amount, error) {
	if n == 0 || a.minor == 0 {
		return a.currency.Zero(), nil
	}
	product := a.minor * n
	if product/n != a.minor || product == math.MinInt64 || (a.minor == -1 && n == math.MinInt64) {
		return Amount{}, ErrOverflow
	}
	return Amount{product, a.currency}, nil
}

// Share returns a × rate, rounded down to the minor unit. The amount must not
// be negative and the rate must lie in [0, 1], as [ParseRate] and the checks of
// the terms make sure; so the result is never larger than the amount.
func (a Amount) Share(rate decimal.Decimal) Amount {
	if a.minor == 0 || rate.IsZero() {
		return a.currency.Zero()
	}
	return Amount{decimal.NewFromInt(a.minor).Mul(rate).Floor().IntPart(), a.currency}
}

// Units returns how many whole units the amount buys at perMajor units for one
// major unit of the currency, rounded down: 12.50 at "2" is 25. It returns
// ErrOverflow if the count does not fit.
func (a Amount) Units(perMajor decimal.Decimal) (int64, error) {
	units := decimal.New(a.minor, -int32(a.currency.digits)).Mul(perMajor).Floor()
	if !units.BigInt().IsInt64() {
		return 0, ErrOverflow
	}
	return units.IntPart(), nil
}

// Proportion returns a × part ÷ whole, rounded down, without intermediate
// overflow. All three must not be negative, part at most whole, whole above
// zero.
func (a Amount) Proportion(part, whole Amount) Amount {
	hi, lo := bits.Mul64(uint64(a.minor), uint64(part.minor))
	quotient, _ := bits.Div64(hi, lo, uint64(whole.minor))
	return Amount{int64(quotient), a.currency}
}

// Min returns the smaller of two amounts of one currency.
func Min(a, b Amount) Amount {
	if b.minor < a.minor {
		return b
	}
	return a
}
