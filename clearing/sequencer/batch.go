package sequencer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// ErrClockBack says that a test circle's clock can't be set back.
var ErrClockBack = errors.New("the clock of a test circle never goes back")

// batch is the orders that one database transaction writes. They are decided one after
// the other, in the order of arrival, in one of two ways.
//
// Usually they are decided from memory, without a lock, while the batch before is still
// being written. This takes one round trip, which first checks that the circle's head is as
// memory left it, and does nothing if it is not.
//
// They are decided under the lock (see locked) when memory is not enough: for the first
// batch, after another process has written or something has failed, when time passes without
// a command, at a cut-off or a deadline, for settlement commands, and when more falls due
// than is in memory.
type batch struct {
	*memory
	orders   []Order
	outcomes []Outcome
	instants []time.Time

	*rows
}

// rows is what a batch has decided and not yet written.
type rows struct {
	booked  *ledger.Posting
	decided *requestRows
}

func newRows(allianceID int64) *rows { return &rows{ledger.NewPosting(allianceID), newRequestRows()} }

// empty reports whether there is nothing to be written.
func (r *rows) empty() bool { return r.decided.key.Rows() == 0 && r.booked.Len() == 0 }

// reset empties the rows, once all were written.
func (r *rows) reset() {
	r.booked.Reset()
	r.decided.reset()
}

// newBatch returns a batch to be decided from memory. It reuses the rows of one that was
// written.
func newBatch(m *memory) *batch {
	b := &batch{memory: m, rows: m.spare}
	m.spare = nil
	if b.rows == nil {
		b.rows = newRows(m.allianceID)
	}
	return b
}

// written returns the rows to memory once the batch was written.
func (b *batch) written() {
	b.rows.reset()
	b.spare = b.rows
}

// A batch looks its rows up by key. Its statements are planned once, perhaps while the
// tables are still small, and their plans are used when the tables are large. So they must
// be planned as look-ups by primary key, whatever the statistics say, and must not be
// planned again for each batch.
const (
	planProbes = `SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
		set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)`
	planJoins = `SELECT set_config('enable_hashjoin', 'on', true)` // for a closing, which joins whole tables
)

// decideFromMemory decides more orders. What is not in memory is read through db. If the
// orders need the lock, it does nothing and returns false.
func (b *batch) decideFromMemory(ctx context.Context, db ledger.Session, orders []Order) (bool, error) {
	first := len(b.orders)
	instants, ok := b.instantsInMemory(orders)
	if !ok {
		return false, nil
	}
	b.orders, b.instants = append(b.orders, orders...), append(b.instants, instants...)
	b.outcomes = append(b.outcomes, make([]Outcome, len(orders))...)
	reads := &pgx.Batch{}
	if b.keyChecksLeft > 0 {
		b.queueKeyChecks(reads, orders)
	}
	if err := b.load(ctx, db, reads, orders, instants[len(instants)-1]); err != nil {
		return true, err
	}
	for i := first; i < len(b.orders); i++ {
		if err := b.runDue(b.instants[i]); err != nil {
			return true, err
		}
		b.head.BookedThrough = b.instants[i]
		if err := b.decide(i); err != nil {
			return true, err
		}
	}
	return true, nil
}

// load reads into memory what orders need and what falls due at or before an instant needs.
// reads is sent with it.
func (b *batch) load(ctx context.Context, db ledger.Session, reads *pgx.Batch, orders []Order, through time.Time) error {
	if err := b.state.LoadSetup(ctx, db); err != nil {
		return err
	}
	b.state.QueueReads(reads, orders, through)
	for reads.Len() > 0 {
		if err := db.SendBatch(ctx, reads).Close(); err != nil {
			return err
		}
		reads = &pgx.Batch{}
		b.state.QueueFurtherReads(reads)
	}
	return nil
}

// instantsInMemory returns the instants of orders, and false if they can't be decided from
// memory.
func (b *batch) instantsInMemory(orders []Order) ([]time.Time, bool) {
	if b.head.Period == "" {
		return nil, false
	}
	now := b.head.BookedThrough
	instants := make([]time.Time, len(orders))
	for i := range orders {
		if _, closed := orders[i].Command.(SettlementCommand); closed || orders[i].Command == nil {
			return nil, false
		}
		now = b.instant(&orders[i], now)
		instants[i] = now
	}
	return instants, now.Before(b.head.CutoffAt) && now.Before(b.deadline()) && b.state.LoadedThrough(now)
}

