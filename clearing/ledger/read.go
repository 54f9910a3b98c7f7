package ledger

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/money"
)

// Filter selects transactions. At most one of Card, Merchant and Member may be
// given; none means all.
type Filter struct {
	Card     string // the card's history
	Merchant string // what was done at a merchant or moved its clearing account
	Member   string // what changed a member's commission
	Before   int64  // only numbers below this one; 0: from the newest
	Limit    int    // at most so many
}

// Page returns the newest transactions that a filter selects, newest first, with
// their entries.
func Page(ctx context.Context, db Querier, allianceID int64, currency money.Currency, f Filter) ([]Transaction, error) {
	seqs, err := pick(ctx, db, allianceID, f)
	if err != nil {
		return nil, err
	}
	transactions, err := BySeq(ctx, db, allianceID, currency, seqs)
	slices.Reverse(transactions)
	return transactions, err
}

func pick(ctx context.Context, db Querier, allianceID int64, f Filter) ([]int64, error) {
	before := f.Before
	if before == 0 {
		before = 1<<63 - 1
	}
	var rows pgx.Rows
	var err error
	switch {
	case f.Card != "":
		// The chain is walked back from the card's newest transaction, or from where the
		// previous page ended.
		rows, err = db.Query(ctx, `
			WITH RECURSIVE chain (seq, previous, depth) AS (
			    SELECT t.seq, t.previous, 1 FROM transactions t
			    WHERE t.alliance_id = $1 AND t.seq = (
			        SELECT CASE WHEN c.last_seq < $3 THEN c.last_seq
			               ELSE (SELECT p.previous FROM transactions p WHERE p.alliance_id = $1 AND p.seq = $3 AND p.card = $2) END
			        FROM cards c WHERE c.alliance_id = $1 AND c.card = $2)
			    UNION ALL
			    SELECT t.seq, t.previous, chain.depth + 1 FROM chain
			    JOIN transactions t ON t.alliance_id = $1 AND t.seq = chain.previous
			    WHERE chain.depth < $4)
			SELECT seq FROM chain`, allianceID, f.Card, before, f.Limit)
	case f.Merchant != "":
		rows, err = db.Query(ctx, `
			WITH RECURSIVE chain (seq, depth) AS (
			    SELECT CASE WHEN b.last_seq < $3 THEN b.last_seq ELSE `+merchantBefore(`$3`)+` END, 1
			    FROM balances b WHERE b.alliance_id = $1 AND b.account = 'merchants' AND b.owner = $2
			    UNION ALL
			    SELECT `+merchantBefore(`chain.seq`)+`, chain.depth + 1 FROM chain WHERE chain.seq > 0 AND chain.depth < $4)
			SELECT seq FROM chain WHERE seq > 0`, allianceID, f.Merchant, before, f.Limit)
	case f.Member != "":
		rows, err = db.Query(ctx, `
			SELECT seq FROM member_transactions WHERE alliance_id = $1 AND member = $2 AND seq < $3
			ORDER BY seq DESC LIMIT $4`, allianceID, f.Member, before, f.Limit)
	default:
		rows, err = db.Query(ctx, `
			SELECT seq FROM transactions WHERE alliance_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`, allianceID, before, f.Limit)
	}
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// merchantBefore returns SQL for the transaction before another one that concerned
// merchant $2, or null if the other one did not.
func merchantBefore(seq string) string {
	return `(SELECT t.merchants_before[array_position(t.merchants, $2)] FROM transactions t WHERE t.alliance_id = $1 AND t.seq = ` + seq + `)`
}

// Line is a line of the trial balance: a kind of account and the sum of all
// entries on it, debit positive.
type Line struct {
	Kind    Kind
	Balance money.Amount
}

// TrialBalance returns the sum of all entries by kind of account, as TrialBalanceOf does. It reads the whole
// log: for whoever checks the books. What is kept beside them gives the same at once.
func TrialBalance(ctx context.Context, db Querier, allianceID int64, currency money.Currency) ([]Line, error) {
	sums := make(map[Kind]int64)
	rows, err := db.Query(ctx, `
		SELECT account::text, sum(amount)::bigint FROM entries WHERE alliance_id = $1 GROUP BY account`, allianceID)
	if err != nil {
		return nil, err
	}
	var name string
	var sum int64
	_, err = pgx.ForEachRow(rows, []any{&name, &sum}, func() error {
		kind, err := ParseKind(name)
		sums[kind] = sum
		return err
	})
	if err != nil {
		return nil, err
	}
	return TrialBalanceOf(sums, currency), nil
}

// TrialBalanceOf returns the lines of a trial balance, given the sum of all entries of each
// kind in minor units.
func TrialBalanceOf(sums map[Kind]int64, currency money.Currency) []Line {
	lines := make([]Line, 0, len(Kinds()))
	for _, k := range Kinds() {
		if k.banking() && sums[k] == 0 {
			continue
		}
		lines = append(lines, Line{Kind: k, Balance: currency.Minor(sums[k])})
	}
	return lines
}
