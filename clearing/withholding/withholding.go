// Package withholding computes the tax that is withheld from members' commission. The rules
// of each country are data, in tables.json: the allowance, and the brackets for the rest.
package withholding

import (
	_ "embed" // for the tables
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/lianka/lianka/clearing/money"
)

//go:embed tables.json
var tables []byte

// Table is the tax rule for one kind of monthly income in a country. It never changes. A nil
// table withholds nothing.
type Table struct {
	Name      string      `json:"-"` // cn_labour
	Title     string      `json:"title"`
	Source    string      `json:"source"`
	Currency  string      `json:"currency"`
	Allowance []Allowance `json:"allowance"` // by the income
	Brackets  []Bracket   `json:"brackets"`  // by what is taxed
}

// Allowance is the part of a month's income that is not taxed: an amount, or a share of the
// income.
type Allowance struct {
	UpTo   *decimal.Decimal `json:"up_to"` // of income, in major units, inclusive; nil: any
	Amount decimal.Decimal  `json:"amount"`
	Share  decimal.Decimal  `json:"share"`
}

// Bracket is the rate for taxable income up to a bound: the tax is taxable × rate − quick
// deduction.
type Bracket struct {
	UpTo           *decimal.Decimal `json:"up_to"` // of what is taxed, in major units, inclusive; nil: any
	Rate           decimal.Decimal  `json:"rate"`
	QuickDeduction decimal.Decimal  `json:"quick_deduction"`
}

// Named returns the table of a name for a currency. The error lists the names.
func Named(name string, currency money.Currency) (*Table, error) {
	var all map[string]*Table
	if err := json.Unmarshal(tables, &all); err != nil {
		return nil, fmt.Errorf("the tables of withholding: %w", err)
	}
	t := all[name]
	if t == nil {
		return nil, fmt.Errorf("%q is no table of withholding; there is %s", name, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	}
	if t.Currency != currency.Code() {
		return nil, fmt.Errorf("%s is for %s, and the circle keeps its books in %s", name, t.Currency, currency.Code())
	}
	t.Name = name
	return t, nil
}

// Of returns the tax on what a member earned in a month, rounded down to the minor unit. It
// is never below zero nor above the income.
func (t *Table) Of(income money.Amount) money.Amount {
	currency := income.Currency()
	if t == nil || income.Sign() <= 0 {
		return currency.Zero()
	}
	digits := int32(currency.Digits())
	whole := decimal.New(income.Minor(), -digits)
	taxed := whole
	for _, a := range t.Allowance {
		if a.UpTo == nil || whole.LessThanOrEqual(*a.UpTo) {
			taxed = whole.Sub(a.Amount).Sub(whole.Mul(a.Share))
			break
		}
	}
	if taxed.Sign() <= 0 {
		return currency.Zero()
	}
	for _, b := range t.Brackets {
		if b.UpTo == nil || taxed.LessThanOrEqual(*b.UpTo) {
			tax := taxed.Mul(b.Rate).Sub(b.QuickDeduction)
			return currency.Minor(tax.Shift(digits).Floor().IntPart())
		}
	}
	return currency.Zero()
}
