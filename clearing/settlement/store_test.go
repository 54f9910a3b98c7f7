package settlement_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"lianka/alliance"
	"lianka/alliance/audit"
	"lianka/alliance/replay"
	"lianka/alliance/scenario"
	"lianka/clearing"
	"lianka/clearing/ledger"
	"lianka/clearing/reference"
	"lianka/clearing/settlement"
	"lianka/migrations/pgtest"
)

const rules = `
alliance: {code: pier, name: Pier, currency: CNY, timezone: Asia/Shanghai}
rules:
  sale: {seller: "0.10", organiser: "0.05"}
  referral: {levels: ["0.08", "0.02"], hold_days: 7, minimum_payout: "10.00"}
  redemption: {clearing_fee: "0.02"}
  traffic: {home_merchant: "0.03", organiser: "0.01"}
  points: {per_unit: "1", cost: "0.02", value: "0.01"}
  stored_value: {spend_order: principal_first}
  settlement: {minimum_transfer: "1.00", transfers: %s, loss: %s}
merchants:
  - {code: cafe, name: Cafe, category: coffee}
  - {code: gym, name: Gym, category: fitness}
  - {code: salon, name: Salon, category: hair}
products:
  - {code: day, kind: free, valid_days: 1}
  - {code: paid, kind: paid, price: "199.99", valid_days: 300}
`

// pier is a circle with a sequencer on a database of its own, which keeps the desks
// that its batches have worked at.
type pier struct {
	*testing.T
	pool      *pgxpool.Pool
	circle    clearing.Circle
	sequencer *clearing.Sequencer
	keys      int
	now       time.Time
	desk      *settlement.Desk // of the newest batch that had one
}

// watched are rules whose books tell of the desks that they open.
type watched struct {
	clearing.Rules
	tell func(*settlement.Desk)
}

type watchedBook struct {
	clearing.Book
	tell func(*settlement.Desk)
}

func (w watched) Open(circle int64, head *clearing.Head, balances *ledger.Balances, remember int) clearing.Book {
	return watchedBook{w.Rules.Open(circle, head, balances, remember), w.tell}
}

func (w watchedBook) Desk() (clearing.Desk, error) {
	desk, err := w.Book.Desk()
	if opened, ok := desk.(*settlement.Desk); ok {
		w.tell(opened)
	}
	return desk, err
}

func setup(t *testing.T, transfers, loss string) *pier {
	t.Helper()
	written, err := scenario.ParseCircle("circle.yaml", fmt.Appendf(nil, rules, transfers, loss))
	require.NoError(t, err)
	p := &pier{T: t, pool: pgtest.Pool(t), now: at(time.October, 1, 9)}
	p.circle, err = replay.Establish(t.Context(), p.pool, written, clearing.Live)
	require.NoError(t, err)
	p.sequencer = clearing.NewSequencer(p.pool, watched{alliance.NewLibrary(), func(d *settlement.Desk) { p.desk = d }})
	return p
}

// must submits a command that has to be booked, and returns its transaction.
func (p *pier) must(command any) int64 {
	p.Helper()
	outcome := p.submit(command)
	require.Nil(p, outcome.Refusal)
	p.reads()
	return outcome.Seq
}

func (p *pier) submit(command any) clearing.Outcome {
	p.Helper()
	p.keys++
	outcome, err := p.sequencer.Submit(p.Context(), p.circle.ID, clearing.Order{
		Caller: "test", Key: fmt.Sprint(p.keys), Hash: sha256.Sum256(fmt.Appendf(nil, "%#v", command)), At: p.now, Command: command,
	})
	require.NoError(p, err)
	return outcome
}

func (p *pier) pass(until time.Time) {
	p.Helper()
	p.now = until
	require.NoError(p, p.sequencer.Advance(p.Context(), p.circle.ID, until))
	p.reads()
}

func (p *pier) ref(period string, number int) string {
	p.Helper()
	text, err := reference.New(p.circle.ID, period, number)
	require.NoError(p, err)
	return text
}

// shops returns the merchants' standings, as they are stored.
func (p *pier) shops() []clearing.Shop {
	p.Helper()
	rows, err := p.pool.Query(p.Context(), `SELECT shop, suspended, coalesce(leaves_at, '0001-01-01'), has_left FROM shops ORDER BY shop`)
	require.NoError(p, err)
	shops, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s clearing.Shop, err error) {
		err = row.Scan(&s.Code, &s.Suspended, &s.LeavesAt, &s.Left)
		s.LeavesAt = s.LeavesAt.UTC()
		return s, err
	})
	require.NoError(p, err)
	return shops
}

