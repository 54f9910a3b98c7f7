package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/cmd/tuning"
)

// datasetWithHistory is a circle with months of history. Its last month is still to
// be closed.
//
// Sending twenty million entries through the sequencer would take longer than
// everything else together. So the rule book decides the history in memory, and it is
// numbered and hashed as the sequencer would and written with COPY. The sequencer
// closes the months in between. The audit at the end checks these books like all
// others.
type datasetWithHistory struct {
	*dataset
	entries int // written so far
	last    window.Window
	first   int64 // number of the last month's first transaction
	closed  bool
}

// historyWriter writes the history of a circle.
type historyWriter struct {
	*datasetWithHistory
	pool     *pgxpool.Pool
	url      string
	state    *alliance.State
	head     clearing.Head
	workload *workload
	at       time.Time
	interval time.Duration // between commands
	balances *ledger.Balances
	earned   map[string]*commissionChange
	released map[dueKey]string  // the state of every commission
	sales    []*alliance.Record // with commissions

	transactions, memberTransactions, requests, members *copyStream
}

// commissionChange is how a month changed a member's commission.
type commissionChange struct{ pending, payable, earned int64 }

// dueKey names a commission.
type dueKey struct {
	sale  int64
	level int
}

// historyMonths is how many months of history there are before the current one. Cards
// are sold in the first, topped up in the second, and used from then on.
const historyMonths = 4

// writeHistory creates a circle and writes its history.
func (b *bench) writeHistory(ctx context.Context, d *dataset, entries, lastMonth int) (*datasetWithHistory, error) {
	if err := d.create(ctx, b.pool); err != nil {
		return nil, err
	}
	b.auditLater(b.pool, d)
	defer tuning.Fold()()
	setup, err := store.LoadSetup(ctx, b.pool, d.alliance)
	if err != nil {
		return nil, err
	}
	merchants := make([]int, d.merchants)
	for i := range merchants {
		merchants[i] = i
	}
	b.run++
	h := &historyWriter{
		datasetWithHistory: &datasetWithHistory{dataset: d}, pool: b.pool, url: b.url, state: alliance.NewState(alliance.Standard(), setup),
		workload: newWorkload(b.run, 0, d.cards, d.merchants, merchants), released: make(map[dueKey]string),
	}
	present := window.Of(time.Now(), d.alliance.Location)
	windows := make([]window.Window, historyMonths)
	for i := historyMonths - 1; i >= 0; i-- {
		windows[i] = window.Of(present.OpensAt.Add(-time.Second), d.alliance.Location)
		present = windows[i]
	}
	if err := h.readHead(ctx); err != nil {
		return nil, err
	}
	if err := h.openWindow(ctx, windows[0]); err != nil {
		return nil, err
	}
	for i, w := range windows {
		if err := h.month(ctx, w, i, entries, lastMonth); err != nil {
			return nil, err
		}
		if i == historyMonths-1 {
			break
		}
		if err := b.sequencer.Advance(ctx, d.alliance.ID, w.CutoffAt); err != nil {
			return nil, err
		}
		if err := h.readHead(ctx); err != nil {
			return nil, err
		}
	}
	return h.datasetWithHistory, h.writeCards(ctx)
}

// readHead reads the head and the balances as the sequencer has left them.
func (h *historyWriter) readHead(ctx context.Context) (err error) {
	if h.head, err = clearing.ReadHead(ctx, h.pool, h.alliance.ID); err != nil {
		return err
	}
	h.balances = ledger.NewBalances()
	reads := &pgx.Batch{}
	h.balances.Read(reads, h.alliance.ID)
	return h.pool.SendBatch(ctx, reads).Close()
}

