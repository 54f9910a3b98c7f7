package money

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// maxRateDecimals bounds the work that a rate can cause.
const maxRateDecimals = 18

// ErrRate: the text is no rate.
var ErrRate = errors.New("not a rate: write digits with at most one point between them, such as 0.05")

// ParseRate reads a rate written like an amount, "0.05" or "1": no sign, no
// exponent, at most 18 decimals and 9 digits before the point. The caller checks whether it
// may exceed 1.
func ParseRate(text string) (decimal.Decimal, error) {
	whole, fraction, pointed := strings.Cut(text, ".")
	if !allDigits(whole) || (pointed && !allDigits(fraction)) {
		return decimal.Decimal{}, fmt.Errorf("%q: %w", clip(text), ErrRate)
	}
	if len(fraction) > maxRateDecimals || len(whole) > 9 {
		return decimal.Decimal{}, fmt.Errorf("%q: a rate has at most 9 digits before the point and %d after it", clip(text), maxRateDecimals)
	}
	return decimal.NewFromString(text)
}
