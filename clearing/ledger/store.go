package ledger

import (
	"context"
	"fmt"
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

// Post queues the writes of sealed transactions with their entries, and of the
// balances that they have changed. Those of cards and members stand in rows of
// their own, which are for their owners to write.
func Post(batch *pgx.Batch, circle int64, transactions []Transaction, balances *Balances) {
	if len(transactions) == 0 {
		return
	}
	postTransactions(batch, circle, transactions)
	postMembers(batch, circle, transactions)
	balances.Save(batch, circle)
}

// postTransactions queues the insert of a row a transaction. Arrays travel as
// their texts, because an array of arrays would have to be of one length.
func postTransactions(batch *pgx.Batch, circle int64, transactions []Transaction) {
	n := len(transactions)
	seqs, corrects, previous := make([]int64, n), make([]int64, n), make([]int64, n)
	types, periods, cards := make([]string, n), make([]string, n), make([]string, n)
	merchants, homes, members, facts := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	booked, terms, hashes := make([]time.Time, n), make([]int32, n), make([][]byte, n)
	linked, before, accounts, amounts := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i := range transactions {
		t := &transactions[i]
		seqs[i], corrects[i], previous[i] = t.Seq, t.Corrects, t.Previous
		types[i], periods[i], cards[i] = string(t.Type), t.Period, t.Card
		merchants[i], homes[i], members[i], facts[i] = t.Merchant, t.Home, t.Member, string(t.Facts)
		booked[i], terms[i], hashes[i] = t.BookedAt, int32(t.Terms), t.Hash[:]
		row := Row(t)
		linked[i], before[i], accounts[i], amounts[i] = row.Merchants, row.MerchantsBefore, row.Accounts, row.Amounts
	}
	batch.Queue(`
		INSERT INTO transactions (alliance_id, seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous,
		                          merchants, merchants_before, accounts, amounts, facts, hash)
		SELECT $1, seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous,
		       merchants::text[], merchants_before::bigint[], accounts::text[], amounts::bigint[], facts::json, hash
		FROM unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::text[], $6::integer[], $7::text[], $8::text[], $9::text[], $10::text[],
		            $11::bigint[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::bytea[])
		     AS t (seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous,
		           merchants, merchants_before, accounts, amounts, facts, hash)`,
		circle, seqs, types, booked, periods, terms, cards, merchants, homes, members, corrects, previous,
		linked, before, accounts, amounts, facts, hashes)
}

// postMembers queues the list of the members whose commission was moved.
func postMembers(batch *pgx.Batch, circle int64, transactions []Transaction) {
	var members []string
	var seqs []int64
	for i := range transactions {
		for _, member := range transactions[i].Earners() {
			members, seqs = append(members, member), append(seqs, transactions[i].Seq)
		}
	}
	if len(seqs) == 0 {
		return
	}
	batch.Queue(`
		INSERT INTO member_transactions (alliance_id, member, seq)
		SELECT $1, member, seq FROM unnest($2::text[], $3::bigint[]) AS m (member, seq)`, circle, members, seqs)
}

const transactionColumns = `seq, type, booked_at, period, terms, card, merchant, home, member, corrects, previous,
	merchants, merchants_before, accounts, amounts, facts, hash`

// scanTransaction reads a row of transactionColumns.
func scanTransaction(currency money.Currency) pgx.RowToFunc[Transaction] {
	return func(row pgx.CollectableRow) (Transaction, error) {
		var t Transaction
		var hash []byte
		var merchants, accounts []string
		var before, amounts []int64
		err := row.Scan(&t.Seq, &t.Type, &t.BookedAt, &t.Period, &t.Terms, &t.Card, &t.Merchant, &t.Home, &t.Member,
			&t.Corrects, &t.Previous, &merchants, &before, &accounts, &amounts, &t.Facts, &hash)
		if err != nil {
			return t, err
		}
		t.BookedAt = t.BookedAt.UTC()
		copy(t.Hash[:], hash)
		if len(merchants) != len(before) || len(accounts) != len(amounts) {
			return t, fmt.Errorf("transaction %d: its entries are torn", t.Seq)
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
	return pgx.CollectRows(rows, scanTransaction(currency))
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
	return pgx.CollectRows(rows, scanTransaction(currency))
}
