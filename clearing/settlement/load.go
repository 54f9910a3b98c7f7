package settlement

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/reference"
)

// names is what orders name beside what is not settled.
type names struct {
	periods  []string
	disputes []int64
	seqs     []int64
	account  string   // of a bank statement
	lines    []string // of it
	accounts bool     // payouts are to be sent
}

func (n *names) reference(text string) {
	if r, err := reference.Parse(text); err == nil {
		n.periods = append(n.periods, r.Period)
	}
}

func namesOf(orders []clearing.Order) names {
	n := names{periods: []string{}, disputes: []int64{}}
	for i := range orders {
		switch c := orders[i].Command.(type) {
		case Approve:
			n.periods = append(n.periods, c.Period)
		case OpenDispute:
			n.periods, n.seqs = append(n.periods, c.Period), append(n.seqs, c.Seq)
		case AdjustDispute:
			n.disputes = append(n.disputes, c.Dispute)
		case RefuseDispute:
			n.disputes = append(n.disputes, c.Dispute)
		case WithdrawDispute:
			n.disputes = append(n.disputes, c.Dispute)
		case Adjust:
			n.seqs = append(n.seqs, c.Corrects)
		case ReceivePayment:
			n.reference(c.Reference)
		case SendPayouts:
			n.accounts = true
		case ConfirmPayout:
			n.reference(c.Reference)
		case ReturnPayout:
			n.reference(c.Reference)
		case ImportStatement:
			n.account = c.Account
			for _, l := range c.Lines {
				n.lines = append(n.lines, l.ID)
				for _, r := range l.References {
					n.reference(r)
				}
			}
		}
	}
	return n
}

// Load reads what is not settled, or defaulted and not paid since, and what orders
// name beside it.
func (d *Processor) Load(ctx context.Context, db ledger.Session, orders []clearing.Order) error {
	n := namesOf(orders)
	if !d.begun {
		if err := d.loadCounters(ctx, db); err != nil {
			return err
		}
		d.begun = true
	}
	if err := d.loadSettlements(ctx, db, &n); err != nil {
		return err
	}
	if err := d.loadTransactions(ctx, db, n.seqs); err != nil {
		return err
	}
	if n.accounts {
		if err := d.loadAccounts(ctx, db); err != nil {
			return err
		}
	}
	return d.loadKnownLines(ctx, db, &n)
}

func (d *Processor) loadCounters(ctx context.Context, db ledger.Session) error {
	return db.QueryRow(ctx, `
		SELECT coalesce((SELECT number FROM disputes WHERE alliance_id = $1 ORDER BY number DESC LIMIT 1), 0),
		       coalesce((SELECT run FROM payment_runs WHERE alliance_id = $1 ORDER BY run DESC LIMIT 1), 0)`,
		d.state.Circle.ID).Scan(&d.state.LastDispute, &d.state.LastRun)
}

func (d *Processor) loadSettlements(ctx context.Context, db ledger.Session, n *names) error {
	s := &d.state
	known := make([]string, 0, len(d.loaded))
	for period := range d.loaded {
		known = append(known, period)
	}
	found, err := readSettlements(ctx, db, s.Circle.ID, `
		(s.state <> 'settled' OR s.period = ANY ($2)
		 OR EXISTS (SELECT FROM obligations o WHERE o.alliance_id = $1 AND o.period = s.period AND o.state = 'defaulted')
		 OR EXISTS (SELECT FROM disputes d WHERE d.alliance_id = $1 AND d.period = s.period AND d.number = ANY ($3)))
		AND s.period <> ALL ($4)`, n.periods, n.disputes, known)
	if err != nil || len(found) == 0 {
		return err
	}
	fresh := make(map[string]*Lifecycle, len(found))
	periods := make([]string, 0, len(found))
	for _, x := range found {
		fresh[x.Period] = x
		periods = append(periods, x.Period)
		d.loaded[x.Period] = true
	}
	s.Settlements = append(s.Settlements, found...)
	s.sortSettlements()
	obligations, err := readObligations(ctx, db, s.Circle.ID, `o.period = ANY ($2)`, periods)
	if err != nil {
		return err
	}
	for _, o := range obligations {
		fresh[o.Period].Obligations = append(fresh[o.Period].Obligations, o)
	}
	disputes, err := readDisputes(ctx, db, s.Circle.ID, `d.period = ANY ($2)`, periods)
	if err != nil {
		return err
	}
	for _, dispute := range disputes {
		fresh[dispute.Period].Disputes = append(fresh[dispute.Period].Disputes, dispute)
	}
	rows, err := db.Query(ctx, `
		SELECT period, party, transfer FROM positions
		WHERE alliance_id = $1 AND period = ANY ($2) AND transfer > 0 ORDER BY period, party`, s.Circle.ID, periods)
	if err != nil {
		return err
	}
	var period string
	var net Net
	_, err = pgx.ForEachRow(rows, []any{&period, &net.Party, &net.Amount}, func() error {
		fresh[period].Creditors = append(fresh[period].Creditors, net)
		return nil
	})
	return err
}

