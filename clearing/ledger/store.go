package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"lianka/clearing/money"
)

// Querier is what reads need of a pool, a connection or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Session is what work under a lock needs: a connection or a transaction, in
// which all that it does belongs together.
type Session interface {
	Querier
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults
}

// Post queues the writes of sealed transactions: the transactions, their
// entries, and the balances of the accounts that parties share. Those of cards
// and members stand in rows of their own, which are for their owners to write.
func Post(batch *pgx.Batch, circle int64, transactions []Transaction) error {
	if len(transactions) == 0 {
		return nil
	}
	postTransactions(batch, circle, transactions)
	postEntries(batch, circle, transactions)
	return postBalances(batch, circle, transactions)
}

func postTransactions(batch *pgx.Batch, circle int64, transactions []Transaction) {
	n := len(transactions)
	seqs, corrects, previous := make([]int64, n), make([]int64, n), make([]int64, n)
	types, periods, cards := make([]string, n), make([]string, n), make([]string, n)
	merchants, homes, members, facts := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	booked, terms, counts, hashes := make([]time.Time, n), make([]int32, n), make([]int32, n), make([][]byte, n)
	for i := range transactions {
		t := &transactions[i]
		seqs[i], corrects[i], previous[i] = t.Seq, t.Corrects, t.Previous
		types[i], periods[i], cards[i] = string(t.Type), t.Period, t.Card
		merchants[i], homes[i], members[i], facts[i] = t.Merchant, t.Home, t.Member, string(t.Facts)
		booked[i], terms[i], counts[i], hashes[i] = t.BookedAt, int32(t.Terms), int32(len(t.Entries)), t.Hash[:]
	}
	batch.Queue(`
		INSERT INTO transactions (alliance_id, seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous, entry_count, facts, hash)
		SELECT $1, seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous, entry_count, facts::json, hash
		FROM unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::integer[], $7::text[], $8::text[], $9::text[], $10::text[],
		            $11::bigint[], $12::bigint[], $13::integer[], $14::text[], $15::bytea[])
		     AS t (seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous, entry_count, facts, hash)`,
		circle, seqs, types, booked, periods, terms, cards, merchants, homes, members, corrects, previous, counts, facts, hashes)
}

func postEntries(batch *pgx.Batch, circle int64, transactions []Transaction) {
	n := 0
	for i := range transactions {
		n += len(transactions[i].Entries)
	}
	if n == 0 {
		return
	}
	seqs, lines, amounts := make([]int64, 0, n), make([]int32, 0, n), make([]int64, 0, n)
	accounts, owners := make([]string, 0, n), make([]string, 0, n)
	for i := range transactions {
		for line, e := range transactions[i].Entries {
			seqs, lines = append(seqs, transactions[i].Seq), append(lines, int32(line+1))
			accounts, owners = append(accounts, e.Account.Kind.String()), append(owners, e.Account.Owner)
			amounts = append(amounts, e.Amount.Minor())
		}
	}
	batch.Queue(`
		INSERT INTO entries (alliance_id, seq, line, account, owner, amount)
		SELECT $1, seq, line, account::account_kind, owner, amount
		FROM unnest($2::bigint[], $3::integer[], $4::text[], $5::text[], $6::bigint[]) AS e (seq, line, account, owner, amount)`,
		circle, seqs, lines, accounts, owners, amounts)
}

// shared reports whether balances of the kind are kept in the table balances.
func shared(k Kind) bool {
	switch k {
	case Custody, Issuers, Merchants, Organiser, PointsPool:
		return true
	}
	return false
}

func postBalances(batch *pgx.Batch, circle int64, transactions []Transaction) error {
	changes := make(map[Account]money.Amount)
	for i := range transactions {
		for _, e := range transactions[i].Entries {
			if !shared(e.Account.Kind) {
				continue
			}
			before, ok := changes[e.Account]
			if !ok {
				before = e.Amount.Currency().Zero()
			}
			after, err := before.Add(e.Amount)
			if err != nil {
				return fmt.Errorf("balance of %s: %w", e.Account, err)
			}
			changes[e.Account] = after
		}
	}
	accounts := make([]Account, 0, len(changes))
	for account, change := range changes {
		if !change.IsZero() {
			accounts = append(accounts, account)
		}
	}
	if len(accounts) == 0 {
		return nil
	}
	slices.SortFunc(accounts, func(a, b Account) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Owner, b.Owner))
	})
	kinds, owners, amounts := make([]string, len(accounts)), make([]string, len(accounts)), make([]int64, len(accounts))
	for i, a := range accounts {
		kinds[i], owners[i], amounts[i] = a.Kind.String(), a.Owner, changes[a].Minor()
	}
	batch.Queue(`
		INSERT INTO balances (alliance_id, account, owner, balance)
		SELECT $1, account::account_kind, owner, change FROM unnest($2::text[], $3::text[], $4::bigint[]) AS c (account, owner, change)
		ON CONFLICT (alliance_id, account, owner) DO UPDATE SET balance = balances.balance + excluded.balance`,
		circle, kinds, owners, amounts)
	return nil
}

