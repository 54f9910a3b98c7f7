package window

import (
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Payable is a member's commission that is released and not yet paid. After a clawback it
// may be below zero.
type Payable struct {
	Member string
	Amount money.Amount
}

// Payout is what a member is paid at a month-end. Tax is the part of Gross that is
// withheld.
type Payout struct {
	Member string
	Gross  money.Amount
	Tax    money.Amount
}

// Net returns what the member gets.
func (p Payout) Net() money.Amount { return p.Gross.Currency().Minor(p.Gross.Minor() - p.Tax.Minor()) }

// Payouts returns the members who are paid at a month-end, in the given order: those who are
// due more than zero and at least Policy.MinimumPayout. Tax is withheld by
// Policy.Withholding, which takes the amount as a month's income.
func Payouts(payables []Payable, policy Policy) []Payout {
	var paid []Payout
	for _, p := range payables {
		if p.Amount.Sign() > 0 && p.Amount.Cmp(policy.MinimumPayout) >= 0 {
			paid = append(paid, Payout{Member: p.Member, Gross: p.Amount, Tax: policy.Withholding.Of(p.Amount)})
		}
	}
	return paid
}

// Entries returns the entries of the payout and the tax withheld. If it counts as paid at
// once, as in a replay, it is credited to custody.
func (p Payout) Entries(atOnce bool) []ledger.Entry {
	to := ledger.Account{Kind: ledger.Payouts, Owner: p.Member}
	if atOnce {
		to = clearing.PartyAccount(clearing.Custody)
	}
	entries := []ledger.Entry{{Account: ledger.Account{Kind: ledger.CommissionPayable, Owner: p.Member}, Amount: p.Gross}}
	if !p.Net().IsZero() {
		entries = append(entries, ledger.Entry{Account: to, Amount: p.Net().Neg()})
	}
	if !p.Tax.IsZero() {
		entries = append(entries, ledger.Entry{Account: ledger.Account{Kind: ledger.WithheldTax}, Amount: p.Tax.Neg()})
	}
	return entries
}
