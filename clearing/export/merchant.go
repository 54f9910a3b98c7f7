package export

import (
	"fmt"

	"github.com/lianka/lianka/clearing/ledger"
)

// others is the account for everything that a shop may not see.
func others() ledger.Account { return ledger.Account{} }

// confine removes from a transaction what the shop of the journal may not see, and keeps it
// balanced.
func (j *Journal) confine(t *ledger.Transaction) error {
	merchant := j.selection.Merchant
	if merchant == "" {
		return nil
	}
	if t.Home != merchant {
		t.Member = ""
	}
	rest := j.alliance.Currency.Zero()
	shown := t.Entries[:0]
	for _, e := range t.Entries {
		if e.Account.ShownTo(merchant) {
			shown = append(shown, e)
			continue
		}
		var err error
		if rest, err = rest.Add(e.Amount); err != nil {
			return fmt.Errorf("transaction %d: %w", t.Seq, err)
		}
	}
	if t.Entries = shown; !rest.IsZero() {
		t.Entries = append(t.Entries, ledger.Entry{Account: others(), Amount: rest})
	}
	return nil
}
