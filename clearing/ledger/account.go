package ledger

import (
	"fmt"
	"strings"
)

// Kind is one line of the chart of accounts. The values are stored as the
// PostgreSQL enum account_kind and are the names of the trial balance.
type Kind uint8

// The chart of accounts. Kinds marked "each" have one account per owner.
const (
	_                 Kind = iota
	Allowances             // each merchant: the part of its receivable whose loss others have borne
	CardBonus              // each card: bonus value granted and not yet spent
	CardPool               // each card: what backs its passes
	CardValue              // each card: stored value bought and not yet spent
	CommissionPayable      // each member: earned and released; may turn negative
	CommissionPending      // each member: earned, not yet released
	Custody                // money held for the circle
	Deposits               // each merchant: what it lodged to cover what it may owe
	Issuers                // each seller: what it must still pay in when its cards are honoured (at_use)
	Merchants              // each merchant's clearing account
	Organiser              // the organiser's clearing account
	Payables               // each party: what it is to be paid for closed months
	Payouts                // each member: commission of closed months that is on its way
	PointsPool             // what backs the points of all cards
	Receivables            // each party: what it owes for closed months
	Suspense               // what custody's bank account shows and nobody knows yet what for
	WithheldTax            // tax withheld from commission, owed to the tax office
)

// Kinds lists the chart of accounts in the order of its names.
func Kinds() []Kind {
	kinds := make([]Kind, 0, len(kindNames)-1)
	for k := range kindNames[1:] {
		kinds = append(kinds, Kind(k+1))
	}
	return kinds
}

var kindNames = [...]string{
	"", "allowances", "card_bonus", "card_pool", "card_value", "commission_payable", "commission_pending", "custody", "deposits",
	"issuers", "merchants", "organiser", "payables", "payouts", "points_pool", "receivables", "suspense", "withheld_tax",
}

// String returns the name of the kind in the trial balance.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// ParseKind returns the kind of a name that String wrote.
func ParseKind(name string) (Kind, error) {
	for k, n := range kindNames {
		if n == name && k > 0 {
			return Kind(k), nil
		}
	}
	return 0, fmt.Errorf("%q is no account kind; they are %s", name, strings.Join(kindNames[1:], ", "))
}

// Side is debit or credit.
type Side string

// The two sides of an entry.
const (
	Debit  Side = "debit"
	Credit Side = "credit"
)

// Normal returns the side on which the balance of the kind usually is.
func (k Kind) Normal() Side {
	switch k {
	case Custody, Issuers, Receivables:
		return Debit
	}
	return Credit
}

// Account names an account of a circle: its kind and its owner's code (a
// party, card or member), empty for custody, the organiser, the points pool,
// suspense and withheld tax.
type Account struct {
	Kind  Kind
	Owner string
}

// String returns "kind" or "kind:owner".
func (a Account) String() string {
	if a.Owner == "" {
		return a.Kind.String()
	}
	return a.Kind.String() + ":" + a.Owner
}

// ParseAccount returns the account of a name that String wrote.
func ParseAccount(name string) (Account, error) {
	kind, owner, _ := strings.Cut(name, ":")
	k, err := ParseKind(kind)
	return Account{Kind: k, Owner: owner}, err
}

// Shared reports whether the account is among [Balances]. The accounts of cards and members
// are columns of their own tables.
func (a Account) Shared() bool {
	switch a.Kind {
	case Allowances, Custody, Deposits, Issuers, Merchants, Organiser, Payables, PointsPool, Receivables, Suspense, WithheldTax:
		return true
	}
	return false
}

// banking reports whether the kind is for payments of closed months, which a replayed circle
// does not have.
func (k Kind) banking() bool {
	switch k {
	case Allowances, Deposits, Payables, Payouts, Receivables, Suspense, WithheldTax:
		return true
	}
	return false
}