const transactionColumns = `seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous, facts, hash`

func scanTransaction(row pgx.CollectableRow) (Transaction, error) {
	var t Transaction
	var hash []byte
	err := row.Scan(&t.Seq, &t.Type, &t.BookedAt, &t.Period, &t.Terms, &t.Card, &t.Merchant, &t.Home, &t.Member,
		&t.Corrects, &t.Previous, &t.Facts, &hash)
	t.BookedAt = t.BookedAt.UTC()
	copy(t.Hash[:], hash)
	return t, err
}

// A look-up of many rows by key is written as a LATERAL subquery with OFFSET 0,
// which PostgreSQL does not rewrite into a join: it stays one probe of the primary
// key a row, whatever the statistics said when the statement was planned.

// BySeq returns the transactions of a circle with the given numbers, with their
// entries, in the order of their numbers; numbers that don't exist are passed
// over.
func BySeq(ctx context.Context, db Querier, circle int64, currency money.Currency, seqs []int64) ([]Transaction, error) {
	if len(seqs) == 0 {
		return nil, nil
	}
	rows, err := db.Query(ctx, `
		SELECT t.* FROM (SELECT DISTINCT n FROM unnest($2::bigint[]) AS n) n,
		LATERAL (SELECT `+transactionColumns+` FROM transactions WHERE alliance_id = $1 AND seq = n.n OFFSET 0) t ORDER BY seq`, circle, seqs)
	if err != nil {
		return nil, err
	}
	transactions, err := pgx.CollectRows(rows, scanTransaction)
	if err != nil {
		return nil, err
	}
	rows, err = db.Query(ctx, `
		SELECT seq, account::text, owner, amount FROM (SELECT DISTINCT n FROM unnest($2::bigint[]) AS n) n,
		LATERAL (SELECT seq, line, account, owner, amount FROM entries WHERE alliance_id = $1 AND seq = n.n OFFSET 0) e
		ORDER BY seq, line`, circle, seqs)
	if err != nil {
		return nil, err
	}
	return transactions, attach(rows, currency, transactions)
}

// attach reads entries (seq, account, owner, amount, in the order of seq) into
// the transactions that they belong to.
func attach(rows pgx.Rows, currency money.Currency, transactions []Transaction) error {
	var seq, minor int64
	var kind, owner string
	at := 0
	_, err := pgx.ForEachRow(rows, []any{&seq, &kind, &owner, &minor}, func() error {
		for at < len(transactions) && transactions[at].Seq < seq {
			at++
		}
		if at == len(transactions) || transactions[at].Seq != seq {
			return fmt.Errorf("transaction %d has entries but does not exist", seq)
		}
		k, err := ParseKind(kind)
		if err != nil {
			return err
		}
		transactions[at].Entries = append(transactions[at].Entries, Entry{Account: Account{Kind: k, Owner: owner}, Amount: currency.Minor(minor)})
		return nil
	})
	return err
}

// Range returns the transactions numbered from first, at most limit of them,
// with their entries: the log in pieces.
func Range(ctx context.Context, db Querier, circle int64, currency money.Currency, first int64, limit int) ([]Transaction, error) {
	rows, err := db.Query(ctx, `
		SELECT `+transactionColumns+` FROM transactions
		WHERE alliance_id = $1 AND seq >= $2 AND seq < $3 ORDER BY seq`, circle, first, first+int64(limit))
	if err != nil {
		return nil, err
	}
	transactions, err := pgx.CollectRows(rows, scanTransaction)
	if err != nil {
		return nil, err
	}
	rows, err = db.Query(ctx, `
		SELECT seq, account::text, owner, amount FROM entries
		WHERE alliance_id = $1 AND seq >= $2 AND seq < $3 ORDER BY seq, line`, circle, first, first+int64(limit))
	if err != nil {
		return nil, err
	}
	return transactions, attach(rows, currency, transactions)
}