// fresh returns a desk that has read all settlements of the circle.
func (p *pier) fresh() *settlement.State {
	p.Helper()
	var orders []clearing.Order
	windows, err := clearing.Windows(p.Context(), p.pool, p.circle.ID)
	require.NoError(p, err)
	for _, w := range windows {
		orders = append(orders, clearing.Order{Command: settlement.Approve{Period: w.Period}})
	}
	desk := settlement.NewDesk(p.circle, ledger.NewBalances(), p.shops(), nil)
	require.NoError(p, desk.Load(p.Context(), p.pool, orders))
	return desk.State()
}

// reads checks that what the newest batch has left at its desk is read back the
// same, and that the head knows when something comes about.
func (p *pier) reads() {
	p.Helper()
	if p.desk == nil {
		return
	}
	kept, fresh := p.desk.State(), p.fresh()
	stored := make(map[string]*settlement.Settlement)
	for _, x := range fresh.Unmark() {
		stored[x.Period] = x
	}
	for _, x := range kept.Unmark() {
		require.Equal(p, x, stored[x.Period])
	}
	require.Equal(p, kept.LastEvent, fresh.LastEvent)
	require.Equal(p, kept.LastDispute, fresh.LastDispute)
	require.Equal(p, kept.LastRun, fresh.LastRun)
	require.Equal(p, fresh.Shops, kept.Shops)
	head, err := clearing.ReadHead(p.Context(), p.pool, p.circle.ID)
	require.NoError(p, err)
	require.Equal(p, fresh.Deadline(), head.DeadlineAt)
	var events int64
	require.NoError(p, p.pool.QueryRow(p.Context(), `SELECT count(*) FROM events`).Scan(&events))
	require.Equal(p, fresh.LastEvent, events)
}

func (p *pier) audit() {
	p.Helper()
	report, err := audit.Run(context.WithoutCancel(p.Context()), p.pool, p.circle.ID)
	require.NoError(p, err)
	for _, c := range report.Checks {
		require.Empty(p, c.Named, c.Name)
	}
}

// autumn has October closed: the cafe collected 300.00 for stored value, of which
// 60.00 were spent at the gym and 40.00 at the salon, and sold two cards, for which ann gets
// commission. It returns the spend at the gym.
func (p *pier) autumn() (spend int64) {
	p.Helper()
	cafe, ann := "cafe", "ann"
	p.must(alliance.SellCard{Card: "A", Member: "ann", Product: "paid", Merchant: &cafe})
	p.must(alliance.SellCard{Card: "B", Member: "bob", Product: "paid", Merchant: &cafe, Referrer: &ann})
	p.must(alliance.TopUp{Card: "A", Amount: "300.00", Merchant: &cafe})
	spend = p.must(alliance.SpendValue{Card: "A", Merchant: "gym", Amount: "60.00"})
	p.must(alliance.SpendValue{Card: "A", Merchant: "salon", Amount: "40.00"})
	p.pass(at(time.November, 1, 0))
	return spend
}

// accounts gives everybody a bank account.
func (p *pier) accounts() {
	p.Helper()
	_, err := p.pool.Exec(p.Context(), `
		INSERT INTO bank_accounts (alliance_id, kind, owner, body)
		SELECT $1, kind, owner, json_build_object('holder', owner, 'number', '42')
		FROM (VALUES ('party', 'custody'), ('party', 'organiser'), ('party', 'gym'), ('party', 'salon'), ('party', 'cafe'), ('member', 'ann')) AS a (kind, owner)`,
		p.circle.ID)
	require.NoError(p, err)
}

