package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// draft builds the entries of a transaction. It leaves zero amounts out, and
// keeps the first error instead of making every line ask for one.
type draft struct {
	entries []ledger.Entry
	sum     money.Amount
	err     error
}

func newDraft(currency money.Currency) *draft {
	return &draft{sum: currency.Zero()}
}

func (d *draft) debit(account ledger.Account, amount money.Amount) {
	if d.err != nil || amount.IsZero() {
		return
	}
	d.entries = append(d.entries, ledger.Entry{Account: account, Amount: amount})
	d.sum, d.err = d.sum.Add(amount)
}

func (d *draft) credit(account ledger.Account, amount money.Amount) {
	d.debit(account, amount.Neg())
}

// rest gives an account what balances the entries so far.
func (d *draft) rest(account ledger.Account) { d.debit(account, d.sum.Neg()) }

// mirror undoes entries, in their order.
func (d *draft) mirror(entries []ledger.Entry) {
	for _, e := range entries {
		d.debit(e.Account, e.Amount.Neg())
	}
}

// post returns the record of the draft. A sum beyond 64 bits can only come from
// an amount that no business has, so that is what it is refused for.
func (d *draft) post(r Record, kind ledger.Type, at time.Time, terms *Terms) (Record, error) {
	if d.err != nil {
		return Record{}, refuse(CodeInvalidAmount, "the amounts are too large to be booked: %v", d.err)
	}
	r.Type, r.BookedAt, r.Terms, r.Entries = kind, at, terms.Version, d.entries
	return r, nil
}

func custody() ledger.Account    { return ledger.Account{Kind: ledger.Custody} }
func organiser() ledger.Account  { return ledger.Account{Kind: ledger.Organiser} }
func pointsPool() ledger.Account { return ledger.Account{Kind: ledger.PointsPool} }

func clearingOf(merchant string) ledger.Account { return clearing.PartyAccount(merchant) }

func issuer(home string) ledger.Account {
	return ledger.Account{Kind: ledger.Issuers, Owner: home}
}

func valueOf(card string) ledger.Account {
	return ledger.Account{Kind: ledger.CardValue, Owner: card}
}

func bonusOf(card string) ledger.Account {
	return ledger.Account{Kind: ledger.CardBonus, Owner: card}
}

func poolOf(card string) ledger.Account {
	return ledger.Account{Kind: ledger.CardPool, Owner: card}
}

func pendingOf(member string) ledger.Account {
	return ledger.Account{Kind: ledger.CommissionPending, Owner: member}
}

func payableOf(member string) ledger.Account {
	return ledger.Account{Kind: ledger.CommissionPayable, Owner: member}
}
