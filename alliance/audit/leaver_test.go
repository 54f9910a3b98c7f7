package audit_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lianka/alliance"
	"lianka/alliance/audit"
	"lianka/alliance/replay"
	"lianka/alliance/scenario"
	"lianka/clearing"
	"lianka/clearing/settlement"
	"lianka/migrations/pgtest"
)

const atUse = `
alliance: {code: pier, name: Pier, currency: CNY, timezone: Asia/Shanghai}
rules:
  funding: at_use
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

// A seller that leaves pays in what backs its cards at the next month-end. Until then
// they are spent without it, and what is undone of its time comes after that.
func TestASellerThatHasLeftOwesNothingAtUse(t *testing.T) {
	t.Parallel()
	written, err := scenario.ParseCircle("circle.yaml", []byte(atUse))
	require.NoError(t, err)
	pool := pgtest.Pool(t)
	circle, err := replay.Establish(t.Context(), pool, written, clearing.Live)
	require.NoError(t, err)
	sequencer := clearing.NewSequencer(pool, alliance.NewLibrary())
	keys, gym := 0, "gym"
	must := func(at time.Time, command any) int64 {
		t.Helper()
		keys++
		key := fmt.Sprintf("key-%d", keys)
		outcome, err := sequencer.Submit(t.Context(), circle.ID, clearing.Order{Caller: "test", Key: key, Hash: sha256.Sum256([]byte(key)), At: at, Command: command})
		require.NoError(t, err)
		require.Nil(t, outcome.Refusal)
		return outcome.Seq
	}
	faults := func() string {
		t.Helper()
		report, err := audit.Run(t.Context(), pool, circle.ID)
		require.NoError(t, err)
		var named []string
		for _, c := range report.Checks {
			named = append(named, c.Named...)
		}
		return strings.Join(named, "\n")
	}
	october := time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)
	must(october, alliance.SellCard{Card: "A", Member: "ann", Product: "paid", Merchant: &gym})
	must(october, alliance.TopUp{Card: "A", Amount: "100.00", Merchant: &gym})
	spend := must(october, alliance.SpendValue{Card: "A", Merchant: "cafe", Amount: "10.00"})
	must(october, settlement.GiveNotice{Merchant: "gym", LeavesAt: october.AddDate(0, 1, 0)})
	require.Empty(t, faults(), "it is still here")
	november := october.AddDate(0, 1, 1)
	must(november, alliance.SpendValue{Card: "A", Merchant: "cafe", Amount: "20.00"})
	require.Empty(t, faults(), "it has left, and the month goes on")
	december := october.AddDate(0, 2, 0)
	must(december, alliance.SpendValue{Card: "A", Merchant: "cafe", Amount: "5.00"})
	require.Empty(t, faults(), "it has paid in")
	must(december, alliance.Reverse{Of: alliance.Reference{Seq: spend}})
	require.Empty(t, faults(), "something of its time is undone")
	require.NoError(t, sequencer.Advance(t.Context(), circle.ID, october.AddDate(0, 3, 0)))
	require.Empty(t, faults(), "that is settled too")

	tamper(t, pool, `UPDATE shops SET leaves_at = leaves_at - interval '20 days' WHERE shop = 'gym'`)
	require.Contains(t, faults(), "seller gym has left, and when 2026-10 closed it had not paid in")
}
