package ledger

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/money"
)

// Span is a part of a circle's log: the transactions numbered First to Last, both included. If
// Merchant is not empty, only those in which that shop acted or that moved an account of its
// own.
type Span struct {
	First, Last int64
	Merchant    string
}

// within is the SQL condition for transactions t of a span; spanned returns its arguments.
const within = `t.alliance_id = $1 AND t.seq >= $2 AND t.seq <= $3 AND ($4 = '' OR $4 = ANY (t.merchants) OR t.accounts && $5)`

func (s Span) spanned(allianceID int64) []any {
	own := []string{}
	if s.Merchant != "" {
		for _, a := range MerchantAccounts(s.Merchant) {
			own = append(own, a.String())
		}
	}
	return []any{allianceID, s.First, s.Last, s.Merchant, own}
}

// Read returns the transactions of a span with all their entries, in the order of their
// numbers. Unlike [Page] it also finds those that moved what a shop owes or is owed without
// touching its clearing account; for that it scans all transactions from First to Last.
func (s Span) Read(ctx context.Context, db Querier, allianceID int64, currency money.Currency) ([]Transaction, error) {
	rows, err := db.Query(ctx, `
		SELECT `+TransactionColumns+` FROM transactions t WHERE `+within+` ORDER BY seq`, s.spanned(allianceID)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTransactions(currency))
}

// Accounts calls f with each account of the span's entries, in the order of their names, and
// the instant of its first entry. For a shop these are the accounts that it may see; all
// others are one account without kind and owner. The database collects and sorts them, so
// they need no memory here.
func (s Span) Accounts(ctx context.Context, db Querier, allianceID int64, f func(a Account, first time.Time) error) error {
	kinds := []string{}
	for _, k := range CardKinds() {
		kinds = append(kinds, k.String())
	}
	rows, err := db.Query(ctx, `
		SELECT CASE WHEN $4 = '' OR e.account = ANY ($5) OR split_part(e.account, ':', 1) = ANY ($6) THEN e.account ELSE '' END COLLATE "C" AS name,
		       min(t.booked_at)
		FROM transactions t, unnest(t.accounts) AS e (account)
		WHERE `+within+` GROUP BY name ORDER BY name`, append(s.spanned(allianceID), kinds)...)
	if err != nil {
		return err
	}
	var name string
	var first time.Time
	_, err = pgx.ForEachRow(rows, []any{&name, &first}, func() error {
		if name == "" {
			return f(Account{}, first)
		}
		account, err := ParseAccount(name)
		if err != nil {
			return err
		}
		return f(account, first)
	})
	return err
}
