package year_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing/export"
	"github.com/lianka/lianka/clearing/ledger"
)

// journal checks that an accountant's program takes the books of the year and comes
// to their trial balance.
func (c *livingAlliance) journal() {
	c.Helper()
	if _, err := exec.LookPath("hledger"); err != nil {
		c.Log("hledger is not installed, so the journal is not looked at: on Debian, apt-get install hledger")
		return
	}
	books, err := export.Open(c.Context(), c.pool, c.Alliance, export.Selection{Format: export.Hledger})
	require.NoError(c, err)
	var text bytes.Buffer
	require.NoError(c, books.Write(c.Context(), &text))
	file := filepath.Join(c.TempDir(), "year.journal")
	require.NoError(c, os.WriteFile(file, text.Bytes(), 0o600))
	hledger := func(args ...string) string {
		command := exec.CommandContext(c.Context(), "hledger", append([]string{"-f", file}, args...)...)
		command.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
		printed, err := command.CombinedOutput()
		require.NoError(c, err, string(printed))
		return string(printed)
	}
	hledger("check", "--strict")
	rows, err := csv.NewReader(strings.NewReader(hledger("balance", "--depth", "2", "--flat", "--no-total", "-O", "csv"))).ReadAll()
	require.NoError(c, err)
	printed := make(map[string]string)
	for _, row := range rows[1:] {
		if row[1] != "0" {
			printed[row[0]] = row[1]
		}
	}
	lines, err := ledger.TrialBalance(c.Context(), c.pool, c.ID, c.Currency)
	require.NoError(c, err)
	kept, err := store.TrialBalance(c.Context(), c.pool, c.Alliance)
	require.NoError(c, err)
	require.Equal(c, lines, kept, "what is kept comes to the sums of all entries")
	trial := make(map[string]string)
	for _, l := range lines {
		side := "liabilities:"
		if l.Kind.Normal() == ledger.Debit {
			side = "assets:"
		}
		if !l.Balance.IsZero() {
			trial[side+l.Kind.String()] = l.Balance.String() + " " + c.Currency.Code()
		}
	}
	require.Equal(c, trial, printed)
}

// count counts what came about in the circle's year.
func (c *livingAlliance) count() {
	c.Helper()
	for name, sql := range map[string]string{
		"event: ":       `SELECT type, count(*) FROM events WHERE alliance_id = $1 GROUP BY type`,
		"transaction: ": `SELECT type, count(*) FROM transactions WHERE alliance_id = $1 GROUP BY type`,
		"line: ":        `SELECT outcome, count(*) FROM bank_lines WHERE alliance_id = $1 GROUP BY outcome`,
		"settlement: ":  `SELECT state, count(*) FROM settlements WHERE alliance_id = $1 GROUP BY state`,
		"obligation: ":  `SELECT kind || ' ' || state, count(*) FROM obligations WHERE alliance_id = $1 GROUP BY kind, state`,
		"carried: ":     `SELECT kind, count(*) FROM obligations WHERE alliance_id = $1 AND carried > 0 GROUP BY kind`,
		"defaulted: ":   `SELECT kind, count(*) FROM obligations WHERE alliance_id = $1 AND json_array_length(bearers) > 0 GROUP BY kind`,
		"undone: ": `SELECT 'of a closed month', count(*) FROM transactions r JOIN transactions o ON o.alliance_id = $1 AND o.seq = r.corrects
			WHERE r.alliance_id = $1 AND r.type = 'reversed' AND o.period < r.period
			UNION ALL SELECT 'in part', count(*) FROM transactions WHERE alliance_id = $1 AND type = 'reversed' AND facts::jsonb -> 'in_full' IS NULL`,
		"tax: ":     `SELECT 'withheld', count(*) FROM commission_statements WHERE alliance_id = $1 AND withheld > 0`,
		"answers: ": `SELECT 'after the approval', count(*) FROM disputes d JOIN settlements s USING (alliance_id, period) WHERE alliance_id = $1 AND d.state <> 'open' AND d.answered_at > s.approved_at`,
		"late: ":    `SELECT 'uploads', count(*) FROM transactions WHERE alliance_id = $1 AND facts::jsonb ? 'occurred_at'`,
	} {
		read(c, sql, func() ([]any, func()) {
			var what string
			var n int
			return []any{&what, &n}, func() { c.tally.add(name+what, n) }
		})
	}
	c.tally.add("years", 1)
	c.tally.add("server: killed", c.kills)
	c.tally.add("server: two at once", c.twice)
	c.tally.add("server: booked and not answered", c.unanswered)
}

// expected returns how often what must come about does at least, over the usual
// circles. It is about a third of how often it does.
func expected() map[string]int {
	least := make(map[string]int)
	for n, all := range map[int]string{
		100: `booked: alliance.RecordPurchase, booked: alliance.Reverse, booked: alliance.SellCard, booked: alliance.SpendValue, booked: alliance.TopUp,
			booked: settlement.ImportStatement, booked: settlement.ReceivePayment, server: killed, undone: of a closed month,
			event: loss.shared, event: loss.recovered, event: payment.defaulted, event: payment.reminded, line: confirmed, line: ticked_off`,
		30: `booked: alliance.SpendPoints, booked: alliance.UseCoupon, booked: alliance.UsePass, booked: settlement.Adjust, booked: settlement.ConfirmPayout,
			booked: settlement.LodgeDeposit, booked: settlement.Reinstate, booked: settlement.SendPayouts, booked: settlement.ReturnPayout,
			event: deposit.drawn, event: shop.suspended, event: payout.skipped, event: settlement.approved, event: settlement.settled,
			line: received, line: returned, late: uploads, server: two at once, defaulted: collection, defaulted: direct`,
		10: `booked: alliance.FreezeCard, booked: alliance.UnfreezeCard, booked: settlement.OpenDispute, booked: settlement.ReturnDeposit,
			answers: after the approval, server: booked and not answered,
			undone: in part, obligation: commission confirmed, refused: offline_too_late, refused: merchant_suspended, refused: over_payment`,
		3: `booked: settlement.AdjustDispute, booked: settlement.Approve, booked: settlement.GiveNotice, booked: settlement.RefuseDispute,
			booked: settlement.WithdrawDispute, event: payment.set_off, event: shop.left,
			transaction: pool.paid_in, carried: collection, carried: direct, refused: older_payment_due, refused: over_debit_cap`,
		1: `booked: settlement.DrawDeposit, transaction: deposit.released, tax: withheld, carried: payout`,
	} {
		for what := range strings.SplitSeq(all, ",") {
			least[strings.TrimSpace(what)] = n
		}
	}
	return least
}
