package ledger

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"lianka/clearing/columns"
)

// Balances are the accounts that the parties of a circle share: custody, issuers,
// merchants, organiser and points pool, as they stand after the newest
// transaction. They are as many as a circle has shops, so all of them are held.
type Balances struct {
	of      map[Account]*balance
	changed []Account // since they were written last
}

// balance is in minor units, debit positive. last is the newest transaction that
// concerned the merchant who owns it.
type balance struct {
	minor, last int64
	changed     bool
	stored      bool // there is a row of it, or on its way
}

// NewBalances returns the balances of a circle in which nothing has happened.
func NewBalances() *Balances { return &Balances{of: make(map[Account]*balance)} }

// Read queues the reading of all balances of a circle.
func (b *Balances) Read(batch *pgx.Batch, circle int64) {
	batch.Queue(`SELECT account::text, owner, balance, last_seq FROM balances WHERE alliance_id = $1`, circle).
		Query(func(rows pgx.Rows) error {
			var kind, owner string
			var held balance
			_, err := pgx.ForEachRow(rows, []any{&kind, &owner, &held.minor, &held.last}, func() error {
				k, err := ParseKind(kind)
				read := balance{minor: held.minor, last: held.last, stored: true}
				b.of[Account{Kind: k, Owner: owner}] = &read
				return err
			})
			return err
		})
}

// Of returns the balance of an account in minor units, debit positive; 0 if
// nothing has moved it yet.
func (b *Balances) Of(a Account) int64 {
	if held := b.of[a]; held != nil {
		return held.minor
	}
	return 0
}

// Last returns the newest transaction that concerned the merchant who owns an
// account, or 0.
func (b *Balances) Last(a Account) int64 {
	if held := b.of[a]; held != nil {
		return held.last
	}
	return 0
}

// Take posts a numbered transaction, and links it to those before it that
// concerned the same merchants.
func (b *Balances) Take(t *Transaction) error {
	for _, e := range t.Entries {
		if !e.Account.shared() {
			continue
		}
		held := b.touch(e.Account)
		after, err := e.Amount.Currency().Minor(held.minor).Add(e.Amount)
		if err != nil {
			return fmt.Errorf("balance of %s: %w", e.Account, err)
		}
		held.minor = after.Minor()
		if e.Account.Kind == Merchants {
			held.link(t, e.Account.Owner)
		}
	}
	if t.Merchant != "" {
		b.touch(Account{Kind: Merchants, Owner: t.Merchant}).link(t, t.Merchant)
	}
	return nil
}

// touch returns the balance of an account that is about to change.
func (b *Balances) touch(a Account) *balance {
	held := b.of[a]
	if held == nil {
		held = &balance{}
		b.of[a] = held
	}
	if !held.changed {
		held.changed = true
		b.changed = append(b.changed, a)
	}
	return held
}

func (b *balance) link(t *Transaction, merchant string) {
	if b.last == t.Seq {
		return // it is linked already
	}
	t.Links = append(t.Links, Link{Merchant: merchant, Previous: b.last})
	b.last = t.Seq
}

// Save queues the writes of what has changed since the last time.
func (b *Balances) Save(batch *pgx.Batch, circle int64) {
	if len(b.changed) == 0 {
		return
	}
	slices.SortFunc(b.changed, func(x, y Account) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Owner, y.Owner))
	})
	fresh, changed := newBalanceRows(), newBalanceRows()
	for _, a := range b.changed {
		held := b.of[a]
		rows := changed
		if !held.stored {
			rows = fresh
		}
		rows.kind.Text(a.Kind.String())
		rows.owner.Text(a.Owner)
		rows.amount.Bigint(held.minor)
		rows.last.Bigint(held.last)
		held.changed, held.stored = false, true
	}
	b.changed = b.changed[:0]
	if fresh.kind.Rows() > 0 {
		batch.Queue(`
			INSERT INTO balances (alliance_id, account, owner, balance, last_seq)
			SELECT $1, account::account_kind, owner, balance, last_seq
			FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[]) AS n (account, owner, balance, last_seq)`,
			circle, &fresh.kind, &fresh.owner, &fresh.amount, &fresh.last)
	}
	if changed.kind.Rows() > 0 {
		batch.Queue(`
			UPDATE balances b SET balance = n.balance, last_seq = n.last_seq
			FROM (SELECT at.row, n.* FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[]) AS n (account, owner, balance, last_seq),
			      LATERAL (SELECT ctid AS row FROM balances WHERE alliance_id = $1 AND account = n.account::account_kind AND owner = n.owner OFFSET 0) at) n
			WHERE b.ctid = n.row`,
			circle, &changed.kind, &changed.owner, &changed.amount, &changed.last)
	}
}

// balanceRows is balances on their way to the database.
type balanceRows struct{ kind, owner, amount, last columns.Column }

func newBalanceRows() *balanceRows {
	return &balanceRows{kind: columns.Text(), owner: columns.Text(), amount: columns.Bigint(), last: columns.Bigint()}
}
