package export

import "github.com/lianka/lianka/clearing/ledger"

// HledgerName returns the name of an account for hledger.
func HledgerName(a ledger.Account) string { return hledgerName(a) }

// BeancountName returns the name of an account for beancount.
func BeancountName(a ledger.Account) string { return beancountName(a) }

// PageSize is how many transactions are read at once.
const PageSize = pageSize
