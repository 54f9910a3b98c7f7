package settlement_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
)

// counted is a session that counts the rows it reads.
type counted struct {
	ledger.Session
	rows int
}

type countedRows struct {
	pgx.Rows
	count *int
}

func (c *counted) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	rows, err := c.Session.Query(ctx, sql, args...)
	return countedRows{rows, &c.rows}, err
}

func (r countedRows) Next() bool {
	more := r.Rows.Next()
	if more {
		*r.count++
	}
	return more
}

// A shop never pays for October, and most of a large month's members are paid: what a
// command reads doesn't grow with the members.
func TestAnUnpaidDefaultDoesNotReloadItsMonth(t *testing.T) {
	t.Parallel()
	p := setup(t, "custody", "creditors")
	p.autumn()
	p.pass(at(time.December, 20, 0))
	var defaulted string
	require.NoError(t, p.pool.QueryRow(t.Context(), `SELECT reference FROM obligations WHERE state = 'defaulted' AND period = '2026-10'`).Scan(&defaulted))

	read := func(orders ...sequencer.Order) (rows, obligations int) {
		processor := settlement.NewProcessor(p.alliance, ledger.NewBalances(), p.merchants(), nil)
		session := &counted{Session: p.pool}
		require.NoError(t, processor.Load(t.Context(), session, orders))
		for _, x := range processor.State().Settlements {
			obligations += len(x.Obligations)
		}
		return session.rows, obligations
	}
	commands := map[string]sequencer.Order{
		"a deposit":         {Command: settlement.LodgeDeposit{Merchant: "gym", Amount: "1.00"}},
		"a party's payment": {Command: settlement.ReceivePayment{Party: "cafe", Amount: "1.00"}},
		"a named payment":   {Command: settlement.ReceivePayment{Reference: defaulted, Amount: "1.00"}},
		"a deadline":        {},
	}
	before := make(map[string][2]int)
	for name, order := range commands {
		rows, obligations := read(order)
		before[name] = [2]int{rows, obligations}
		require.Positive(t, obligations, "%s needs what was defaulted on", name)
		t.Logf("%s: %d rows, %d obligations", name, rows, obligations)
	}

	const paid, waiting = 3000, 2000 // members, of whom some have no bank account
	_, err := p.pool.Exec(t.Context(), fmt.Sprintf(`
		INSERT INTO obligations SELECT alliance_id, period, number + i, 'RF' || i, kind, payer, 'member' || i, covers, amount, held, carried,
		       CASE WHEN i <= %[1]d THEN amount ELSE 0 END, sent, drawn, CASE WHEN i <= %[1]d THEN 'confirmed' ELSE 'payable' END,
		       due_at, remind_at, default_at, reminders, returns, run, bearers, payments
		FROM (SELECT *, max(number) OVER () AS most FROM obligations WHERE period = '2026-10') AS o, generate_series(1, %[2]d) AS i
		WHERE kind = 'commission'`, paid, paid+waiting))
	require.NoError(t, err)
	for name, order := range commands {
		rows, obligations := read(order)
		require.Equal(t, before[name], [2]int{rows, obligations}, name)
	}
	_, obligations := read(sequencer.Order{Command: settlement.SendPayouts{AcceptShortage: true}})
	require.Greater(t, obligations, waiting, "payouts are to all who wait")
	require.Less(t, obligations, paid)
}
