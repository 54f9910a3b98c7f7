package year_test

import (
	"bytes"
	"maps"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
	"github.com/lianka/lianka/alliance/statement"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
)

// check looks at the books after a month has closed at an instant.
func (c *livingAlliance) check(cutoff time.Time) {
	c.Helper()
	c.checkAudit()
	setup, err := store.LoadSetup(c.Context(), c.pool, c.Alliance)
	require.NoError(c, err)
	windows, err := window.List(c.Context(), c.pool, c.ID)
	require.NoError(c, err)
	require.Equal(c, cutoff.UTC(), windows[1].CutoffAt, "the month is closed")
	for i := range windows[1:] {
		c.checkSettlement(&windows[1+i], setup)
	}
	for _, party := range c.parties() {
		c.checkStatement(windows[1].Period, party)
	}
	c.checkObligations(c.checkEvents())
	c.checkHolds()
	c.checkLosses()
	c.checkDeadlines()
	c.bank.check(c)
	c.checkStandstill(cutoff)
}

func (c *livingAlliance) checkAudit() {
	c.Helper()
	report, err := audit.Run(c.Context(), c.pool, alliance.Standard(), c.ID)
	require.NoError(c, err)
	if !report.Clean() {
		var printed bytes.Buffer
		require.NoError(c, report.Print(&printed))
		require.Fail(c, "the audit found faults", printed.String())
	}
}

// checkSettlement checks that a settlement comes to what the entries come to, sums to
// zero with custody, became what parties are to pay, and has not changed since.
func (c *livingAlliance) checkSettlement(w *window.State, setup *alliance.Setup) {
	c.Helper()
	stored, err := window.Find(c.Context(), c.pool, c.Alliance, w.Period)
	require.NoError(c, err)
	closing, err := ledger.BySeq(c.Context(), c.pool, c.ID, c.Currency, []int64{w.ClosedSeq})
	require.NoError(c, err)
	policy := setup.Version(closing[0].Terms).Policy()
	fresh, err := window.Recompute(c.Context(), c.pool, c.Alliance, w.Period, policy, func(party string) bool {
		merchant := setup.Merchants[party]
		return merchant != nil && merchant.Left && !merchant.LeavesAt.After(w.CutoffAt)
	})
	require.NoError(c, err)
	require.Equal(c, stored.Digest, fresh.Digest, "%s is stored as %+v and comes to %+v", w.Period, stored, fresh)

	nets, custody := make(map[string]int64), int64(0)
	for _, p := range stored.Positions {
		require.Equal(c, p.Opening.Minor()+p.Movement.Minor(), p.Transfer.Minor()+p.Carried.Minor())
		custody -= p.Transfer.Minor()
		if !p.Transfer.IsZero() {
			nets[p.Party] = p.Transfer.Minor()
		}
	}
	if custody != 0 {
		nets[clearing.Custody] = custody
	}
	moved := make(map[string]int64)
	for _, t := range stored.Transfers {
		moved[t.From] -= t.Amount.Minor()
		moved[t.To] += t.Amount.Minor()
	}
	maps.DeleteFunc(moved, func(_ string, minor int64) bool { return minor == 0 })
	require.Equal(c, nets, moved, "the transfers of %s are the nets, and custody's part", w.Period)

	transfers := []window.Transfer{}
	commissions := make(map[string]int64)
	read(c, `SELECT kind, payer, payee, amount, covers FROM obligations WHERE alliance_id = $1 AND period = $2 ORDER BY number`, func() ([]any, func()) {
		var kind, payer, payee string
		var minor int64
		var covers int
		return []any{&kind, &payer, &payee, &minor, &covers}, func() {
			switch {
			case kind == "commission":
				commissions[payee] += minor
			case covers == 0:
				transfers = append(transfers, window.Transfer{From: payer, To: payee, Amount: c.Currency.Minor(minor)})
			default:
				require.Equal(c, transfers[covers-1].To, payee)
				require.LessOrEqual(c, minor, transfers[covers-1].Amount.Minor())
			}
		}
	}, w.Period)
	require.Equal(c, stored.Transfers, transfers, "each transfer of %s is an obligation", w.Period)
	paid := make(map[string]int64)
	read(c, `SELECT member, paid - withheld FROM commission_statements WHERE alliance_id = $1 AND period = $2 AND paid > withheld`, func() ([]any, func()) {
		var member string
		var net int64
		return []any{&member, &net}, func() { paid[member] = net }
	}, w.Period)
	require.Equal(c, paid, commissions, w.Period)

	now := c.rows(`
		SELECT to_jsonb(x)::text FROM positions x WHERE alliance_id = $1 AND period = $2
		UNION ALL SELECT to_jsonb(x)::text FROM transfers x WHERE alliance_id = $1 AND period = $2
		UNION ALL SELECT to_jsonb(x)::text FROM windows x WHERE alliance_id = $1 AND period = $2
		UNION ALL SELECT to_jsonb(x)::text FROM commission_statements x WHERE alliance_id = $1 AND period = $2
		UNION ALL SELECT encode(digest, 'hex') || policy::text || review_until FROM settlements WHERE alliance_id = $1 AND period = $2
		ORDER BY 1`, w.Period)
	if before, ok := c.seen[w.Period]; ok {
		require.Equal(c, before, now, "%s never changes", w.Period)
	}
	c.seen[w.Period] = now
}