func TestWhatIsSavedIsReadBack(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"custody", "creditors"}, {"direct", "organiser_first"}} {
		t.Run(c[0], func(t *testing.T) {
			t.Parallel()
			p := setup(t, c[0], c[1])
			spend := p.autumn()
			obligations := make(map[string]*settlement.Obligation) // by whom they concern
			for _, o := range p.fresh().Settlements[0].Obligations {
				obligations[o.Payer+"-"+o.Payee] = o
			}
			p.must(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: spend, Reason: "it was 80.00"})
			p.must(settlement.LodgeDeposit{Merchant: "cafe", Amount: "20.00", Note: "cash"})
			p.must(settlement.Adjust{From: "cafe", To: "salon", Amount: "1.50", Reason: "a till was wrong", Corrects: spend})
			require.Equal(t, settlement.CodeDisputeOpen, p.submit(settlement.Approve{Period: "2026-10"}).Refusal.Code)
			p.pass(at(time.November, 4, 0))
			require.Equal(t, settlement.Approved, p.fresh().Settlements[0].Phase)

			p.accounts()
			p.must(settlement.SendPayouts{ExecuteOn: "2026-11-06"})
			p.must(settlement.AdjustDispute{Dispute: 1, Against: "organiser", Amount: "10.00", Answer: "half of it"})
			commission := obligations["custody-ann"]
			p.must(settlement.ImportStatement{Account: "42", Statement: "7", Lines: []settlement.BankLine{
				{ID: "a", BookedOn: p.now, Amount: commission.Amount, References: []string{commission.Reference}, Counterparty: "Ann", Text: "x"},
				{ID: "b", BookedOn: p.now, Credit: true, Amount: 1, Text: "interest"},
			}})
			p.must(settlement.ImportStatement{Account: "42", Statement: "8", Lines: []settlement.BankLine{
				{ID: "b", BookedOn: p.now, Credit: true, Amount: 1, Text: "interest"},
				{ID: "c", BookedOn: p.now, Credit: true, Returned: true, Amount: commission.Amount, References: []string{commission.Reference}, Text: "closed"},
			}})
			p.must(settlement.ReceivePayment{Party: "cafe", Amount: "3.00", Note: "cash"})
			p.must(settlement.GiveNotice{Merchant: "salon", LeavesAt: at(time.November, 20, 12).Add(1500)})
			p.pass(at(time.December, 8, 0)) // reminders, a default, a shop that leaves, and a month that closes
			shops := p.shops()
			require.True(t, shops[0].Suspended)
			require.True(t, shops[2].Left)
			state := p.fresh()
			require.Len(t, state.Settlements, 2)
			defaulted := false
			for _, o := range state.Settlements[0].Obligations {
				if o.Payer == "cafe" && o.Status == settlement.Defaulted {
					defaulted = true
					require.NotEmpty(t, o.Bearers)
				}
			}
			require.True(t, defaulted)
			for _, x := range state.Settlements {
				for _, o := range x.Obligations {
					if o.Payer == clearing.Custody && o.Outstanding()+o.Sent > 0 {
						p.must(settlement.ConfirmPayout{Reference: o.Reference, Note: "by hand"})
					}
				}
			}
			require.Equal(t, settlement.Settled, p.fresh().Settlements[0].Phase)
			p.must(settlement.ReceivePayment{Party: "cafe", Amount: "5.00"}) // of a month that is settled
			p.must(settlement.ReturnPayout{Reference: commission.Reference, Reason: "closed"})
			require.Equal(t, settlement.Paying, p.fresh().Settlements[0].Phase)
			p.pass(at(time.December, 31, 0).AddDate(0, 3, 0))
			p.audit()

			var runs, orders, lines string
			require.NoError(t, p.pool.QueryRow(t.Context(), `
				SELECT (SELECT string_agg(run || ' ' || execute_on || ' ' || (debtor ->> 'number'), ', ') FROM payment_runs),
				       (SELECT string_agg(DISTINCT payee ->> 'holder', ', ' ORDER BY payee ->> 'holder') FROM payment_orders),
				       (SELECT string_agg(line || ' ' || statement || ' ' || outcome, ', ' ORDER BY line) FROM bank_lines)`).Scan(&runs, &orders, &lines))
			require.Equal(t, "1 2026-11-06 42", runs)
			require.Contains(t, orders, "ann")
			require.Equal(t, "a 7 confirmed, b 7 no_reference, c 8 returned", lines)
		})
	}
}

