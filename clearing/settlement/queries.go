package settlement

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/message"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/window"
)

var (
	// ErrNoRun: there is no payment run of that number.
	ErrNoRun = errors.New("there is no such payment run")
	// ErrNoAccount: no bank account is known.
	ErrNoAccount = errors.New("no bank account is known")
)

// Find returns the lifecycle of a settlement without its obligations and disputes, or
// window.ErrNotClosed.
func Find(ctx context.Context, db ledger.Querier, allianceID int64, period string) (*Lifecycle, error) {
	found, err := readSettlements(ctx, db, allianceID, `s.period = $2`, period)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("%w: %q", window.ErrNotClosed, period)
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// Phases returns where the settlements of some periods are in their lives.
func Phases(ctx context.Context, db ledger.Querier, allianceID int64, periods []string) (map[string]Phase, error) {
	rows, err := db.Query(ctx, `SELECT period, state FROM settlements WHERE alliance_id = $1 AND period = ANY($2)`, allianceID, periods)
	if err != nil {
		return nil, err
	}
	found := make(map[string]Phase, len(periods))
	var period string
	var phase Phase
	_, err = pgx.ForEachRow(rows, []any{&period, &phase}, func() error {
		found[period] = phase
		return nil
	})
	return found, err
}

// Obligations returns what a settlement asks for, with numbers above one, in their
// order. party confines it to what a party owes or is to get; empty: all.
func Obligations(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, period, party string, after int64, limit int) ([]*Obligation, error) {
	return readObligations(ctx, db, alliance, `
		o.period = $2 AND ($3 = '' OR o.payer = $3 OR (o.payee = $3 AND o.kind <> 'commission')) AND o.number > $4 AND o.number IN (
		    SELECT n.number FROM obligations n
		    WHERE n.alliance_id = $1 AND n.period = $2 AND ($3 = '' OR n.payer = $3 OR (n.payee = $3 AND n.kind <> 'commission')) AND n.number > $4
		    ORDER BY n.number LIMIT $5)`, period, party, after, limit)
}

// OfMember returns what a settlement asks custody to pay a member, or nil.
func OfMember(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, period, member string) (*Obligation, error) {
	found, err := readObligations(ctx, db, alliance, `o.period = $2 AND o.kind = 'commission' AND o.payee = $3`, period, member)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// Disputes returns disputes with numbers below one, the newest first; 0 begins with
// the newest. Empty conditions are ignored.
func Disputes(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, period, party string, verdict Verdict, before int64, limit int) ([]*Dispute, error) {
	found, err := readDisputes(ctx, db, alliance, `
		d.number IN (SELECT n.number FROM disputes n
		    WHERE n.alliance_id = $1 AND ($2 = '' OR n.period = $2) AND ($3 = '' OR n.party = $3) AND ($4 = '' OR n.state = $4) AND ($5::bigint = 0 OR n.number < $5)
		    ORDER BY n.number DESC LIMIT $6)`, period, party, string(verdict), before, limit)
	slices.Reverse(found)
	return found, err
}

// DisputedByParty returns how much of what parties owe and are owed is disputed, by
// party. What is disputed of a direct transfer is so at both its parties.
func DisputedByParty(ctx context.Context, db ledger.Querier, alliance clearing.Alliance) (map[string]money.Amount, error) {
	rows, err := db.Query(ctx, `
		SELECT party, sum(held)::bigint FROM obligations, unnest(ARRAY[payer, payee]) AS party
		WHERE alliance_id = $1 AND held > 0 AND kind <> 'commission' AND party <> 'custody' GROUP BY party`, alliance.ID)
	if err != nil {
		return nil, err
	}
	disputed := make(map[string]money.Amount)
	var party string
	var sum int64
	_, err = pgx.ForEachRow(rows, []any{&party, &sum}, func() error {
		disputed[party] = alliance.Currency.Minor(sum)
		return nil
	})
	return disputed, err
}

// RunSummary is a payment run with the sum and the number of its orders.
type RunSummary struct {
	Run
	Total money.Amount
	Count int
}

// Runs returns payment runs with numbers below one, the newest first, without their
// orders; 0 begins with the newest.
func Runs(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, before int64, limit int) ([]RunSummary, error) {
	rows, err := db.Query(ctx, `
		SELECT r.run, r.made_at, r.execute_on, r.debtor::text, (o.sum)::bigint, o.count
		FROM payment_runs r, LATERAL (SELECT sum(amount), count(*) FROM payment_orders WHERE alliance_id = $1 AND run = r.run) o
		WHERE r.alliance_id = $1 AND ($2::bigint = 0 OR r.run < $2) ORDER BY r.run DESC LIMIT $3`, alliance.ID, before, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r RunSummary, err error) {
		var debtor string
		var total int64
		if err = row.Scan(&r.Number, &r.MadeAt, &r.ExecuteOn, &debtor, &total, &r.Count); err != nil {
			return r, err
		}
		r.MadeAt, r.Total = r.MadeAt.UTC(), alliance.Currency.Minor(total)
		return r, json.Unmarshal([]byte(debtor), &r.Debtor)
	})
}

// FindRun returns a payment run with its orders, or ErrNoRun.
func FindRun(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, number int64) (RunSummary, error) {
	runs, err := Runs(ctx, db, alliance, number+1, 1)
	if err != nil {
		return RunSummary{}, err
	}
	if len(runs) == 0 || runs[0].Number != number {
		return RunSummary{}, fmt.Errorf("%w: %d", ErrNoRun, number)
	}
	run := runs[0]
	rows, err := db.Query(ctx, `
		SELECT period, number, reference, attempt, amount, payee::text FROM payment_orders WHERE alliance_id = $1 AND run = $2 ORDER BY line`, alliance.ID, number)
	if err != nil {
		return run, err
	}
	run.Orders, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (o PaymentOrder, err error) {
		var amount int64
		var payee string
		if err = row.Scan(&o.Period, &o.Number, &o.Reference, &o.Attempt, &amount, &payee); err != nil {
			return o, err
		}
		o.Amount = alliance.Currency.Minor(amount)
		return o, json.Unmarshal([]byte(payee), &o.Payee)
	})
	return run, err
}

// FindAccount returns where a payee is paid, or ErrNoAccount.
func FindAccount(ctx context.Context, db ledger.Querier, allianceID int64, payee Payee) (Account, error) {
	rows, err := db.Query(ctx, `SELECT body::text FROM bank_accounts WHERE alliance_id = $1 AND kind = $2 AND owner = $3`, allianceID, payee.kind(), payee.Code)
	if err != nil {
		return Account{}, err
	}
	body, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, message.Wrap("%v of %q", ErrNoAccount, payee.Code)
	}
	if err != nil {
		return Account{}, err
	}
	var account Account
	return account, json.Unmarshal([]byte(body), &account)
}

// PartyAccounts returns where parties are paid, custody among them, by their codes.
func PartyAccounts(ctx context.Context, db ledger.Querier, allianceID int64) (map[string]Account, error) {
	all, err := readAccounts(ctx, db, allianceID, `kind = 'party'`)
	if err != nil {
		return nil, err
	}
	accounts := make(map[string]Account, len(all))
	for payee, account := range all {
		accounts[payee.Code] = account
	}
	return accounts, nil
}

func (p Payee) kind() string {
	if p.Member {
		return "member"
	}
	return "party"
}