// rows returns the only column of some rows as lines.
func (c *livingAlliance) rows(sql string, args ...any) string {
	c.Helper()
	var all []string
	read(c, sql, func() ([]any, func()) {
		var text string
		return []any{&text}, func() { all = append(all, text) }
	}, args...)
	return strings.Join(all, "\n")
}

// checkStatement traces each cent of a party's month to a transaction that moved it,
// and each transaction that moved it to a line.
func (c *livingAlliance) checkStatement(period, party string) {
	c.Helper()
	s, err := statement.Load(c.Context(), c.pool, alliance.Standard(), c.Alliance, period, party)
	require.NoError(c, err)
	require.NoError(c, s.Check(c.Context()))
	effects := make(map[int64]int64)
	read(c, `
		SELECT t.seq, -sum(e.amount)::bigint FROM transactions t, unnest(t.accounts, t.amounts) AS e (account, amount)
		WHERE t.alliance_id = $1 AND t.seq BETWEEN $2 AND $3 AND e.account = $4 AND t.type <> 'window.closed'
		GROUP BY t.seq HAVING sum(e.amount) <> 0`, func() ([]any, func()) {
		var seq, effect int64
		return []any{&seq, &effect}, func() { effects[seq] = effect }
	}, s.FirstSeq, s.LastSeq, clearing.PartyAccount(party).String())
	lines, sum, last := make(map[int64]int64), int64(0), int64(0)
	for line, err := range s.Lines(c.Context()) {
		require.NoError(c, err)
		require.Greater(c, line.Seq, last, "the oldest first, each once")
		last = line.Seq
		lines[line.Seq] = line.Effect.Minor()
		sum += line.Effect.Minor()
	}
	require.Equal(c, effects, lines, "the lines of %s for %s", party, period)
	require.Equal(c, s.Movement.Minor(), sum)
}

// checkStandstill checks that closing a closed month again changes nothing.
func (c *livingAlliance) checkStandstill(cutoff time.Time) {
	c.Helper()
	before := c.database()
	fresh := open(c.T, c.url)
	defer fresh.pool.Close()
	for _, s := range []*server{c.servers[0], c.servers[1], fresh} {
		for _, past := range []time.Time{cutoff, cutoff.AddDate(0, -2, 0), c.now} {
			c.advance(s, past)
		}
	}
	require.Equal(c, before, c.database(), "a month that is closed again stays as it is")
}

// database returns a digest of each table. The head has another version after each
// time that it was locked, and nothing else of it changes.
func (c *livingAlliance) database() map[string]string {
	c.Helper()
	digests := make(map[string]string)
	for _, table := range strings.Fields(c.rows(`
		SELECT table_name::text FROM information_schema.tables WHERE $1::bigint IS NOT NULL AND table_schema = 'public' AND table_type = 'BASE TABLE'`)) {
		row := `to_jsonb(x)`
		if table == "heads" {
			row = `(to_jsonb(x) - 'version')`
		}
		digests[table] = c.rows(`SELECT count(*) || ' ' || coalesce(md5(string_agg(` + row + `::text, ' ' ORDER BY ` + row + `::text)), '') FROM ` + table + ` x WHERE $1::bigint IS NOT NULL`)
	}
	require.Contains(c, digests, "transactions")
	return digests
}
