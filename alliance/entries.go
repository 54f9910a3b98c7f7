package alliance

import (
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// entryBuilder builds the entries of a transaction. It leaves zero amounts out, and
// keeps the first error instead of making every line ask for one.
type entryBuilder struct {
	entries []ledger.Entry
	sum     money.Amount
	err     error
}

func newEntries(currency money.Currency) *entryBuilder {
	return &entryBuilder{sum: currency.Zero()}
}

func (b *entryBuilder) debit(account ledger.Account, amount money.Amount) {
	if b.err != nil || amount.IsZero() {
		return
	}
	b.entries = append(b.entries, ledger.Entry{Account: account, Amount: amount})
	b.sum, b.err = b.sum.Add(amount)
}

func (b *entryBuilder) credit(account ledger.Account, amount money.Amount) {
	b.debit(account, amount.Neg())
}

// rest gives an account what balances the entries so far.
func (b *entryBuilder) rest(account ledger.Account) { b.debit(account, b.sum.Neg()) }

// mirror undoes entries, in their order.
func (b *entryBuilder) mirror(entries []ledger.Entry) {
	for _, e := range entries {
		b.debit(e.Account, e.Amount.Neg())
	}
}

// readdress moves the entries on a card's accounts to those of the code that it has become.
func (b *entryBuilder) readdress(old, current string) {
	if old == current {
		return
	}
	for i := range b.entries {
		switch a := &b.entries[i].Account; a.Kind {
		case ledger.CardValue, ledger.CardBonus, ledger.CardPool:
			a.Owner = current
		}
	}
}

// post completes a record with the entries. Only absurd amounts overflow 64 bits, so an
// overflow is refused as an invalid amount.
func (b *entryBuilder) post(r Record, kind ledger.Type, at time.Time, terms *Terms) (Record, error) {
	if b.err != nil {
		return Record{}, refuse(CodeInvalidAmount, "the amounts are too large to be booked: %v", b.err)
	}
	r.Type, r.BookedAt, r.Terms, r.Entries = kind, at, terms.Version, b.entries
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
