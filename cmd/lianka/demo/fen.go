package demo

import (
	"fmt"
	"strconv"
	"strings"
)

// fen is an amount in hundredths of the circle's currency, which has two decimals.
type fen int64

// yuan is a hundred fen.
const yuan fen = 100

// parseFen reads an amount as the API writes it, such as "-12.50".
func parseFen(text string) (fen, error) {
	digits, negative := strings.CutPrefix(text, "-")
	major, minor, point := strings.Cut(digits, ".")
	number, err := strconv.ParseUint(major+minor, 10, 62)
	if err != nil || !point || len(minor) != 2 || major == "" {
		return 0, fmt.Errorf("%q is no amount with two decimals", text)
	}
	if negative {
		return -fen(number), nil
	}
	return fen(number), nil
}

// String formats an amount for the API.
func (f fen) String() string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return fmt.Sprintf("%s%d.%02d", sign, f/yuan, f%yuan)
}

// grouped formats an amount for people: 12,345.60.
func (f fen) grouped() string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return fmt.Sprintf("%s%s.%02d", sign, grouped(int64(f/yuan)), f%yuan)
}

// abs returns the absolute value of an amount.
func (f fen) abs() fen { return max(f, -f) }

// grouped formats a count, which is not negative, for people: 8,231.
func grouped(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}