// instant returns when an order happens, given the instant of the one before. Time in a
// circle never goes back, even if the clocks of its servers differ. A test circle has its
// own clock.
func (b *batch) instant(o *Order, after time.Time) time.Time {
	at := o.At.UTC().Truncate(time.Microsecond)
	if b.head.Alliance.Mode == clearing.Test {
		at = b.head.Clock
	}
	if at.Before(after) {
		return after
	}
	return at
}

// writes returns the writes of a batch that was decided from memory, or nil if there are
// none.
func (b *batch) writes() (*pgx.Batch, error) {
	if b.empty() {
		return nil, nil
	}
	b.keyChecksLeft = max(b.keyChecksLeft-1, 0)
	writes := &pgx.Batch{}
	writes.Queue(planProbes)
	writes.Queue(`SELECT take_head($1, $2)`, b.allianceID, b.head.Version)
	if err := b.queueWrites(writes); err != nil {
		return nil, err
	}
	b.head.QueueSave(writes)
	return writes, nil
}

// queueWrites queues everything decided since the last call, except the head.
func (b *batch) queueWrites(writes *pgx.Batch) error {
	b.booked.Queue(writes)
	b.balances.Save(writes, b.allianceID)
	b.decided.queue(writes, b.allianceID)
	b.forget()
	return b.state.QueueWrites(writes)
}

// runDue does the rule book's work that falls due at or before an instant. The instant
// must not be after the next deadline or cut-off; work due at that very instant comes
// before them.
func (b *batch) runDue(at time.Time) error {
	for {
		due, ok := b.state.NextDue()
		if !ok || due.After(at) {
			return nil
		}
		t, err := b.state.RunDue(b.head.LastSeq+1, b.head.Period)
		if err != nil {
			return err
		}
		if err := b.post(t); err != nil {
			return err
		}
	}
}

// never is later than any instant that occurs.
var never = time.Date(20000, time.December, 31, 0, 0, 0, 0, time.UTC)

// cutoff returns the cut-off of the open window.
func (b *batch) cutoff() time.Time {
	if b.head.Period == "" {
		return never
	}
	return b.head.CutoffAt
}

// deadline returns when something next happens by itself in closed windows.
func (b *batch) deadline() time.Time {
	if b.head.DeadlineAt.IsZero() {
		return never
	}
	return b.head.DeadlineAt
}

// decide decides one order, or finds that it was decided before, and runs what the command
// causes at its own instant.
func (b *batch) decide(i int) error {
	order, outcome := &b.orders[i], &b.outcomes[i]
	if order.Command == nil {
		return nil
	}
	var answered bool
	if *outcome, answered = b.answeredBefore(order); answered {
		return nil
	}
	t, err := b.state.Decide(*order, b.instants[i], b.head.LastSeq+1, b.head.Period)
	if err != nil {
		return b.conclude(i, 0, nil, err)
	}
	if err := b.post(t); err != nil {
		return err
	}
	// A cut-off or deadline at this instant was done before the command, so what the command
	// causes is booked in the same window.
	if err := b.runDue(b.instants[i]); err != nil {
		return err
	}
	answer, err := b.state.Answer()
	if err != nil {
		return err
	}
	return b.conclude(i, t.Seq, answer, nil)
}

// conclude stores the outcome of an order: its transaction, or a refusal if err is one.
// Any other error is returned.
func (b *batch) conclude(i int, seq int64, answer json.RawMessage, err error) error {
	order, outcome := &b.orders[i], &b.outcomes[i]
	var refusal *clearing.Refusal
	switch {
	case errors.As(err, &refusal):
		outcome.Refusal = refusal
		if outcome.Answer, err = json.Marshal(refusal); err != nil {
			return err
		}
	case err != nil:
		return err
	default:
		outcome.Seq, outcome.Answer = seq, answer
	}
	b.requests[requestKey{order.Caller, order.Key}] = storedRequest{order.Hash, *outcome}
	b.decided.add(order, b.instants[i], outcome)
	return nil
}

// post adds a transaction to the balances and seals it into the chain.
func (b *batch) post(t ledger.Transaction) error {
	if err := t.Check(); err != nil {
		return err
	}
	if t.Seq != b.head.LastSeq+1 {
		return fmt.Errorf("transaction %d follows %d", t.Seq, b.head.LastSeq)
	}
	if err := b.balances.Take(&t); err != nil {
		return err
	}
	t.Hash = t.Seal(b.allianceID, b.head.LastHash)
	b.head.LastSeq, b.head.LastHash = t.Seq, t.Hash
	b.booked.Add(&t)
	return nil
}
