package settlement

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// Processor works on a circle's closed windows for one batch, under the lock of its
// head. It is the [clearing.Desk] of every rule book.
type Processor struct {
	state  State
	saveShops  func(writes *pgx.Batch, shops []clearing.Shop)
	loaded map[string]bool // periods
	begun  bool            // the counters are known
	events []Event         // since it was saved
}

// NewProcessor returns a desk that has read nothing yet. stand queues the writes of
// shops whose standing has changed.
func NewProcessor(circle clearing.Circle, balances *ledger.Balances, shops []clearing.Shop, saveShops func(writes *pgx.Batch, shops []clearing.Shop)) *Processor {
	d := &Processor{
		state: State{
			Circle: circle, Balance: balances.Of, Shops: make(map[string]*clearing.Shop, len(shops)),
			Lines: make(map[int64]ledger.Transaction), KnownLines: make(map[string]bool),
		},
		saveShops: saveShops, loaded: make(map[string]bool),
	}
	for _, shop := range shops {
		d.state.Shops[shop.Code] = &shop
	}
	return d
}

// Deadline returns the earliest instant at which something comes about by itself;
// zero: there is none.
func (d *Processor) Deadline() time.Time { return d.state.Deadline() }

// RunDeadline does what comes about at the deadline.
func (d *Processor) RunDeadline(seq int64) ([]ledger.Transaction, error) {
	at := d.state.Deadline()
	a, err := d.state.RunDeadline()
	if err != nil {
		return nil, err
	}
	return d.number([]*posting{a}, at, seq)
}

// Decide decides an order.
func (d *Processor) Decide(order clearing.Order, at time.Time, seq int64) ([]ledger.Transaction, json.RawMessage, error) {
	command, ok := order.Command.(clearing.DeskCommand)
	if !ok {
		return nil, nil, fmt.Errorf("%T is no command about closed windows", order.Command)
	}
	postings, err := d.state.Decide(command, at)
	if err != nil {
		return nil, nil, err
	}
	told := len(d.events)
	transactions, err := d.number(postings, at, seq)
	if err != nil {
		return nil, nil, err
	}
	for i := range d.state.Imported {
		if l := &d.state.Imported[i]; l.seq == 0 {
			l.seq = transactions[l.act].Seq
		}
	}
	last := transactions[len(transactions)-1]
	answer, err := json.Marshal(Receipt{
		Transaction: ledger.ID(last.Seq), Type: last.Type, BookedAt: at, Events: d.events[told:],
	})
	return transactions, answer, err
}

// number numbers postings and their events.
func (d *Processor) number(postings []*posting, at time.Time, seq int64) ([]ledger.Transaction, error) {
	transactions := make([]ledger.Transaction, 0, len(postings))
	for i, a := range postings {
		a.Seq = seq + int64(i)
		if err := d.record(a.events, at, a.Seq); err != nil {
			return nil, err
		}
		facts, err := json.Marshal(struct {
			Events []Event `json:"events"`
		}{a.events})
		if err != nil {
			return nil, err
		}
		a.Facts = facts
		transactions = append(transactions, a.Transaction)
	}
	return transactions, nil
}

// record numbers all events of a transaction.
func (d *Processor) record(events []Event, at time.Time, seq int64) error {
	if len(events) > ledger.MaxEvents {
		return fmt.Errorf("transaction %d makes %d events, and may make at most %d", seq, len(events), ledger.MaxEvents)
	}
	for i := range events {
		e := &events[i]
		e.Number, e.At, e.Transaction = ledger.EventNumber(seq, i+1), at, ledger.ID(seq)
	}
	d.events = append(d.events, events...)
	return nil
}

// Take takes over a window that is closing: each of its transfers becomes an
// obligation, and each member's payout. If all counts as paid at once, nothing is
// left to do.
func (d *Processor) Take(c clearing.Closing) error {
	s := &d.state
	x := &Lifecycle{
		Period: c.Period, FirstSeq: c.FirstSeq, ClosedSeq: c.ClosedSeq, Phase: Closed, Policy: c.Policy.Settling,
		ReviewUntil: c.CutoffAt, digest: c.Digest, changed: true,
	}
	events := []Event{{Type: SettlementClosed, Period: x.Period, Data: map[string]string{
		"digest": fmt.Sprintf("%x", c.Digest), "transfers": itoa(int64(len(c.Transfers))), "payouts": itoa(int64(len(c.Payouts))),
	}}}
	s.Settlements = append(s.Settlements, x)
	d.loaded[x.Period] = true
	if c.AtOnce {
		x.Phase, x.ApprovedAt, x.SettledAt = Settled, c.CutoffAt, c.CutoffAt
		return d.record(append(events, Event{Type: SettlementSettled, Period: x.Period}), c.CutoffAt, c.ClosedSeq)
	}
	x.ReviewUntil = days(c.CutoffAt, x.Policy.ReviewDays)
	for _, earlier := range s.Settlements {
		if earlier.Phase == InReview && earlier.ReviewUntil.After(x.ReviewUntil) {
			x.ReviewUntil = earlier.ReviewUntil // the oldest first
		}
	}
	if err := x.oblige(s.Circle.ID, &c); err != nil {
		return err
	}
	for _, p := range c.Positions {
		if p.Transfer.Sign() > 0 {
			x.Creditors = append(x.Creditors, Net{p.Party, p.Transfer.Minor()})
		}
	}
	if err := x.advance(ReviewBegins); err != nil {
		return err
	}
	return d.record(append(events, Event{Type: SettlementInReview, Period: x.Period, Data: map[string]string{
		"until": x.ReviewUntil.Format(time.RFC3339),
	}}), c.CutoffAt, c.ClosedSeq)
}

// oblige makes the obligations of a closing.
func (x *Lifecycle) oblige(circle int64, c *clearing.Closing) error {
	add := func(kind Kind, payer, payee string, minor int64, status Status) error {
		if minor == 0 {
			return nil
		}
		o := &Obligation{
			Period: x.Period, Number: len(x.Obligations) + 1, Kind: kind, Payer: payer, Payee: payee, Amount: minor,
			Status: status, fresh: true,
		}
		var err error
		o.Reference, err = referenceOf(circle, o)
		x.Obligations = append(x.Obligations, o)
		return err
	}
	for _, t := range c.Transfers {
		kind, status := Direct, Due
		switch clearing.Custody {
		case t.From:
			kind, status = Payout, Payable
		case t.To:
			kind = Collection
		}
		if err := add(kind, t.From, t.To, t.Amount.Minor(), status); err != nil {
			return err
		}
	}
	for _, p := range c.Payouts {
		if err := add(Commission, clearing.Custody, p.Member, p.Net().Minor(), Payable); err != nil {
			return err
		}
	}
	return nil
}

// sortSettlements puts the oldest first.
func (s *State) sortSettlements() {
	slices.SortFunc(s.Settlements, func(x, y *Lifecycle) int {
		if x.Period < y.Period {
			return -1
		}
		return 1
	})
}
