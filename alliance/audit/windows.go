package audit

import (
	"context"
	"slices"
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
)

// auditedWindow is a window with what the fold has put into it.
type auditedWindow struct {
	window.State
	moved   map[string]int64 // by party, before the closing; positive: the circle owes it more
	settled map[string]int64 // by party, by the closing
	count   int64
	made    map[string]ledger.Turnover // by party: what made up its movement
}

func (a *auditor) loadWindows(ctx context.Context) error {
	windows, err := window.List(ctx, a.db, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	var later *window.State
	for i := range windows { // the newest first
		w := windows[i]
		a.looked(windowed, 1)
		a.windows[w.Period] = &auditedWindow{State: w, moved: make(map[string]int64), settled: make(map[string]int64), made: make(map[string]ledger.Turnover)}
		if want := window.Of(w.OpensAt, a.head.Alliance.Location); want != w.Window {
			a.fault(windowed, "window %s runs from %s to %s, not the month in %s", w.Period, w.OpensAt.Format(time.RFC3339), w.CutoffAt.Format(time.RFC3339), a.head.Alliance.Location)
		}
		if later != nil && (later.FirstSeq != w.ClosedSeq+1 || !later.OpensAt.Equal(w.CutoffAt)) {
			a.fault(windowed, "window %s begins with transaction %d, and window %s before it ends with %d", later.Period, later.FirstSeq, w.Period, w.ClosedSeq)
		}
		if (later == nil) != (w.ClosedSeq == 0) {
			a.fault(windowed, "window %s: only the newest window is open", w.Period)
		}
		later = &windows[i]
	}
	return nil
}

// placeInWindow checks that a transaction lies in its window, and adds up what it
// moved there.
func (a *auditor) placeInWindow(t *ledger.Transaction) {
	a.looked(windowed, 1)
	w := a.windows[t.Period]
	if w == nil || t.Seq < w.FirstSeq || (w.ClosedSeq > 0 && t.Seq > w.ClosedSeq) {
		a.fault(windowed, "transaction %d says that it is in window %s, which does not hold it", t.Seq, t.Period)
		return
	}
	// What falls due at the cut-off itself is booked before the closing.
	if t.BookedAt.Before(w.OpensAt) || t.BookedAt.After(w.CutoffAt) {
		a.fault(windowed, "transaction %d was booked at %s, outside of window %s", t.Seq, t.BookedAt.Format(time.RFC3339), t.Period)
	}
	w.count++
	into := w.moved
	if t.Type == window.Closed {
		into = w.settled
	}
	for _, e := range t.Entries {
		switch e.Account.Kind {
		case ledger.Merchants:
			into[e.Account.Owner] -= e.Amount.Minor()
		case ledger.Organiser:
			into[clearing.Organiser] -= e.Amount.Minor()
		case ledger.Custody, ledger.Receivables, ledger.Payables:
			if t.Type == window.Closed {
				into[clearing.Custody] -= e.Amount.Minor()
			}
		}
	}
}

// keepTurnovers keeps a window's turnovers before it is closed.
func (a *auditor) keepTurnovers(period string) {
	w := a.windows[period]
	if w == nil {
		return // placeInWindow says so
	}
	w.made[clearing.Organiser] = a.balances.Turnover(clearing.PartyAccount(clearing.Organiser)).Movements()
	for code := range a.setup.Merchants {
		w.made[code] = a.balances.Turnover(clearing.PartyAccount(code)).Movements()
	}
}

// checkSettlements recomputes every settlement from its entries.
func (a *auditor) checkSettlements(ctx context.Context) error {
	policyOf := func(seq int64) (window.Policy, error) {
		found, err := ledger.BySeq(ctx, a.db, a.head.Alliance.ID, a.setup.Currency, []int64{seq})
		if err != nil || len(found) == 0 {
			return a.setup.Current().Policy(), err
		}
		return a.setup.Version(found[0].Terms).Policy(), nil
	}
	windows, err := window.List(ctx, a.db, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	carried := make(map[string]int64)
	for i := len(windows) - 1; i >= 0; i-- {
		w := a.windows[windows[i].Period]
		if w.ClosedSeq == 0 {
			continue
		}
		stored, err := window.Find(ctx, a.db, a.head.Alliance, w.Period)
		if err != nil {
			return err
		}
		policy, err := policyOf(w.ClosedSeq)
		if err != nil {
			return err
		}
		if err := a.checkSettlement(w, &stored, policy, carried); err != nil {
			return err
		}
	}
	return nil
}

// checkSettlement compares one settlement with a recomputation. carried is what
// the window before carried out, and becomes what this one does.
func (a *auditor) checkSettlement(w *auditedWindow, stored *window.Snapshot, policy window.Policy, carried map[string]int64) error {
	currency := a.setup.Currency
	fresh := make([]window.Position, 0, len(stored.Positions))
	named := make(map[string]bool)
	for _, p := range stored.Positions {
		named[p.Party] = true
		fresh = append(fresh, window.Position{
			Party: p.Party, Opening: currency.Minor(carried[p.Party]), Movement: currency.Minor(w.moved[p.Party]), Movements: w.made[p.Party],
			Final: a.setup.HasLeft(p.Party, w.CutoffAt),
		})
	}
	for party, moved := range w.moved {
		if moved != 0 && !named[party] {
			a.fault(settled, "settlement %s leaves out %s, which moved by %s", w.Period, party, currency.Minor(moved))
		}
	}
	fresh, transfers, err := window.Net(fresh, policy)
	if err != nil {
		return err
	}
	sum := w.settled[clearing.Custody]
	for i, p := range stored.Positions {
		a.looked(settled, 1)
		if !slices.Equal(p.Movements, fresh[i].Movements) {
			a.fault(settled, "settlement %s, %s: stored movements %s; from entries %s", w.Period, p.Party, p.Movements.Append(nil), fresh[i].Movements.Append(nil))
		}
		if p.Opening != fresh[i].Opening || p.Movement != fresh[i].Movement || p.Transfer != fresh[i].Transfer || p.Carried != fresh[i].Carried {
			a.fault(settled, "settlement %s, %s: stored opening %s, movement %s, transfer %s, carried %s; from entries %s, %s, %s, %s", w.Period, p.Party,
				p.Opening, p.Movement, p.Transfer, p.Carried, fresh[i].Opening, fresh[i].Movement, fresh[i].Transfer, fresh[i].Carried)
		}
		if booked := -w.settled[p.Party]; booked != p.Transfer.Minor() {
			a.fault(settled, "settlement %s, %s: %s was booked and %s stored", w.Period, p.Party, currency.Minor(booked), p.Transfer)
		}
		if p.Opening.Minor() != carried[p.Party] {
			a.fault(windowed, "window %s: %s carried in %s and the window before carried out %s", w.Period, p.Party, p.Opening, currency.Minor(carried[p.Party]))
		}
		carried[p.Party] = p.Carried.Minor()
		sum -= p.Transfer.Minor()
	}
	if sum != 0 {
		a.fault(settled, "settlement %s: the nets and custody's part sum to %s, not to zero", w.Period, currency.Minor(sum))
	}
	again := window.Snapshot{State: stored.State, ClosedHash: stored.ClosedHash, Positions: fresh, Transfers: transfers}
	if sum := again.Sum(); sum != stored.Digest {
		a.fault(settled, "settlement %s: its digest is stored as %x, and from entries it is %x", w.Period, stored.Digest[:6], sum[:6])
	}
	a.looked(settled, len(stored.Transfers))
	if len(transfers) != len(stored.Transfers) {
		a.fault(settled, "settlement %s has %d transfers and should have %d", w.Period, len(stored.Transfers), len(transfers))
		return nil
	}
	for i, t := range stored.Transfers {
		if t != transfers[i] {
			a.fault(settled, "settlement %s, transfer %d: stored %s to %s %s; from entries %s to %s %s", w.Period, i+1,
				t.From, t.To, t.Amount, transfers[i].From, transfers[i].To, transfers[i].Amount)
		}
	}
	return nil
}
