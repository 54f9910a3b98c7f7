package money

import "fmt"

// Currency is an ISO 4217 currency: its alphabetic code and the number of
// decimals of its minor unit (2 for CNY, 0 for JPY, 3 for KWD). It is
// comparable; the zero value is no currency.
type Currency struct {
	code   [3]byte
	digits uint8
}

// ParseCurrency returns the currency with an ISO 4217 code in capitals, with the
// decimals that ISO gives it.
func ParseCurrency(code string) (Currency, error) {
	digits, known := minorUnits[code]
	if !known {
		return Currency{}, fmt.Errorf("%q is no ISO 4217 currency code such as CNY", clip(code))
	}
	c := Currency{digits: digits}
	copy(c.code[:], code)
	return c, nil
}

// MustCurrency is ParseCurrency for constant codes. It panics where ParseCurrency returns
// an error.
func MustCurrency(code string) Currency {
	c, err := ParseCurrency(code)
	if err != nil {
		panic(err)
	}
	return c
}

// Code returns the ISO 4217 code, "CNY".
func (c Currency) Code() string { return string(c.code[:]) }

// Digits returns the number of decimals of the minor unit.
func (c Currency) Digits() int { return int(c.digits) }

// IsZero reports whether c is the zero value, which is no currency.
func (c Currency) IsZero() bool { return c == Currency{} }

// Minor returns n minor units of the currency.
func (c Currency) Minor(n int64) Amount { return Amount{minor: n, currency: c} }

// Zero returns an amount of zero in the currency.
func (c Currency) Zero() Amount { return Amount{currency: c} }
