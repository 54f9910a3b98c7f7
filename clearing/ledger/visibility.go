package ledger

import "slices"

// MerchantAccounts returns a shop's own accounts: its clearing account, what it must still bring
// in for its cards, and what it lodged, owes and is owed for closed months. The allowance for
// its losses is not among them, because others bear those.
func MerchantAccounts(merchant string) []Account {
	return []Account{{Deposits, merchant}, {Issuers, merchant}, {Merchants, merchant}, {Payables, merchant}, {Receivables, merchant}}
}

// CardKinds returns the kinds of accounts that a card has.
func CardKinds() []Kind { return []Kind{CardBonus, CardPool, CardValue} }

// BelongsTo reports whether an account is a shop's own.
func (a Account) BelongsTo(merchant string) bool {
	return slices.Contains(MerchantAccounts(merchant), a)
}

// ShownTo reports whether a shop may see an entry on the account, of a
// transaction that it may see: on its own accounts and on the card's, but never
// what members earn or what other shops are paid.
func (a Account) ShownTo(merchant string) bool {
	return slices.Contains(CardKinds(), a.Kind) || a.BelongsTo(merchant)
}

// ShownToMember reports whether a member may see an entry on the account, of a transaction on a card
// that it held: on the card's accounts and on those of its own commission.
func (a Account) ShownToMember(member string) bool {
	switch a.Kind {
	case CommissionPending, CommissionPayable:
		return a.Owner == member
	}
	return slices.Contains(CardKinds(), a.Kind)
}
