package sequencer

import (
	"context"
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// loadSettlement makes sure that there is a settlement processor, and that it has read
// what orders name.
func (l *locked) loadSettlement(ctx context.Context, orders []Order) error {
	if l.settlement == nil {
		processor, err := l.state.Processor()
		if err != nil {
			return err
		}
		l.settlement = processor
	}
	return l.settlement.Load(ctx, l.db, orders)
}

// decideSettlement decides an order about closed windows. Everything before it must be
// saved, and what it decides must be saved before anything else.
func (l *locked) decideSettlement(ctx context.Context, i int) error {
	order, outcome := &l.orders[i], &l.outcomes[i]
	var answered bool
	if *outcome, answered = l.answeredBefore(order); answered {
		return nil
	}
	if err := l.loadSettlement(ctx, l.orders[i:i+1]); err != nil {
		return err
	}
	decision, err := l.settlement.Decide(*order, l.instants[i], l.head.LastSeq+1)
	if err == nil {
		err = l.postSettlement(l.instants[i], decision.Transactions)
	}
	return l.conclude(i, decision.Seq, decision.Answer, err)
}

// postSettlement posts transactions of the settlement processor at an instant, in the
// open window.
func (l *locked) postSettlement(at time.Time, transactions []ledger.Transaction) error {
	for _, t := range transactions {
		t.BookedAt, t.Period, t.Terms = at, l.head.Period, l.state.TermsVersion()
		if err := l.post(t); err != nil {
			return err
		}
	}
	return nil
}

// runDeadline does what happens by itself at the deadline, and saves.
func (l *locked) runDeadline(ctx context.Context) error {
	if err := l.loadSettlement(ctx, nil); err != nil {
		return err
	}
	for at := l.settlement.Deadline(); !at.IsZero() && !at.After(l.head.DeadlineAt); at = l.settlement.Deadline() {
		transactions, err := l.settlement.RunDeadline(l.head.LastSeq + 1)
		if err != nil {
			return err
		}
		if err := l.postSettlement(l.head.DeadlineAt, transactions); err != nil {
			return err
		}
	}
	l.head.BookedThrough = l.head.DeadlineAt
	return l.save(ctx, false)
}