// month writes the transactions of a window. The first two windows have one for each
// card; the last has lastMonth entries, and those in between share the rest.
func (h *historyWriter) month(ctx context.Context, w window.Window, number, entries, lastMonth int) error {
	group, both := errgroup.WithContext(ctx)
	h.openCopies(both, group)
	h.earned = make(map[string]*commissionChange)
	h.last, h.first = w, h.head.LastSeq+1
	group.Go(func() error {
		defer h.closeCopies()
		h.at = w.OpensAt
		var err error
		switch number {
		case 0:
			err = h.forEveryCard(both, w, func(card int) alliance.Command { return h.sale(card) })
		case 1:
			err = h.forEveryCard(both, w, func(card int) alliance.Command { return h.topUp(card) })
		case historyMonths - 1:
			err = h.useCards(both, w, lastMonth)
		default:
			err = h.useCards(both, w, max(entries-lastMonth-h.entries, 0)/(historyMonths-1-number))
		}
		if err != nil {
			return err
		}
		return h.runDue(w.CutoffAt)
	})
	if err := group.Wait(); err != nil {
		return fmt.Errorf("%s: %w", w.Period, err)
	}
	return h.saveMonth(ctx, w)
}

// forEveryCard books one command for each card, spread evenly over a window.
func (h *historyWriter) forEveryCard(ctx context.Context, w window.Window, command func(card int) alliance.Command) error {
	h.interval = w.CutoffAt.Sub(w.OpensAt) / time.Duration(h.cards+1)
	for card := range h.cards {
		if err := h.book(command(card), callerOf(h.home(card)), fmt.Sprintf("%s-%08d", w.Period, card), [32]byte{}); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// useCards books redemptions until they have so many entries.
func (h *historyWriter) useCards(ctx context.Context, w window.Window, entries int) error {
	h.interval = w.CutoffAt.Sub(w.OpensAt) / time.Duration(entries/3+1)
	until := h.entries + entries
	for h.entries < until {
		r := h.workload.next()
		if r.refused || r.repeat != nil {
			continue
		}
		if err := h.book(r.command, r.caller(), r.key, r.hash()); err != nil {
			return err
		}
		if r.kind == purchase {
			h.workload.answered(r)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// book decides one command, and what falls due before it.
func (h *historyWriter) book(command alliance.Command, caller, key string, hash [32]byte) error {
	h.at = h.at.Add(h.interval).Truncate(time.Microsecond)
	if err := h.runDue(h.at); err != nil {
		return err
	}
	r, err := h.state.Decide(command, h.at)
	if err != nil {
		return fmt.Errorf("%+v: %w", command, err)
	}
	made, err := h.post(r)
	if err != nil {
		return err
	}
	answer, err := json.Marshal(h.state.Receipt(made))
	if err != nil {
		return err
	}
	h.requests.number(h.alliance.ID).text(caller).text(key).bytes(hash[:]).instant(h.at).number(made.Seq).null().text(string(answer)).end()
	return nil
}

func (h *historyWriter) runDue(through time.Time) error {
	for {
		due, ok := h.state.NextDue()
		if !ok || due.After(through) {
			return nil
		}
		r, err := h.state.RunDue()
		if err != nil {
			return err
		}
		if _, err := h.post(r); err != nil {
			return err
		}
	}
}

// post numbers and seals a record, applies it to balances and state, and writes it.
func (h *historyWriter) post(r alliance.Record) (*alliance.Record, error) {
	r.Seq, r.Period = h.head.LastSeq+1, h.last.Period
	t, err := r.Encode()
	if err != nil {
		return nil, err
	}
	if err := t.Check(); err != nil {
		return nil, err
	}
	if err := h.balances.Take(&t); err != nil {
		return nil, err
	}
	t.Hash = t.Seal(h.alliance.ID, h.head.LastHash)
	h.head.LastSeq, h.head.LastHash, h.head.BookedThrough = t.Seq, t.Hash, t.BookedAt
	r.Transaction = t
	if err := h.state.Apply(&r); err != nil {
		return nil, err
	}
	h.write(&r)
	return &r, nil
}
