package settlement_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/migrations/pgtest"
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

// pier is a circle with a sequencer on a database of its own, which keeps the processors
// that its batches have worked at.
type pier struct {
	*testing.T
	pool      *pgxpool.Pool
	alliance  clearing.Alliance
	sequencer *sequencer.Sequencer
	keys      int
	now       time.Time
	processor *settlement.Processor // of the newest batch that had one
}

// watched are rules that report the processors that they open.
type watched struct {
	sequencer.Rules
	tell func(*settlement.Processor)
}

type watchedState struct {
	sequencer.AllianceState
	tell func(*settlement.Processor)
}

func (w watched) Open(allianceID int64, head *clearing.Head, balances *ledger.Balances, remember int) sequencer.AllianceState {
	return watchedState{w.Rules.Open(allianceID, head, balances, remember), w.tell}
}

func (w watchedState) Processor() (sequencer.SettlementProcessor, error) {
	desk, err := w.AllianceState.Processor()
	if opened, ok := desk.(*settlement.Processor); ok {
		w.tell(opened)
	}
	return desk, err
}

func setup(t *testing.T, transfers, loss string) *pier {
	t.Helper()
	written, err := scenario.ParseAlliance("circle.yaml", fmt.Appendf(nil, rules, transfers, loss))
	require.NoError(t, err)
	p := &pier{T: t, pool: pgtest.Pool(t), now: at(time.October, 1, 9)}
	p.alliance, err = replay.Establish(t.Context(), p.pool, written, clearing.Live)
	require.NoError(t, err)
	p.sequencer = sequencer.New(p.pool, watched{store.NewSetupCache(alliance.Standard()), func(d *settlement.Processor) { p.processor = d }})
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

func (p *pier) submit(command any) sequencer.Outcome {
	p.Helper()
	p.keys++
	outcome, err := p.sequencer.Submit(p.Context(), p.alliance.ID, sequencer.Order{
		Caller: "test", Key: fmt.Sprint(p.keys), Hash: sha256.Sum256(fmt.Appendf(nil, "%#v", command)), At: p.now, Command: command,
	})
	require.NoError(p, err)
	return outcome
}

func (p *pier) pass(until time.Time) {
	p.Helper()
	p.now = until
	require.NoError(p, p.sequencer.Advance(p.Context(), p.alliance.ID, until))
	p.reads()
}

// merchants returns the merchants' standings, as they are stored.
func (p *pier) merchants() []clearing.Merchant {
	p.Helper()
	rows, err := p.pool.Query(p.Context(), `SELECT merchant, suspended, coalesce(leaves_at, '0001-01-01'), has_left FROM merchants ORDER BY merchant`)
	require.NoError(p, err)
	merchants, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s clearing.Merchant, err error) {
		err = row.Scan(&s.Code, &s.Suspended, &s.LeavesAt, &s.Left)
		s.LeavesAt = s.LeavesAt.UTC()
		return s, err
	})
	require.NoError(p, err)
	return merchants
}

// fresh returns a state into which all settlements of the circle were read, with all
// that belongs to them.
func (p *pier) fresh() *settlement.State {
	p.Helper()
	var orders []sequencer.Order
	windows, err := window.List(p.Context(), p.pool, p.alliance.ID)
	require.NoError(p, err)
	for _, w := range windows {
		orders = append(orders, sequencer.Order{Command: settlement.Approve{Period: w.Period}})
	}
	rows, err := p.pool.Query(p.Context(), `SELECT reference FROM obligations`)
	require.NoError(p, err)
	references, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(p, err)
	for _, r := range references {
		orders = append(orders, sequencer.Order{Command: settlement.ConfirmPayout{Reference: r}})
	}
	rows, err = p.pool.Query(p.Context(), `SELECT number FROM disputes`)
	require.NoError(p, err)
	disputes, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	require.NoError(p, err)
	for _, d := range disputes {
		orders = append(orders, sequencer.Order{Command: settlement.RefuseDispute{Dispute: d}})
	}
	processor := settlement.NewProcessor(p.alliance, ledger.NewBalances(), p.merchants(), nil)
	require.NoError(p, processor.Load(p.Context(), p.pool, orders))
	return processor.State()
}

// reads checks that what the newest batch has left in memory is read back the
// same, and that the head knows the deadline.
func (p *pier) reads() {
	p.Helper()
	if p.processor == nil {
		return
	}
	kept, fresh := p.processor.State(), p.fresh()
	stored := make(map[string]*settlement.Lifecycle)
	for _, x := range fresh.Unmark() {
		stored[x.Period] = x
	}
	for _, x := range kept.Unmark() {
		all := stored[x.Period]
		require.NotNil(p, all, x.Period)
		require.Len(p, all.Obligations, all.Obliged, "what is counted is there")
		undone := 0
		for _, o := range all.Obligations {
			if !slices.Contains([]settlement.Status{settlement.Paid, settlement.Defaulted, settlement.Confirmed, settlement.Carried}, o.Status) {
				undone++
			}
		}
		require.Equal(p, undone, all.Undone)
		for _, o := range x.Obligations {
			require.Contains(p, all.Obligations, o)
		}
		for _, d := range x.Disputes {
			require.Contains(p, all.Disputes, d)
		}
		if len(x.Creditors) != len(all.Creditors) { // one was read when it was settled: nobody can default on it any more
			for _, o := range all.Obligations {
				require.False(p, o.Status == settlement.Due || o.Status == settlement.PartPaid, o.Reference)
			}
			x.Creditors, all.Creditors = nil, nil
		}
		x.Obligations, x.Disputes, all.Obligations, all.Disputes = nil, nil, nil, nil
		require.Equal(p, all, x)
	}
	require.Equal(p, kept.LastDispute, fresh.LastDispute)
	require.Equal(p, kept.LastRun, fresh.LastRun)
	require.Equal(p, fresh.Merchants, kept.Merchants)
	head, err := clearing.ReadHead(p.Context(), p.pool, p.alliance.ID)
	require.NoError(p, err)
	require.Equal(p, fresh.Deadline(), head.DeadlineAt)
	var gaps int64
	require.NoError(p, p.pool.QueryRow(p.Context(), `
		SELECT count(*) FROM (SELECT number, row_number() OVER (PARTITION BY seq ORDER BY number) AS n, seq FROM events) AS e
		WHERE number <> seq * 1048576 + n`).Scan(&gaps))
	require.Zero(p, gaps, "the events of a transaction are numbered without a gap")
}

func (p *pier) audit() {
	p.Helper()
	report, err := audit.Run(context.WithoutCancel(p.Context()), p.pool, alliance.Standard(), p.alliance.ID)
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
		p.alliance.ID)
	require.NoError(p, err)
}

// today returns the circle's date as midnight UTC, as bank lines have theirs.
func (p *pier) today() time.Time {
	y, m, d := p.now.In(location).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
