package year_test

import (
	"bytes"
	"encoding/csv"
	"iter"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/require"

	"lianka/clearing/journal"
	"lianka/clearing/ledger"
)

// journal checks that an accountant's program takes the books of the year and comes
// to their trial balance.
func (c *circle) journal() {
	c.Helper()
	if _, err := exec.LookPath("hledger"); err != nil {
		c.Log("hledger is not installed, so the journal is not looked at: on Debian, apt-get install hledger")
		return
	}
	books, err := journal.Open(c.Context(), c.pool, c.Circle, journal.Selection{Format: journal.Hledger})
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
func (c *circle) count() {
	c.Helper()
	for name, sql := range map[string]string{
		"event: ":       `SELECT type, count(*) FROM events WHERE alliance_id = $1 GROUP BY type`,
		"transaction: ": `SELECT type, count(*) FROM transactions WHERE alliance_id = $1 GROUP BY type`,
		"line: ":        `SELECT outcome, count(*) FROM bank_lines WHERE alliance_id = $1 GROUP BY outcome`,
		"settlement: ":  `SELECT state, count(*) FROM settlements WHERE alliance_id = $1 GROUP BY state`,
		"obligation: ":  `SELECT kind || ' ' || state, count(*) FROM obligations WHERE alliance_id = $1 GROUP BY kind, state`,
		"parts: ":       `SELECT 'carried', count(*) FROM obligations WHERE alliance_id = $1 AND carried > 0`,
		"late: ":        `SELECT 'uploads', count(*) FROM transactions WHERE alliance_id = $1 AND facts::jsonb ? 'occurred_at'`,
	} {
		read(c, sql, func() ([]any, func()) {
			var what string
			var n int
			return []any{&what, &n}, func() { c.tally.add(name+what, n) }
		})
	}
	c.tally.add("server: killed", c.kills)
	c.tally.add("server: booked and not answered", c.unanswered)
}

func keysOf(counts map[string]int) iter.Seq[string] { return maps.Keys(counts) }

// expected returns how often what must come about at least, over the usual circles.
func expected() map[string]int {
	return map[string]int{}
}
