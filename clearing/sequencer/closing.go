package sequencer

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
)

// openWindow opens the window that transactions go to from now on.
func (l *locked) openWindow(ctx context.Context, w window.Window) error {
	l.head.Period, l.head.CutoffAt = w.Period, w.CutoffAt
	return w.Open(ctx, l.db, l.allianceID, l.head.LastSeq+1)
}

// closeWindow closes the open window at its cut-off and opens the next. The segment
// before it must be saved: the cut-off reads commission from the database.
func (l *locked) closeWindow(ctx context.Context) error {
	if err := l.loadSettlement(ctx, nil); err != nil {
		return err
	}
	closing := window.Closing{Policy: l.state.Policy(), AtOnce: l.head.Alliance.Mode == clearing.Replay}
	closing.Currency = l.head.Alliance.Currency
	var err error
	if closing.State, err = window.Read(ctx, l.db, l.allianceID, l.head.Period); err != nil {
		return err
	}
	opening, err := window.ReadOpening(ctx, l.db, l.allianceID)
	if err != nil {
		return err
	}
	payables, err := l.state.Payables(ctx, l.db)
	if err != nil {
		return err
	}
	closing.Payouts = window.Payouts(payables, closing.Policy)
	if err := l.bookClosing(&closing, opening); err != nil {
		return err
	}
	l.balances.Renew()
	if err := l.settlement.Take(closing); err != nil {
		return err
	}
	writes := &pgx.Batch{}
	writes.Queue(planJoins)
	l.booked.Queue(writes)
	l.balances.Save(writes, l.allianceID)
	closing.QueueSave(writes, l.allianceID)
	l.state.QueuePayouts(writes, closing.Period, closing.Payouts)
	if err := l.settlement.Save(writes); err != nil {
		return err
	}
	writes.Queue(planProbes)
	if err := l.db.SendBatch(ctx, writes).Close(); err != nil {
		return err
	}
	l.reset()
	l.head.BookedThrough, l.head.DeadlineAt = closing.CutoffAt, l.settlement.Deadline()
	return l.openWindow(ctx, window.Of(closing.CutoffAt, l.head.Alliance.Location))
}

// bookClosing books at the cut-off what shops that have left still have to settle,
// then the settlement and the payouts, and seals the snapshot.
func (l *locked) bookClosing(c *window.Closing, opening map[string]int64) error {
	facts, err := json.Marshal(struct {
		Period string `json:"period"`
	}{c.Period})
	if err != nil {
		return err
	}
	post := func(transactions []ledger.Transaction) error {
		for _, t := range transactions {
			t.Seq, t.BookedAt, t.Period, t.Terms, t.Facts = l.head.LastSeq+1, c.CutoffAt, c.Period, l.state.TermsVersion(), facts
			if err := l.post(t); err != nil {
				return err
			}
		}
		return nil
	}
	merchants := l.state.Merchants()
	if err := post(window.LeaverTransactions(l.head.Alliance, merchants, l.balances)); err != nil {
		return err
	}
	positions, err := window.PositionsAtCutoff(l.head.Alliance, merchants, opening, l.balances)
	if err != nil {
		return err
	}
	transactions, err := c.Settle(positions)
	if err != nil {
		return err
	}
	if err := post(transactions); err != nil {
		return err
	}
	c.Seal(l.head.LastSeq, l.head.LastHash)
	return nil
}
