package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/columns"
)

// Balances are a circle's shared accounts after the newest transaction: all except those of
// cards and members (see [Account.Shared]). There are about as many as the circle has shops, so
// all of them are in memory.
type Balances struct {
	of      map[Account]*balance
	changed []Account // since they were written last
}

// balance is in minor units, debit positive. last is the newest transaction that concerned
// the merchant who owns the account, turned the newest one in its turnover.
type balance struct {
	minor, last int64
	turnover    Turnover // of a clearing account, since the window opened
	turned      int64
	changed     bool
	stored      bool // there is a row of it, or on its way
}

// NewBalances returns the balances of a circle in which nothing has happened.
func NewBalances() *Balances { return &Balances{of: make(map[Account]*balance)} }

// Read queues the reading of all balances of a circle.
func (b *Balances) Read(batch *pgx.Batch, allianceID int64) {
	batch.Queue(readBalances, allianceID).Query(func(rows pgx.Rows) error {
		return scanBalances(rows, func(a Account, minor, last int64, turnover Turnover) {
			b.of[a] = &balance{minor: minor, last: last, turnover: turnover, stored: true}
		})
	})
}

const readBalances = `SELECT account::text, owner, balance, last_seq, turnover FROM balances WHERE alliance_id = $1`

func scanBalances(rows pgx.Rows, each func(a Account, minor, last int64, turnover Turnover)) error {
	var kind, owner string
	var minor, last int64
	var packed []byte
	_, err := pgx.ForEachRow(rows, []any{&kind, &owner, &minor, &last, &packed}, func() error {
		k, err := ParseKind(kind)
		if err != nil {
			return err
		}
		turnover, err := UnpackTurnover(packed)
		if err != nil {
			return fmt.Errorf("turnover of %s: %w", Account{Kind: k, Owner: owner}, err)
		}
		each(Account{Kind: k, Owner: owner}, minor, last, turnover)
		return nil
	})
	return err
}

// EachBalance calls a function with every stored balance of a circle, in minor
// units, debit positive; with the newest transaction that concerned its owner; and
// with its turnover in the open window.
func EachBalance(ctx context.Context, db Querier, allianceID int64, each func(a Account, minor, last int64, turnover Turnover)) error {
	rows, err := db.Query(ctx, readBalances, allianceID)
	if err != nil {
		return err
	}
	return scanBalances(rows, each)
}

// Turnover returns what has moved an account since the window opened. It must not
// be changed.
func (b *Balances) Turnover(a Account) Turnover {
	if current := b.of[a]; current != nil {
		return current.turnover
	}
	return nil
}

// Renew empties the turnover of all accounts, for a new window.
func (b *Balances) Renew() {
	for a, current := range b.of {
		if len(current.turnover) > 0 {
			b.touch(a).turnover = nil
		}
	}
}

// Of returns the balance of an account in minor units, debit positive; 0 if
// nothing has moved it yet.
func (b *Balances) Of(a Account) int64 {
	if current := b.of[a]; current != nil {
		return current.minor
	}
	return 0
}

// Last returns the newest transaction that concerned the merchant who owns an
// account, or 0.
func (b *Balances) Last(a Account) int64 {
	if current := b.of[a]; current != nil {
		return current.last
	}
	return 0
}

// Take adds a numbered transaction, and links it to the transactions before it that
// concerned the same merchants.
func (b *Balances) Take(t *Transaction) error {
	for _, e := range t.Entries {
		if !e.Account.Shared() {
			continue
		}
		current := b.touch(e.Account)
		after, err := e.Amount.Currency().Minor(current.minor).Add(e.Amount)
		if err != nil {
			return fmt.Errorf("balance of %s: %w", e.Account, err)
		}
		current.minor = after.Minor()
		switch e.Account.Kind {
		case Merchants:
			current.link(t, e.Account.Owner)
			current.turn(t, e)
		case Organiser:
			current.turn(t, e)
		}
	}
	if t.Merchant == "" {
		return nil
	}
	own := Account{Kind: Merchants, Owner: t.Merchant}
	b.touch(own).link(t, t.Merchant)
	if t.Late {
		b.of[own].upload(t, own)
	}
	return nil
}

