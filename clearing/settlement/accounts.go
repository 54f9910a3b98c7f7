package settlement

import (
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

func custody() ledger.Account { return ledger.Account{Kind: ledger.Custody} }

func withheldTax() ledger.Account { return ledger.Account{Kind: ledger.WithheldTax} }

func clearingOf(party string) ledger.Account { return clearing.PartyAccount(party) }

func receivable(party string) ledger.Account {
	return ledger.Account{Kind: ledger.Receivables, Owner: party}
}

func deposit(merchant string) ledger.Account {
	return ledger.Account{Kind: ledger.Deposits, Owner: merchant}
}

func allowance(party string) ledger.Account {
	return ledger.Account{Kind: ledger.Allowances, Owner: party}
}

// payableOf returns the account of what the obligation's payee is to get.
func payableOf(o *Obligation) ledger.Account {
	if o.Kind == Commission {
		return ledger.Account{Kind: ledger.Payouts, Owner: o.Payee}
	}
	return ledger.Account{Kind: ledger.Payables, Owner: o.Payee}
}
