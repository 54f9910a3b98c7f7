package audit_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
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
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
	"github.com/lianka/lianka/migrations/pgtest"
)

// pier is the rules of a small circle, but for when what backs a card is owed.
const pier = `
alliance: {code: pier, name: Pier, currency: CNY, timezone: Asia/Shanghai}
rules:
  funding: %s
  sale: {seller: "0.10", organiser: "0.05"}
  referral: {levels: ["0.08"], hold_days: 7, minimum_payout: "10.00"}
  redemption: {clearing_fee: "0.02"}
  traffic: {home_merchant: "0.03", organiser: "0.01"}
  points: {per_unit: "1", cost: "0.02", value: "0.01"}
  stored_value: {spend_order: principal_first}
  settlement: {minimum_transfer: "1.00"}
merchants: [{code: cafe, name: Cafe, category: coffee}, {code: gym, name: Gym, category: fitness}]
products: [{code: paid, kind: paid, price: "200.00"}]
`

// working is a circle at work.
type working struct {
	*testing.T
	pool      *pgxpool.Pool
	alliance  clearing.Alliance
	sequencer *sequencer.Sequencer
	keys      int
}

func work(t *testing.T, funding alliance.Funding) *working {
	t.Helper()
	written, err := scenario.ParseAlliance("circle.yaml", fmt.Appendf(nil, pier, funding))
	require.NoError(t, err)
	w := &working{T: t, pool: pgtest.Pool(t)}
	w.alliance, err = replay.Establish(t.Context(), w.pool, written, clearing.Live)
	require.NoError(t, err)
	w.sequencer = sequencer.New(w.pool, store.NewSetupCache(alliance.Standard()))
	return w
}

// must books a command and returns its transaction.
func (w *working) must(at time.Time, command any) int64 {
	w.Helper()
	w.keys++
	key := fmt.Sprintf("key-%d", w.keys)
	order := sequencer.Order{Caller: "test", Key: key, Hash: sha256.Sum256([]byte(key)), At: at, Command: command}
	outcome, err := w.sequencer.Submit(w.Context(), w.alliance.ID, order)
	require.NoError(w, err)
	require.Nil(w, outcome.Refusal)
	return outcome.Seq
}

// settle lets time pass, and has everybody pay and be paid what is due then.
func (w *working) settle(at time.Time) {
	w.Helper()
	require.NoError(w, w.sequencer.Advance(w.Context(), w.alliance.ID, at))
	rows, err := w.pool.Query(w.Context(), `
		SELECT reference, payer, amount FROM obligations WHERE alliance_id = $1 AND state IN ('due', 'payable') ORDER BY period, number`, w.alliance.ID)
	require.NoError(w, err)
	commands := make([]any, 0)
	var reference, payer string
	var minor int64
	_, err = pgx.ForEachRow(rows, []any{&reference, &payer, &minor}, func() error {
		if payer == clearing.Custody {
			commands = append(commands, settlement.ConfirmPayout{Reference: reference})
		} else {
			commands = append(commands, settlement.ReceivePayment{Reference: reference, Amount: w.alliance.Currency.Minor(minor).String()})
		}
		return nil
	})
	require.NoError(w, err)
	require.NotEmpty(w, commands)
	for _, command := range commands {
		w.must(at, command)
	}
}

// faults returns what an audit finds.
func (w *working) faults() string {
	w.Helper()
	report, err := audit.Run(w.Context(), w.pool, alliance.Standard(), w.alliance.ID)
	require.NoError(w, err)
	var named []string
	for _, c := range report.Checks {
		named = append(named, c.Named...)
	}
	return strings.Join(named, "\n")
}

// A seller that leaves pays in what backs its cards at the next month-end. Until then
// they are spent without it, and what is undone of its time comes after that.
func TestASellerThatHasLeftOwesNothingAtUse(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	w, gym := work(t, alliance.AtUse), "gym"
	october := time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)
	w.must(october, alliance.SellCard{Card: "A", Member: "ann", Product: "paid", Merchant: &gym})
	w.must(october, alliance.TopUp{Card: "A", Amount: "100.00", Merchant: &gym})
	spend := w.must(october, alliance.SpendValue{Card: "A", Merchant: "cafe", Amount: "10.00"})
	w.must(october, settlement.GiveNotice{Merchant: "gym", LeavesAt: october.AddDate(0, 1, 0)})
	require.Empty(t, w.faults(), "it is still here")
	november := october.AddDate(0, 1, 1)
	w.must(november, alliance.SpendValue{Card: "A", Merchant: "cafe", Amount: "20.00"})
	require.Empty(t, w.faults(), "it has left, and the month goes on")
	december := october.AddDate(0, 2, 0)
	w.must(december, alliance.SpendValue{Card: "A", Merchant: "cafe", Amount: "5.00"})
	require.Empty(t, w.faults(), "it has paid in")
	w.must(december, alliance.Reverse{Of: alliance.Reference{Seq: spend}})
	require.Empty(t, w.faults(), "something of its time is undone")
	require.NoError(t, w.sequencer.Advance(t.Context(), w.alliance.ID, october.AddDate(0, 3, 0)))
	require.Empty(t, w.faults(), "that is settled too")

	tamper(t, w.pool, `UPDATE merchants SET leaves_at = leaves_at - interval '20 days' WHERE merchant = 'gym'`)
	require.Contains(t, w.faults(), "seller gym has left, and when 2026-10 closed it had not paid in")
}

// Commission that was paid and then clawed back is owed by the member. Until it has
// earned that again, custody is short of it, and nothing is wrong with the books.
func TestWhatAMemberOwesBackCoversToo(t *testing.T) {
	t.Parallel()
	w, gym, ann := work(t, alliance.AtIssue), "gym", "ann"
	october := time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)
	w.must(october, alliance.SellCard{Card: "A", Member: ann, Product: "paid", Merchant: &gym})
	sale := w.must(october, alliance.SellCard{Card: "B", Member: "bo", Product: "paid", Merchant: &gym, Referrer: &ann})
	november := october.AddDate(0, 1, 0)
	w.settle(november)
	w.must(november, alliance.Reverse{Of: alliance.Reference{Seq: sale}})
	w.settle(november.AddDate(0, 1, 0))
	require.Empty(t, w.faults())
}
