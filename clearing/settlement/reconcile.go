package settlement

import (
	"context"
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Reconciliation compares custody with what the bank says of its account, and explains the
// difference: Bank - Custody is the sum of the explanations, exactly.
type Reconciliation struct {
	Account string
	Bank    *money.Amount // what the bank says was on the account last; nil: no statement has balances
	BankOn  time.Time     // when
	Custody money.Amount  // by the books
	// Suspense is what of custody nobody knows yet what for, above zero: it came in.
	Suspense money.Amount

	Before    money.Amount // what was on the account before the first line
	Missing   money.Amount // between the statements: some were not imported
	Waiting   money.Amount // lines that wait for a person, and are not booked
	TickedOff money.Amount // lines of which nothing is to be booked
	HalfShown money.Amount // what left and came back again by the books, and of which the bank shows one so far
	NotShown  money.Amount // booked by hand, and not shown by a line yet: what came in is below zero
	Elsewhere money.Amount // moved in custody by sales and top-ups, below zero if it came in
}

// Difference is Bank - Custody, as far as the bank says what was on the account.
func (r *Reconciliation) Difference() money.Amount {
	return r.Before.Plus(r.Missing).Plus(r.Waiting).Plus(r.TickedOff).Plus(r.HalfShown).Plus(r.NotShown).Plus(r.Elsewhere)
}

// Reconcile compares custody with the bank. The querier must see the database as of one
// instant. Lines in the words of another file, which are another line, count once.
func Reconcile(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, account string) (*Reconciliation, error) {
	var custody, suspended, sum, booked, waiting, ticked, notShown, all int64
	err := db.QueryRow(ctx, `
		WITH line AS (
		    SELECT l.waits, l.outcome, CASE WHEN l.credit THEN l.amount ELSE -l.amount END AS amount,
		           EXISTS (SELECT FROM custody_bookings b WHERE b.alliance_id = $1 AND b.line = l.seq) AS booked
		    FROM bank_lines l WHERE l.alliance_id = $1 AND l.account = $2 AND NOT (l.outcome = 'ticked_off' AND l.twin > 0))
		SELECT coalesce((SELECT balance FROM balances WHERE alliance_id = $1 AND account = 'custody'), 0),
		       coalesce((SELECT -balance FROM balances WHERE alliance_id = $1 AND account = 'suspense'), 0),
		       coalesce((SELECT sum(amount) FROM line), 0),
		       coalesce((SELECT sum(amount) FROM line WHERE booked), 0),
		       coalesce((SELECT sum(amount) FROM line WHERE waits AND NOT booked), 0),
		       coalesce((SELECT sum(amount) FROM line WHERE outcome = 'ticked_off'), 0),
		       coalesce((SELECT sum(amount) FROM custody_bookings WHERE alliance_id = $1 AND line IS NULL), 0),
		       coalesce((SELECT sum(amount) FROM custody_bookings WHERE alliance_id = $1), 0)`,
		alliance.ID, accountKey(account)).Scan(&custody, &suspended, &sum, &booked, &waiting, &ticked, &notShown, &all)
	if err != nil {
		return nil, err
	}
	minor := alliance.Currency.Minor
	r := &Reconciliation{
		Account: account, Custody: minor(custody), Suspense: minor(suspended), Before: minor(0), Missing: minor(0), Waiting: minor(waiting), TickedOff: minor(ticked),
		HalfShown: minor(sum - booked - waiting - ticked), NotShown: minor(-notShown), Elsewhere: minor(-(custody - all)),
	}
	return r, r.compare(ctx, db, alliance, account)
}

// compare reads what the bank says was on the account before its first line and after its
// last one.
func (r *Reconciliation) compare(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, account string) error {
	var opening, closing *int64
	var closedOn *time.Time
	var earlier, within, later int64
	err := db.QueryRow(ctx, `
		WITH said AS (SELECT *, coalesce(opening_on, from_on) AS opened, coalesce(closing_on, to_on) AS closed FROM bank_statements WHERE alliance_id = $1 AND account = $2),
		     first AS (SELECT opening, opened FROM said WHERE opening IS NOT NULL AND opened IS NOT NULL ORDER BY opened, seq, part LIMIT 1),
		     last AS (SELECT closing, closed FROM said WHERE closing IS NOT NULL AND closed IS NOT NULL ORDER BY closed DESC, seq DESC, part DESC LIMIT 1),
		     line AS (SELECT booked_on, CASE WHEN credit THEN amount ELSE -amount END AS amount
		              FROM bank_lines WHERE alliance_id = $1 AND account = $2 AND NOT (outcome = 'ticked_off' AND twin > 0))
		SELECT (SELECT opening FROM first), (SELECT closing FROM last), (SELECT closed FROM last),
		       coalesce((SELECT sum(amount) FROM line WHERE booked_on < (SELECT opened FROM first)), 0),
		       coalesce((SELECT sum(amount) FROM line WHERE booked_on >= coalesce((SELECT opened FROM first), booked_on) AND booked_on <= (SELECT closed FROM last)), 0),
		       coalesce((SELECT sum(amount) FROM line WHERE booked_on > (SELECT closed FROM last)), 0)`,
		alliance.ID, accountKey(account)).Scan(&opening, &closing, &closedOn, &earlier, &within, &later)
	if err != nil || closing == nil {
		return err
	}
	minor := alliance.Currency.Minor
	bank := minor(*closing + later)
	r.Bank, r.BankOn = &bank, closedOn.UTC()
	if opening == nil {
		r.Before = minor(*closing - within)
		return nil
	}
	r.Before, r.Missing = minor(*opening-earlier), minor(*closing-*opening-within)
	return nil
}
