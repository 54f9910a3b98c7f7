package alliance_test

import (
	"math/big"

	"github.com/shopspring/decimal"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// deltas is what accounts move by, in minor units, debit positive. An account
// that does not move is not in it.
type deltas map[ledger.Account]int64

func (d deltas) debit(account ledger.Account, minor int64) {
	if d[account] += minor; d[account] == 0 {
		delete(d, account)
	}
}

func (d deltas) credit(account ledger.Account, minor int64) { d.debit(account, -minor) }

// rest gives an account whatever balances the others.
func (d deltas) rest(account ledger.Account) {
	var sum int64
	for _, minor := range d {
		sum += minor
	}
	d.credit(account, sum)
}

func (d deltas) add(other deltas, times int64) {
	for account, minor := range other {
		d.debit(account, times*minor)
	}
}

func (d deltas) clone() deltas {
	c := make(deltas, len(d))
	c.add(d, 1)
	return c
}

// of returns the sum over the accounts of some kinds.
func (d deltas) of(kinds ...ledger.Kind) (sum int64) {
	for account, minor := range d {
		for _, kind := range kinds {
			if account.Kind == kind {
				sum += minor
			}
		}
	}
	return sum
}

func fold(entries []ledger.Entry) deltas {
	d := make(deltas)
	for _, e := range entries {
		d.debit(e.Account, e.Amount.Minor())
	}
	return d
}

// share is the contract's rounding, worked out another way than by the code: the
// floor of a fraction of two whole numbers.
func share(minor int64, rate decimal.Decimal) int64 {
	r, ok := new(big.Rat).SetString(rate.String())
	if !ok {
		panic("no rate: " + rate.String())
	}
	r.Mul(r, new(big.Rat).SetInt64(minor))
	return new(big.Int).Div(r.Num(), r.Denom()).Int64()
}

var (
	custody    = ledger.Account{Kind: ledger.Custody}
	organiser  = ledger.Account{Kind: ledger.Organiser}
	pointsPool = ledger.Account{Kind: ledger.PointsPool}
)

func merchantOf(code string) ledger.Account { return clearing.PartyAccount(code) }
func issuerOf(code string) ledger.Account   { return ledger.Account{Kind: ledger.Issuers, Owner: code} }
func valueOf(code string) ledger.Account    { return ledger.Account{Kind: ledger.CardValue, Owner: code} }
func bonusOf(code string) ledger.Account    { return ledger.Account{Kind: ledger.CardBonus, Owner: code} }
func poolOf(code string) ledger.Account     { return ledger.Account{Kind: ledger.CardPool, Owner: code} }
func pendingOf(code string) ledger.Account {
	return ledger.Account{Kind: ledger.CommissionPending, Owner: code}
}
func payableOf(code string) ledger.Account {
	return ledger.Account{Kind: ledger.CommissionPayable, Owner: code}
}
