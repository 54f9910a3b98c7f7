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

// metropolis is a large circle with months of history, the last of which is still
// to be closed.
//
// Sending twenty million entries through the sequencer would take longer than
// everything else together. So the history is decided by the rule book in memory, numbered
// and hashed as the sequencer does it, and written with COPY; the months between
// are closed by the sequencer itself. The audit at the end checks it
// like all other books.
type metropolis struct {
	*town
	entries int // written so far
	last    window.Window
	first   int64 // transaction of the last month
	closed  bool
}

// historian writes the history of a circle.
type historian struct {
	*metropolis
	pool     *pgxpool.Pool
	url      string
	state    *alliance.State
	head     clearing.Head
	load     *workload
	at       time.Time
	pace     time.Duration // between commands
	balances *ledger.Balances
	earned   map[string]*earnings
	released map[dueKey]string  // the state of every commission
	sales    []*alliance.Record // with commissions

	transactions, earners, requests, members *feed
}

// earnings is what changed of a member's commission.
type earnings struct{ pending, payable, earned int64 }

// dueKey names a commission.
type dueKey struct {
	sale  int64
	level int
}

// months are how many months of history there are before the present one: in the
// first cards are sold, in the second they are loaded, then they are used.
const months = 4

// tell writes the history of a circle.
func (b *bench) tell(ctx context.Context, t *town, entries, lastMonth int) (*metropolis, error) {
	if err := t.found(ctx, b.pool); err != nil {
		return nil, err
	}
	b.auditLater(b.pool, t)
	defer tuning.Fold()()
	setup, err := store.LoadSetup(ctx, b.pool, t.alliance)
	if err != nil {
		return nil, err
	}
	all := make([]int, t.merchants)
	for i := range all {
		all[i] = i
	}
	b.run++
	h := &historian{
		metropolis: &metropolis{town: t}, pool: b.pool, url: b.url, state: alliance.NewState(alliance.Standard(), setup),
		load: newWorkload(b.run, 0, t.cards, t.merchants, all), released: make(map[dueKey]string),
	}
	present := window.Of(time.Now(), t.alliance.Location)
	windows := make([]window.Window, months)
	for i := months - 1; i >= 0; i-- {
		windows[i] = window.Of(present.OpensAt.Add(-time.Second), t.alliance.Location)
		present = windows[i]
	}
	if err := h.read(ctx); err != nil {
		return nil, err
	}
	if err := h.openWindow(ctx, windows[0]); err != nil {
		return nil, err
	}
	for i, w := range windows {
		if err := h.month(ctx, w, i, entries, lastMonth); err != nil {
			return nil, err
		}
		if i == months-1 {
			break
		}
		if err := b.sequencer.Advance(ctx, t.alliance.ID, w.CutoffAt); err != nil {
			return nil, err
		}
		if err := h.read(ctx); err != nil {
			return nil, err
		}
	}
	return h.metropolis, h.finish(ctx)
}

// read reads the head and the balances as the sequencer has left them.
func (h *historian) read(ctx context.Context) (err error) {
	if h.head, err = clearing.ReadHead(ctx, h.pool, h.alliance.ID); err != nil {
		return err
	}
	h.balances = ledger.NewBalances()
	reads := &pgx.Batch{}
	h.balances.Read(reads, h.alliance.ID)
	return h.pool.SendBatch(ctx, reads).Close()
}

// month writes the transactions of a window: of its number, or as many as it takes
// to have so many entries.
func (h *historian) month(ctx context.Context, w window.Window, number, entries, lastMonth int) error {
	group, both := errgroup.WithContext(ctx)
	h.openFeeds(both, group)
	h.earned = make(map[string]*earnings)
	h.last, h.first = w, h.head.LastSeq+1
	group.Go(func() error {
		defer h.closeFeeds()
		h.at = w.OpensAt
		var err error
		switch number {
		case 0, 1:
			err = h.lives(both, w, number)
		case months - 1:
			err = h.use(both, w, lastMonth)
		default:
			err = h.use(both, w, max(entries-lastMonth-h.entries, 0)/(months-1-number))
		}
		if err != nil {
			return err
		}
		return h.runDue(w.CutoffAt)
	})
	if err := group.Wait(); err != nil {
		return fmt.Errorf("%s: %w", w.Period, err)
	}
	return h.settle(ctx, w)
}

// lives sells all cards, or loads them.
func (h *historian) lives(ctx context.Context, w window.Window, number int) error {
	h.pace = w.CutoffAt.Sub(w.OpensAt) / time.Duration(h.cards+1)
	for card := range h.cards {
		var command alliance.Command = h.sale(card)
		if number == 1 {
			command = h.loading(card)
		}
		if err := h.book(command, callerOf(h.home(card)), fmt.Sprintf("%s-%08d", w.Period, card), [32]byte{}); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// use lets members use their cards until there are so many entries more.
func (h *historian) use(ctx context.Context, w window.Window, entries int) error {
	h.pace = w.CutoffAt.Sub(w.OpensAt) / time.Duration(entries/3+1)
	until := h.entries + entries
	for h.entries < until {
		r := h.load.draw()
		if r.refused || r.repeat != nil {
			continue
		}
		if err := h.book(r.command, r.caller(), r.key, r.hash()); err != nil {
			return err
		}
		if r.kind == purchase {
			h.load.answered(r)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// book decides one command, and what falls due before it.
func (h *historian) book(command alliance.Command, caller, key string, hash [32]byte) error {
	h.at = h.at.Add(h.pace).Truncate(time.Microsecond)
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

func (h *historian) runDue(through time.Time) error {
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

// post numbers, seals and folds a record, and writes it.
func (h *historian) post(r alliance.Record) (*alliance.Record, error) {
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
