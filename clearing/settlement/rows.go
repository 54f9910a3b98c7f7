package settlement

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// readSettlements reads settlements that fulfil a condition, the oldest first,
// without what belongs to them.
func readSettlements(ctx context.Context, db ledger.Querier, allianceID int64, where string, args ...any) ([]*Lifecycle, error) {
	rows, err := db.Query(ctx, `
		SELECT s.period, w.first_seq, w.closed_seq, s.state, s.policy::text, s.review_until, s.approved_at, s.settled_at, s.obligations, s.undone
		FROM settlements s JOIN windows w USING (alliance_id, period)
		WHERE s.alliance_id = $1 AND `+where+` ORDER BY s.period`, append([]any{allianceID}, args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Lifecycle, error) {
		x := &Lifecycle{}
		var policy string
		var approved, settled *time.Time
		if err := row.Scan(&x.Period, &x.FirstSeq, &x.ClosedSeq, &x.Phase, &policy, &x.ReviewUntil, &approved, &settled, &x.Obliged, &x.Undone); err != nil {
			return nil, err
		}
		x.ReviewUntil, x.ApprovedAt, x.SettledAt = x.ReviewUntil.UTC(), utc(approved), utc(settled)
		return x, json.Unmarshal([]byte(policy), &x.Policy)
	})
}

func utc(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// bearerRow is a bearer in the column obligations.bearers.
type bearerRow struct {
	Party     string `json:"party"`
	Borne     int64  `json:"borne"`
	Recovered int64  `json:"recovered"`
}

// readObligations reads obligations that fulfil a condition, in their order.
func readObligations(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, where string, args ...any) ([]*Obligation, error) {
	rows, err := db.Query(ctx, `
		SELECT o.period, o.number, o.reference, o.kind, o.payer, o.payee, o.covers, o.amount, o.held, o.carried, o.paid, o.sent, o.payments::text,
		       o.drawn, o.state, o.due_at, o.remind_at, o.default_at, o.defaulted_at, o.reminders, o.returns, o.run, o.bearers::text
		FROM obligations o WHERE o.alliance_id = $1 AND `+where+` ORDER BY o.period, o.number`, append([]any{alliance.ID}, args...)...)
	if err != nil {
		return nil, err
	}
	minor := alliance.Currency.Minor
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Obligation, error) {
		o := &Obligation{}
		var amount, disputed, carried, paid, sent, drawn int64
		var due, remind, defaults, defaulted *time.Time
		var payments, text string
		err := row.Scan(&o.Period, &o.Number, &o.Reference, &o.Kind, &o.Payer, &o.Payee, &o.Covers, &amount, &disputed, &carried, &paid, &sent, &payments,
			&drawn, &o.Status, &due, &remind, &defaults, &defaulted, &o.Reminders, &o.Returns, &o.Run, &text)
		if err != nil {
			return nil, err
		}
		o.Amount, o.Disputed, o.Carried = minor(amount), minor(disputed), minor(carried)
		o.Paid, o.Sent, o.Drawn = minor(paid), minor(sent), minor(drawn)
		if o.Payments, err = readPayments(payments, minor); err != nil {
			return nil, err
		}
		o.DueAt, o.RemindAt, o.DefaultAt, o.DefaultedAt = utc(due), utc(remind), utc(defaults), utc(defaulted)
		var bearers []bearerRow
		if err := json.Unmarshal([]byte(text), &bearers); err != nil {
			return nil, err
		}
		for _, b := range bearers {
			o.Bearers = append(o.Bearers, Bearer{b.Party, minor(b.Borne), minor(b.Recovered)})
		}
		return o, nil
	})
}

// disputedRow is an amount in the column disputes.holds.
type disputedRow struct {
	Number int   `json:"number"`
	Amount int64 `json:"amount"`
}

// readDisputes reads disputes that fulfil a condition, the oldest first.
func readDisputes(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, where string, args ...any) ([]*Dispute, error) {
	rows, err := db.Query(ctx, `
		SELECT d.number, d.period, d.party, d.seq, d.effect, d.holds::text, d.reason, d.state, d.opened_at, d.answer_by, d.answered_at, d.answer, d.against, d.adjusted
		FROM disputes d WHERE d.alliance_id = $1 AND `+where+` ORDER BY d.number`, append([]any{alliance.ID}, args...)...)
	if err != nil {
		return nil, err
	}
	minor := alliance.Currency.Minor
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Dispute, error) {
		d := &Dispute{}
		var effect, adjusted int64
		var answerBy, answered *time.Time
		var text string
		err := row.Scan(&d.Number, &d.Period, &d.Party, &d.Seq, &effect, &text, &d.Reason, &d.Verdict, &d.OpenedAt, &answerBy, &answered, &d.Answer, &d.Against, &adjusted)
		if err != nil {
			return nil, err
		}
		d.Effect, d.Adjusted = minor(effect), minor(adjusted)
		d.OpenedAt, d.AnswerBy, d.AnsweredAt = d.OpenedAt.UTC(), utc(answerBy), utc(answered)
		var disputed []disputedRow
		if err := json.Unmarshal([]byte(text), &disputed); err != nil {
			return nil, err
		}
		for _, part := range disputed {
			d.DisputedAmounts = append(d.DisputedAmounts, DisputedAmount{part.Number, minor(part.Amount)})
		}
		return d, nil
	})
}

// readAccounts reads the bank accounts of a circle that fulfil a condition.
func readAccounts(ctx context.Context, db ledger.Querier, allianceID int64, where string) (map[Payee]Account, error) {
	rows, err := db.Query(ctx, `SELECT kind = 'member', owner, body::text FROM bank_accounts WHERE alliance_id = $1 AND `+where, allianceID)
	if err != nil {
		return nil, err
	}
	accounts := make(map[Payee]Account)
	var payee Payee
	var body string
	_, err = pgx.ForEachRow(rows, []any{&payee.Member, &payee.Code, &body}, func() error {
		var account Account
		err := json.Unmarshal([]byte(body), &account)
		accounts[payee] = account
		return err
	})
	return accounts, err
}
