package replay

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/window"
)

// books is a circle in memory: the state of the rule book, and the balances beside it. It does
// what the sequencer does, in the same order, with the same functions for the month-end.
type books struct {
	written  scenario.Alliance
	alliance clearing.Alliance
	parties  []clearing.Merchant
	report   *report

	state    *alliance.State
	balances *ledger.Balances
	sums     map[ledger.Kind]int64
	members  map[string]*alliance.CommissionSums
	answered map[string][sha256.Size]byte // the content of each event, by its id
	placed   map[int64]string             // the ids of the events that placed holds

	seq     int64
	window  window.Window // zero before the first event
	opening map[string]int64
	events  int
	last    time.Time

	positions, transfers, commissions *table
}

func newBooks(written scenario.Alliance, r *report) (*books, error) {
	b := &books{
		written: written, report: r,
		alliance: clearing.Alliance{
			Code: written.Code, Name: written.Name, Currency: written.Currency, Location: written.Location, Mode: clearing.Replay,
		},
		state: alliance.NewState(alliance.Whole(), written.Setup), balances: ledger.NewBalances(),
		sums: make(map[ledger.Kind]int64), members: make(map[string]*alliance.CommissionSums),
		answered: make(map[string][sha256.Size]byte), placed: make(map[int64]string), opening: make(map[string]int64),
	}
	b.state.Changes = alliance.NewChanges()
	for _, code := range slices.Sorted(maps.Keys(written.Setup.Merchants)) {
		b.parties = append(b.parties, clearing.Merchant{Code: code})
		b.state.Positions[code] = written.Currency.Zero()
	}
	var err error
	if b.positions, err = r.table("positions.csv", positionsHeader...); err != nil {
		return nil, err
	}
	if b.transfers, err = r.table("transfers.csv", transfersHeader...); err != nil {
		return nil, err
	}
	b.commissions, err = r.table("commissions.csv", commissionsHeader...)
	return b, err
}

// play books the events up to an instant, and then what falls due until then.
func (b *books) play(events *scenario.Reader, until time.Time) error {
	for {
		event, err := events.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if !until.IsZero() && event.At.After(until) {
			continue
		}
		b.last = event.At
		b.events++
		if err := b.order(&event); err != nil {
			return fmt.Errorf("booking the event %q: %w", event.ID, err)
		}
	}
	if until.IsZero() {
		until = b.last
	}
	return b.advance(until)
}

// order decides an event, or finds that it was decided before, and runs what it causes.
func (b *books) order(event *scenario.Event) error {
	if b.window.Period == "" {
		b.window = window.Of(event.At, b.alliance.Location)
	}
	if err := b.advance(event.At); err != nil {
		return err
	}
	if content, known := b.answered[event.ID]; known {
		if content == event.Hash {
			return nil
		}
		return b.report.reject(event.ID, sequencer.IdempotencyConflict)
	}
	b.answered[event.ID] = event.Hash
	record, err := b.state.Decide(event.Command, event.At)
	var refusal *clearing.Refusal
	if errors.As(err, &refusal) {
		return b.report.reject(event.ID, refusal.Code)
	}
	if err != nil {
		return err
	}
	if err := b.book(&record); err != nil {
		return err
	}
	b.state.Remember(record, alliance.Reference{Caller: Caller, Key: event.ID})
	if record.Type == alliance.HoldPlaced {
		b.placed[record.Seq] = event.ID
	}
	return b.runDue(event.At)
}

// advance lets time pass: what falls due is done, and windows close.
func (b *books) advance(at time.Time) error {
	if b.window.Period == "" {
		return nil
	}
	for !b.window.CutoffAt.After(at) {
		if err := b.runDue(b.window.CutoffAt); err != nil {
			return err
		}
		if err := b.close(); err != nil {
			return err
		}
	}
	return b.runDue(at)
}

// runDue does the work that falls due at or before an instant.
func (b *books) runDue(at time.Time) error {
	for {
		due, ok := b.state.NextDue()
		if !ok || due.After(at) {
			return nil
		}
		record, err := b.state.RunDue()
		if err != nil {
			return err
		}
		if err := b.book(&record); err != nil {
			return err
		}
	}
}

// book numbers a record, folds it into the state and posts it to the balances.
func (b *books) book(r *alliance.Record) error {
	b.seq++
	r.Seq, r.Period = b.seq, b.window.Period
	if err := r.Check(); err != nil {
		return err
	}
	if err := b.state.Apply(r); err != nil {
		return err
	}
	for _, e := range r.Entries {
		b.sums[e.Account.Kind] += e.Amount.Minor()
	}
	for code, change := range b.state.Changes.Members {
		sums := b.members[code]
		if sums == nil {
			sums = &alliance.CommissionSums{}
			b.members[code] = sums
		}
		sums.Pending += change.Pending
		sums.Payable += change.Payable
		sums.Earned += change.Earned
	}
	b.state.Changes.Reset()
	return b.balances.Take(&r.Transaction)
}

// close closes the open window and opens the next.
func (b *books) close() error {
	closing := window.Closing{Policy: b.written.Setup.Current().Policy(), AtOnce: true}
	closing.Currency, closing.Period = b.alliance.Currency, b.window.Period
	var payables []window.Payable
	for _, code := range slices.Sorted(maps.Keys(b.members)) {
		if payable := b.members[code].Payable; payable > 0 {
			payables = append(payables, window.Payable{Member: code, Amount: b.alliance.Currency.Minor(payable)})
		}
	}
	closing.Payouts = window.Payouts(payables, closing.Policy)
	positions, err := window.PositionsAtCutoff(b.alliance, b.parties, b.opening, b.balances)
	if err != nil {
		return err
	}
	transactions, err := closing.Settle(positions)
	if err != nil {
		return err
	}
	for _, t := range transactions {
		t.BookedAt, t.Terms = b.window.CutoffAt, b.written.Setup.Current().Version
		if err := b.book(&alliance.Record{Transaction: t}); err != nil {
			return err
		}
	}
	clear(b.opening)
	for _, p := range closing.Positions {
		b.opening[p.Party] = p.Carried.Minor()
	}
	b.balances.Renew()
	if err := b.writeWindow(&closing); err != nil {
		return err
	}
	b.window = window.Of(b.window.CutoffAt, b.alliance.Location)
	return nil
}

// writeWindow writes what a window that has closed came to.
func (b *books) writeWindow(c *window.Closing) error {
	if err := writeSettlement(b.positions, b.transfers, c.Period, c.Positions, c.Transfers); err != nil {
		return err
	}
	paid := make(map[string]string, len(c.Payouts))
	for _, p := range c.Payouts {
		paid[p.Member] = p.Gross.String()
	}
	currency := b.alliance.Currency
	for _, code := range slices.Sorted(maps.Keys(b.members)) {
		sums := b.members[code]
		if sums.Earned <= 0 {
			continue
		}
		row := []string{
			c.Period, code, currency.Minor(sums.Pending).String(), currency.Minor(sums.Payable).String(),
			cmp.Or(paid[code], currency.Zero().String()),
		}
		if err := b.commissions.Write(row); err != nil {
			return err
		}
	}
	return nil
}