// upload counts a late transaction for the merchant that uploaded it, also if it moved
// nothing of the merchant's. Whom else it moves has uploaded nothing.
func (b *balance) upload(t *Transaction, own Account) {
	b.turnover.Add(Late, 0, true)
	for _, e := range t.Entries {
		if e.Account == own {
			b.turnover.Add(Late, e.Amount.Minor(), false)
		}
	}
}

// touch returns the balance of an account, and marks it as changed.
func (b *Balances) touch(a Account) *balance {
	current := b.of[a]
	if current == nil {
		current = &balance{}
		b.of[a] = current
	}
	if !current.changed {
		current.changed = true
		b.changed = append(b.changed, a)
	}
	return current
}

func (b *balance) link(t *Transaction, merchant string) {
	if b.last == t.Seq {
		return // it is linked already
	}
	t.Links = append(t.Links, Link{Merchant: merchant, Previous: b.last})
	b.last = t.Seq
}

// turn adds an entry to the turnover.
func (b *balance) turn(t *Transaction, e Entry) {
	first := b.turned != t.Seq
	b.turned = t.Seq
	b.turnover.Add(t.Type, e.Amount.Minor(), first)
}

// Save queues the writes of what has changed since the last call.
func (b *Balances) Save(batch *pgx.Batch, allianceID int64) {
	if len(b.changed) == 0 {
		return
	}
	slices.SortFunc(b.changed, func(x, y Account) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Owner, y.Owner))
	})
	fresh, changed := newBalanceRows(), newBalanceRows()
	for _, a := range b.changed {
		current := b.of[a]
		rows := changed
		if !current.stored {
			rows = fresh
		}
		rows.kind.Text(a.Kind.String())
		rows.owner.Text(a.Owner)
		rows.amount.Bigint(current.minor)
		rows.last.Bigint(current.last)
		if a.Kind == Merchants || a.Kind == Organiser {
			rows.scratch = current.turnover.AppendPacked(rows.scratch[:0])
			rows.turnover.Bytes(rows.scratch)
		} else {
			rows.turnover.Null()
		}
		current.changed, current.stored = false, true
	}
	b.changed = b.changed[:0]
	if fresh.kind.Rows() > 0 {
		batch.Queue(`
			INSERT INTO balances (alliance_id, account, owner, balance, last_seq, turnover)
			SELECT $1, account::account_kind, owner, balance, last_seq, turnover
			FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bytea[]) AS n (account, owner, balance, last_seq, turnover)`,
			allianceID, &fresh.kind, &fresh.owner, &fresh.amount, &fresh.last, &fresh.turnover)
	}
	if changed.kind.Rows() > 0 {
		batch.Queue(`
			UPDATE balances b SET balance = n.balance, last_seq = n.last_seq, turnover = n.turnover
			FROM (SELECT at.row, n.*
			      FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bytea[]) AS n (account, owner, balance, last_seq, turnover),
			      LATERAL (SELECT ctid AS row FROM balances WHERE alliance_id = $1 AND account = n.account::account_kind AND owner = n.owner OFFSET 0) at) n
			WHERE b.ctid = n.row`,
			allianceID, &changed.kind, &changed.owner, &changed.amount, &changed.last, &changed.turnover)
	}
}

// balanceRows is balances to be written.
type balanceRows struct {
	kind, owner, amount, last, turnover columns.Column
	scratch                             []byte
}

func newBalanceRows() *balanceRows {
	return &balanceRows{kind: columns.Text(), owner: columns.Text(), amount: columns.Bigint(), last: columns.Bigint(), turnover: columns.Bytea()}
}
