package sequencer_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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
  settlement: {minimum_transfer: "1.00"}
merchants: [{code: cafe, name: Cafe, category: coffee}, {code: gym, name: Gym, category: fitness}]
products:
  - {code: day, kind: free, valid_days: 1}
  - {code: paid, kind: paid, price: "199.99", valid_days: 30}
`

var opening = time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)

// pier is a circle with a sequencer on a database of its own.
type pier struct {
	*testing.T
	pool      *pgxpool.Pool
	alliance  clearing.Alliance
	sequencer *sequencer.Sequencer
	keys      atomic.Int64
}

func setup(t *testing.T) *pier {
	t.Helper()
	return setupBy(t, rules)
}

func setupBy(t *testing.T, rules string) *pier {
	t.Helper()
	written, err := scenario.ParseAlliance("circle.yaml", []byte(rules))
	require.NoError(t, err)
	p := &pier{T: t, pool: pgtest.Pool(t)}
	p.alliance, err = replay.Establish(t.Context(), p.pool, written, clearing.Live)
	require.NoError(t, err)
	p.sequencer = sequencer.New(p.pool, store.NewSetupCache(alliance.Standard()))
	return p
}

func (p *pier) order(command alliance.Command) sequencer.Order {
	return p.keyed(fmt.Sprintf("key-%d", p.keys.Add(1)), command)
}

func (p *pier) keyed(key string, command alliance.Command) sequencer.Order {
	return sequencer.Order{
		Caller: "test", Key: key, Hash: sha256.Sum256(fmt.Appendf(nil, "%#v", command)), At: opening, Command: command,
	}
}

// must submits a command, and requires that it is booked.
func (p *pier) must(command alliance.Command) sequencer.Outcome {
	p.Helper()
	outcome, err := p.sequencer.Submit(p.Context(), p.alliance.ID, p.order(command))
	require.NoError(p, err)
	require.Nil(p, outcome.Refusal)
	return outcome
}

// card sells a free card and puts an amount on it.
func (p *pier) card(code, amount string) {
	p.Helper()
	cafe := "cafe"
	p.must(alliance.SellCard{Card: code, Member: "ann", Product: "day", Merchant: &cafe})
	p.must(alliance.TopUp{Card: code, Amount: amount, Merchant: &cafe})
}

func (p *pier) audit() {
	p.Helper()
	report, err := audit.Run(context.WithoutCancel(p.Context()), p.pool, alliance.Standard(), p.alliance.ID)
	require.NoError(p, err)
	for _, c := range report.Checks {
		require.Empty(p, c.Named, c.Name)
	}
}

// lockHead keeps the circle's head locked until the returned function is called, so that
// orders queue up.
func (p *pier) lockHead() (release func()) {
	p.Helper()
	tx, err := p.pool.Begin(p.Context())
	require.NoError(p, err)
	_, err = clearing.LockHead(p.Context(), tx, p.alliance.ID)
	require.NoError(p, err)
	return func() { require.NoError(p, tx.Rollback(p.Context())) }
}

func TestConcurrentSpendsNeverOverdrawACard(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	p := setup(t)
	p.card("A", "100.00")
	var booked, refused atomic.Int64
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			for range 5 {
				outcome, err := p.sequencer.Submit(p.Context(), p.alliance.ID, p.order(alliance.SpendValue{Card: "A", Merchant: "gym", Amount: "1.00"}))
				switch {
				case err != nil:
					t.Error(err)
				case outcome.Refusal != nil && outcome.Refusal.Code == alliance.CodeInsufficientValue:
					refused.Add(1)
				case outcome.Refusal == nil:
					booked.Add(1)
				}
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 100, booked.Load())
	require.EqualValues(t, 220, refused.Load())
	p.audit()
}

func TestTwoServersOfOneAllianceTakeTurns(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	p := setup(t)
	p.card("A", "100.00")
	servers := []*sequencer.Sequencer{p.sequencer, sequencer.New(p.pool, store.NewSetupCache(alliance.Standard()))}
	var booked atomic.Int64
	var group sync.WaitGroup
	for i := range 32 {
		group.Go(func() {
			for n := range 10 {
				// Every order is sent to both servers, as by a till that retries.
				order := p.keyed(fmt.Sprintf("spend-%d-%d", i, n), alliance.SpendValue{Card: "A", Merchant: "gym", Amount: "1.00"})
				for _, s := range servers {
					outcome, err := s.Submit(p.Context(), p.alliance.ID, order)
					if err != nil {
						t.Error(err)
					} else if outcome.Refusal == nil && !outcome.Replayed {
						booked.Add(1)
					}
				}
			}
		})
	}
	group.Wait()
	require.EqualValues(t, 100, booked.Load())
	p.audit()
}

func TestRetryGetsTheFirstAnswer(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.card("A", "10.00")
	spend := alliance.SpendValue{Card: "A", Merchant: "gym", Amount: "6.00"}
	orders := []sequencer.Order{
		p.keyed("k", spend), p.keyed("k", spend), p.keyed("k", alliance.SpendValue{Card: "A", Merchant: "gym", Amount: "1.00"}),
		p.keyed("r", spend), p.keyed("r", spend),
	}
	for round := range 2 {
		outcomes, err := p.sequencer.SubmitAll(t.Context(), p.alliance.ID, orders)
		require.NoError(t, err)
		require.Nil(t, outcomes[0].Refusal)
		require.Equal(t, round > 0, outcomes[0].Replayed)
		require.True(t, outcomes[1].Replayed)
		require.Equal(t, string(outcomes[0].Answer), string(outcomes[1].Answer), "round %d", round)
		require.Equal(t, sequencer.IdempotencyConflict, outcomes[2].Refusal.Code)
		require.False(t, outcomes[2].Replayed)
		require.Equal(t, alliance.CodeInsufficientValue, outcomes[3].Refusal.Code)
		require.Equal(t, "4.00", outcomes[3].Refusal.Data["available"])
		require.Equal(t, round > 0, outcomes[3].Replayed)
		require.True(t, outcomes[4].Replayed)
		require.Equal(t, outcomes[3].Refusal.Data, outcomes[4].Refusal.Data)
	}
	p.audit()
}

// counting opens rule books that record how many orders each batch under the lock begins
// with.
type counting struct {
	sequencer.Rules
	batches *[]int
}

type countingState struct {
	sequencer.AllianceState
	batches *[]int
	locked  bool
}

func (c counting) Open(allianceID int64, head *clearing.Head, balances *ledger.Balances, remember int) sequencer.AllianceState {
	return &countingState{c.Rules.Open(allianceID, head, balances, remember), c.batches, false}
}

func (c *countingState) LoadDue(ctx context.Context, db ledger.Session, through time.Time) error {
	c.locked = true // it is called nowhere else
	return c.AllianceState.LoadDue(ctx, db, through)
}

func (c *countingState) QueueReads(reads *pgx.Batch, orders []sequencer.Order, through time.Time) {
	if c.locked {
		*c.batches = append(*c.batches, len(orders))
	}
	c.locked = false
	c.AllianceState.QueueReads(reads, orders, through)
}

func TestFailingCommandFailsAlone(t *testing.T) {
	t.Parallel()
	p := setup(t)
	var batches []int
	p.sequencer = sequencer.New(p.pool, counting{store.NewSetupCache(alliance.Standard()), &batches})
	p.card("A", "100.00")
	batches = nil
	orders := make([]sequencer.Order, 40)
	for i := range orders {
		command := alliance.Command(alliance.SpendValue{Card: "A", Merchant: "gym", Amount: "1.00"})
		if i%13 == 7 {
			// PostgreSQL has no text with a NUL in it.
			command = alliance.SellCard{Card: "B\x00", Member: "bob", Product: "day"}
		}
		orders[i] = p.order(command)
	}
	outcomes, err := p.sequencer.SubmitAll(t.Context(), p.alliance.ID, orders)
	require.NoError(t, err)
	for i, o := range outcomes {
		if i%13 == 7 {
			require.Error(t, o.Err)
			require.NotErrorIs(t, o.Err, clearing.ErrUnavailable)
		} else {
			require.NoError(t, o.Err)
			require.Nil(t, o.Refusal)
		}
	}
	require.Equal(t, len(orders), batches[0], "all of them shared a batch")
	require.Subset(t, batches, []int{20, 10, 5, 1}, "which was halved")
	p.audit()
}

// faulty opens rule books that fail in some way.
type faulty struct {
	sequencer.Rules
	fail func() error
}

type faultyState struct {
	sequencer.AllianceState
	fail func() error
}

func (f faulty) Open(allianceID int64, head *clearing.Head, balances *ledger.Balances, remember int) sequencer.AllianceState {
	return faultyState{f.Rules.Open(allianceID, head, balances, remember), f.fail}
}

func (f faultyState) LoadSetup(ctx context.Context, db ledger.Querier) error {
	if err := f.fail(); err != nil {
		return err
	}
	return f.AllianceState.LoadSetup(ctx, db)
}

func TestSerializationFailuresAndDeadlocksAreRetried(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.card("A", "10.00")
	for _, code := range []string{"40001", "40P01"} {
		left := 3
		s := sequencer.New(p.pool, faulty{store.NewSetupCache(alliance.Standard()), func() error {
			if left--; left >= 0 {
				return &pgconn.PgError{Code: code}
			}
			return nil
		}})
		outcome, err := s.Submit(t.Context(), p.alliance.ID, p.order(alliance.SpendValue{Card: "A", Merchant: "gym", Amount: "1.00"}))
		require.NoError(t, err)
		require.Nil(t, outcome.Refusal)
		require.Equal(t, -1, left)
	}
	p.audit()
}

func TestPanicIsAnErrorOfItsCommand(t *testing.T) {
	t.Parallel()
	p := setup(t)
	s := sequencer.New(p.pool, faulty{store.NewSetupCache(alliance.Standard()), func() error { panic("boom") }})
	_, err := s.Submit(t.Context(), p.alliance.ID, p.order(alliance.FreezeCard{Card: "A"}))
	require.ErrorContains(t, err, "boom")
	p.card("A", "1.00")
}

func TestLostDatabaseIsReportedAndRecovers(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.card("A", "10.00")
	_, err := p.pool.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	require.NoError(t, err)
	spend := p.order(alliance.SpendValue{Card: "A", Merchant: "gym", Amount: "1.00"})
	require.Eventually(t, func() bool {
		_, err := p.sequencer.Submit(t.Context(), p.alliance.ID, spend)
		return err == nil || !errors.Is(err, clearing.ErrUnavailable)
	}, 4*time.Minute, 10*time.Millisecond)

	gone, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/none?connect_timeout=1")
	require.NoError(t, err)
	defer gone.Close()
	_, err = sequencer.New(gone, store.NewSetupCache(alliance.Standard())).Submit(t.Context(), p.alliance.ID, spend)
	require.ErrorIs(t, err, clearing.ErrUnavailable)
	p.audit()
}

func TestStopAnswersWaitingOrdersAndTakesNoMore(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.card("A", "10.00")
	release := p.lockHead()
	pending, err := p.sequencer.Enqueue(p.alliance.ID, []sequencer.Order{p.order(alliance.SpendValue{Card: "A", Merchant: "gym", Amount: "1.00"})})
	require.NoError(t, err)
	impatient, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, p.sequencer.Stop(impatient), context.DeadlineExceeded)
	_, err = p.sequencer.Submit(t.Context(), p.alliance.ID, p.order(alliance.FreezeCard{Card: "A"}))
	require.ErrorIs(t, err, sequencer.ErrStopped)
	release()
	outcomes, err := pending.Wait(t.Context())
	require.NoError(t, err)
	require.NoError(t, outcomes[0].Err)
	require.Nil(t, outcomes[0].Refusal)
	require.NoError(t, p.sequencer.Stop(t.Context()))
}

func TestTooManyWaitingOrdersAreRefused(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	p := setup(t)
	release := p.lockHead()
	ctx, cancel := context.WithCancel(t.Context())
	var busy atomic.Int64
	var group sync.WaitGroup
	for range sequencer.MaxWaiting + 2*sequencer.MaxBatch + 50 {
		group.Go(func() {
			if _, err := p.sequencer.Submit(ctx, p.alliance.ID, p.order(alliance.FreezeCard{Card: "none"})); errors.Is(err, sequencer.ErrBusy) {
				busy.Add(1)
			}
		})
	}
	require.Eventually(t, func() bool { return busy.Load() >= 50 }, 4*time.Minute, 10*time.Millisecond)
	cancel()
	group.Wait()
	release()
	require.NoError(t, p.sequencer.Stop(t.Context()))
}

func TestUnknownAllianceIsAnError(t *testing.T) {
	t.Parallel()
	p := setup(t)
	_, err := p.sequencer.Submit(t.Context(), clearing.AllianceID("nowhere"), p.order(alliance.FreezeCard{Card: "A"}))
	require.ErrorIs(t, err, clearing.ErrNoAlliance)
}