func (d *Processor) loadTransactions(ctx context.Context, db ledger.Session, seqs []int64) error {
	if len(seqs) == 0 {
		return nil
	}
	found, err := ledger.BySeq(ctx, db, d.state.Circle.ID, d.state.Circle.Currency, seqs)
	for _, t := range found {
		d.state.Lines[t.Seq] = t
	}
	return err
}

func (d *Processor) loadAccounts(ctx context.Context, db ledger.Session) error {
	accounts, err := readAccounts(ctx, db, d.state.Circle.ID, `true`)
	d.state.Accounts = accounts
	return err
}

// loadKnownLines finds which lines of a bank statement were imported before.
func (d *Processor) loadKnownLines(ctx context.Context, db ledger.Session, n *names) error {
	if len(n.lines) == 0 {
		return nil
	}
	rows, err := db.Query(ctx, `
		SELECT line FROM bank_lines WHERE alliance_id = $1 AND account = $2 AND line = ANY ($3)`, d.state.Circle.ID, n.account, n.lines)
	if err != nil {
		return err
	}
	clear(d.state.KnownLines)
	var line string
	_, err = pgx.ForEachRow(rows, []any{&line}, func() error {
		d.state.KnownLines[line] = true
		return nil
	})
	return err
}

// readSettlements reads settlements that fulfil a condition, the oldest first,
// without what belongs to them.
func readSettlements(ctx context.Context, db ledger.Querier, circle int64, where string, args ...any) ([]*Lifecycle, error) {
	rows, err := db.Query(ctx, `
		SELECT s.period, w.first_seq, w.closed_seq, s.state, s.policy::text, s.review_until, s.approved_at, s.settled_at
		FROM settlements s JOIN windows w USING (alliance_id, period)
		WHERE s.alliance_id = $1 AND `+where+` ORDER BY s.period`, append([]any{circle}, args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Lifecycle, error) {
		x := &Lifecycle{}
		var policy string
		var approved, settled *time.Time
		if err := row.Scan(&x.Period, &x.FirstSeq, &x.ClosedSeq, &x.Phase, &policy, &x.ReviewUntil, &approved, &settled); err != nil {
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

// readObligations reads obligations that fulfil a condition, in their order.
func readObligations(ctx context.Context, db ledger.Querier, circle int64, where string, args ...any) ([]*Obligation, error) {
	rows, err := db.Query(ctx, `
		SELECT o.period, o.number, o.reference, o.kind, o.payer, o.payee, o.covers, o.amount, o.held, o.carried, o.paid, o.sent, o.parts,
		       o.drawn, o.state, o.due_at, o.remind_at, o.default_at, o.reminders, o.returns, o.run, o.bearers::text
		FROM obligations o WHERE o.alliance_id = $1 AND `+where+` ORDER BY o.period, o.number`, append([]any{circle}, args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Obligation, error) {
		o := &Obligation{}
		var due, remind, defaults *time.Time
		var bearers string
		err := row.Scan(&o.Period, &o.Number, &o.Reference, &o.Kind, &o.Payer, &o.Payee, &o.Covers, &o.Amount, &o.Disputed, &o.Carried, &o.Paid,
			&o.Sent, &o.Parts, &o.Drawn, &o.Status, &due, &remind, &defaults, &o.Reminders, &o.Returns, &o.Run, &bearers)
		if err != nil {
			return nil, err
		}
		if len(o.Parts) == 0 {
			o.Parts = nil
		}
		o.DueAt, o.RemindAt, o.DefaultAt = utc(due), utc(remind), utc(defaults)
		return o, json.Unmarshal([]byte(bearers), &o.Bearers)
	})
}

// readDisputes reads disputes that fulfil a condition, the oldest first.
func readDisputes(ctx context.Context, db ledger.Querier, circle int64, where string, args ...any) ([]*Dispute, error) {
	rows, err := db.Query(ctx, `
		SELECT d.number, d.period, d.party, d.seq, d.effect, d.holds::text, d.reason, d.state, d.opened_at, d.answered_at, d.answer, d.against, d.adjusted
		FROM disputes d WHERE d.alliance_id = $1 AND `+where+` ORDER BY d.number`, append([]any{circle}, args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Dispute, error) {
		d := &Dispute{}
		var answered *time.Time
		var holds string
		err := row.Scan(&d.Number, &d.Period, &d.Party, &d.Seq, &d.Effect, &holds, &d.Reason, &d.Verdict, &d.OpenedAt, &answered, &d.Answer, &d.Against, &d.Adjusted)
		if err != nil {
			return nil, err
		}
		d.OpenedAt, d.AnsweredAt = d.OpenedAt.UTC(), utc(answered)
		return d, json.Unmarshal([]byte(holds), &d.DisputedAmounts)
	})
}

// readAccounts reads the bank accounts of a circle that fulfil a condition.
func readAccounts(ctx context.Context, db ledger.Querier, circle int64, where string) (map[Payee]Account, error) {
	rows, err := db.Query(ctx, `SELECT kind = 'member', owner, body::text FROM bank_accounts WHERE alliance_id = $1 AND `+where, circle)
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
