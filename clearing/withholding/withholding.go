// Package withholding works out the tax that is kept back from members'
// commission. The rules of each country are data, in tables.json: what is free of
// tax, and the brackets of the rest.
package withholding

import (
	_ "embed" // the tables travel in the binary
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

// Table is the rule of one kind of income in a country, for what is paid in a
// month. It never changes. A nil table withholds nothing.
type Table struct {
	Name      string      `json:"-"` // cn_labour
	Title     string      `json:"title"`
	Source    string      `json:"source"`
	Currency  string      `json:"currency"`
	Allowance []Allowance `json:"allowance"` // by the income
	Brackets  []Bracket   `json:"brackets"`  // by what is taxed
}

// Allowance is what is free of tax in a month: an amount, or a share of the
// income.
type Allowance struct {
	UpTo   *decimal.Decimal `json:"up_to"` // of income, in major units, inclusive; nil: any
	Amount decimal.Decimal  `json:"amount"`
	Share  decimal.Decimal  `json:"share"`
}

// Bracket is the rate of what is taxed, up to a bound: taxed × rate − quick
// deduction.
type Bracket struct {
	UpTo           *decimal.Decimal `json:"up_to"` // of what is taxed, in major units, inclusive; nil: any
	Rate           decimal.Decimal  `json:"rate"`
	QuickDeduction decimal.Decimal  `json:"quick_deduction"`
}

// Named returns the table of a name for a currency. The error says which names
// there are.
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

// Of returns the tax on what a member earned in a month, rounded down to the minor
// unit as every share is; never below zero nor above the income.
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
