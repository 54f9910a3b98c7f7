// Package money is the arithmetic of the clearing house: amounts in whole
// minor units of one currency, and shares of them.
//
// An [Amount] is an int64 count of minor units (fen, cents) together with its
// [Currency]. It is made from a decimal string, never from a float, and every
// operation that could leave the range of int64 says so with [ErrOverflow]
// instead of wrapping. Rates are [github.com/shopspring/decimal.Decimal]
// values, so that a rate such as 0.117 is exactly what the terms say.
//
// Rounding happens in [Amount.Share] and [Amount.Units] and nowhere else, and
// always down: what rounding leaves over belongs to the account that the rule
// book names "rest".
package money
