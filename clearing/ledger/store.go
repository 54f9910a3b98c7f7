package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianka/lianka/clearing/money"
)

// Querier is what reads need of a pool, a connection or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Session is what work under a lock needs: a connection or a transaction, in which
// everything is done in one database session.
type Session interface {
	Querier
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults
}

// TransactionColumns are the columns of a transaction's row that [ScanTransaction]
// reads.
const TransactionColumns = `seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous,
	merchants, merchants_before, accounts, amounts, facts, hash`

// ScanTransaction reads a transaction, and what comes after it in the row.
func ScanTransaction(row pgx.CollectableRow, currency money.Currency, rest ...any) (Transaction, error) {
	var t Transaction
	var hash []byte
	var merchants, accounts []string
	var before, amounts []int64
	err := row.Scan(append([]any{&t.Seq, &t.Type, &t.BookedAt, &t.Period, &t.Terms, &t.Card, &t.Merchant, &t.Home, &t.Member,
		&t.Corrects, &t.Previous, &merchants, &before, &accounts, &amounts, &t.Facts, &hash}, rest...)...)
	if err != nil {
		return t, err
	}
	t.BookedAt = t.BookedAt.UTC()
	copy(t.Hash[:], hash)
	if len(merchants) != len(before) || len(accounts) != len(amounts) {
		return t, fmt.Errorf("transaction %d: its arrays have different lengths", t.Seq)
	}
	t.Links, t.Entries = make([]Link, len(merchants)), make([]Entry, len(accounts))
	for i := range t.Links {
		t.Links[i] = Link{Merchant: merchants[i], Previous: before[i]}
	}
	for i := range t.Entries {
		account, err := ParseAccount(accounts[i])
		if err != nil {
			return t, fmt.Errorf("transaction %d: %w", t.Seq, err)
		}
		t.Entries[i] = Entry{Account: account, Amount: currency.Minor(amounts[i])}
	}
	return t, nil
}

func scanTransactions(currency money.Currency) pgx.RowToFunc[Transaction] {
	return func(row pgx.CollectableRow) (Transaction, error) { return ScanTransaction(row, currency) }
}

// A look-up of many rows by key is written as a LATERAL subquery with OFFSET 0, which
// PostgreSQL can't rewrite into a join: it stays one primary-key probe a row, whatever the
// statistics were when the statement was planned.

// BySeq returns the transactions with the given numbers, with their entries, in the order of
// their numbers. Numbers that don't exist are ignored.
func BySeq(ctx context.Context, db Querier, allianceID int64, currency money.Currency, seqs []int64) ([]Transaction, error) {
	if len(seqs) == 0 {
		return nil, nil
	}
	rows, err := db.Query(ctx, `
		SELECT t.* FROM (SELECT DISTINCT n FROM unnest($2::bigint[]) AS n) n,
		LATERAL (SELECT `+TransactionColumns+` FROM transactions WHERE alliance_id = $1 AND seq = n.n OFFSET 0) t ORDER BY seq`, allianceID, seqs)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTransactions(currency))
}

// Range returns a page of the log: at most limit transactions from number first on, with
// their entries.
func Range(ctx context.Context, db Querier, allianceID int64, currency money.Currency, first int64, limit int) ([]Transaction, error) {
	rows, err := db.Query(ctx, `
		SELECT `+TransactionColumns+` FROM transactions
		WHERE alliance_id = $1 AND seq >= $2 AND seq < $3 ORDER BY seq`, allianceID, first, first+int64(limit))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTransactions(currency))
}