func TestAnAnswerTellsAllThatItChanged(t *testing.T) {
	t.Parallel()
	p := setup(t, "custody", "creditors")
	p.autumn()
	p.pass(at(time.November, 4, 0))
	outcome := p.submit(settlement.ReceivePayment{Party: "cafe", Amount: "3.00"})
	var receipt settlement.Receipt
	require.NoError(t, json.Unmarshal(outcome.Answer, &receipt))
	require.Equal(t, ledger.ID(outcome.Seq), receipt.Transaction)
	require.EqualValues(t, settlement.PaymentReceived, receipt.Type)
	require.Equal(t, p.now, receipt.BookedAt)
	require.Len(t, receipt.Events, 2)
	for i, e := range receipt.Events {
		var body []byte
		require.NoError(t, p.pool.QueryRow(t.Context(), `SELECT body FROM events WHERE number = $1 AND seq = $2 AND type = $3`, e.Number, outcome.Seq, e.Type).Scan(&body))
		var stored settlement.Event
		require.NoError(t, json.Unmarshal(body, &stored))
		require.Equal(t, e, stored)
		require.Equal(t, receipt.Events[0].Number+int64(i), e.Number)
	}
	found, err := ledger.BySeq(t.Context(), p.pool, p.circle.ID, p.circle.Currency, []int64{outcome.Seq})
	require.NoError(t, err)
	var facts struct{ Events []settlement.Event }
	require.NoError(t, json.Unmarshal(found[0].Facts, &facts))
	require.Equal(t, receipt.Events, facts.Events, "the chain of hashes covers them")
}

func TestTheDatabaseHoldsTheCoreByItself(t *testing.T) {
	t.Parallel()
	p := setup(t, "custody", "creditors")
	spend := p.autumn()
	p.must(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: spend})
	p.pass(at(time.November, 4, 0))
	p.accounts()
	p.must(settlement.SendPayouts{})
	p.must(settlement.ImportStatement{Account: "42", Statement: "7", Lines: []settlement.BankLine{{ID: "a", BookedOn: p.now, Amount: 1}}})
	for _, c := range []struct{ constraint, sql string }{
		{"obligations_once_check", `UPDATE obligations SET paid = amount + 1 - sent - held`},
		{"obligations_once_check", `UPDATE obligations SET carried = amount WHERE held > 0`},
		{"obligations_amount_check", `UPDATE obligations SET paid = -1`},
		{"obligations_amount_check", `UPDATE obligations SET drawn = paid + 1`},
		{"obligations_sent_check", `UPDATE obligations SET state = 'payable' WHERE state = 'sent'`},
		{"obligations_state_check", `UPDATE obligations SET state = 'forgiven'`},
		{"obligations_keep_terms", `UPDATE obligations SET amount = amount + 1`},
		{"obligations_keep_terms", `UPDATE obligations SET payee = 'cafe' WHERE payee = 'gym'`},
		{"obligations_keep_terms", `DELETE FROM obligations WHERE payer = 'cafe'`},
		{"settlements_keep_snapshot", `UPDATE settlements SET digest = sha256('other')`},
		{"settlements_keep_snapshot", `UPDATE settlements SET policy = '{}'`},
		{"settlements_keep_snapshot", `UPDATE settlements SET period = '2026-09'`},
		{"settlements_keep_snapshot", `DELETE FROM settlements`},
		{"settlements_state_check", `UPDATE settlements SET state = 'open'`},
		{"disputes_answer_check", `UPDATE disputes SET state = 'refused'`},
		{"disputes_line_key", `INSERT INTO disputes SELECT alliance_id, number + 1, period, party, seq, effect, holds, reason, state, opened_at, answered_at, answer, against, adjusted FROM disputes`},
	} {
		p.violates(c.constraint, c.sql)
	}
	for _, table := range []string{"positions", "transfers", "commission_statements", "payment_runs", "payment_orders", "bank_lines", "events"} {
		var rows int
		require.NoError(t, p.pool.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&rows))
		require.Positive(t, rows, table)
		p.violates(table+"_append_only", `UPDATE `+table+` SET alliance_id = alliance_id`)
		p.violates(table+"_append_only", `DELETE FROM `+table)
		p.violates(table+"_append_only", `TRUNCATE `+table+` CASCADE`)
	}
}

// violates runs SQL that a constraint has to stop.
func (p *pier) violates(constraint, sql string) {
	p.Helper()
	_, err := p.pool.Exec(p.Context(), sql)
	var refused *pgconn.PgError
	require.True(p, errors.As(err, &refused), "%s: %v", sql, err)
	require.Equal(p, constraint, refused.ConstraintName, "%s: %v", sql, err)
}
