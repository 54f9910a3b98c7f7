package audit

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
)

// hold is a hold as its transactions tell it. Amounts are in minor units.
type hold struct {
	card, merchant      string // the code that the card had then
	amount, captured    int64
	placedAt, expiresAt time.Time
	state               alliance.HoldState
}

// reserved is what open holds reserve of a card.
type reserved struct {
	amount int64
	holds  int
}

// foldHolds takes in what a transaction has changed about holds, if that was collected. A hold
// ends once, in time, and by what it reserved.
func (a *auditor) foldHolds(r *alliance.Record) {
	if a.state.Changes == nil {
		return
	}
	changes := a.state.Changes.Holds
	a.state.Changes = nil
	for _, change := range changes {
		h, known := a.holds[change.Seq]
		if change.State == alliance.HoldStateOpen {
			if known || change.Seq != r.Seq || r.Facts.ExpiresAt == nil || r.Facts.Amount <= 0 || r.Facts.Growth.Hold.Reserved != r.Facts.Amount {
				a.fault(held, "transaction %d places the hold %d, and its facts say something else", r.Seq, change.Seq)
				continue
			}
			a.holds[r.Seq] = hold{
				card: r.Card, merchant: r.Merchant, amount: r.Facts.Amount, placedAt: r.BookedAt, expiresAt: r.Facts.ExpiresAt.UTC(), state: change.State,
			}
			continue
		}
		if !known || h.state != alliance.HoldStateOpen {
			a.fault(held, "transaction %d makes the hold %d %s, which was %q", r.Seq, change.Seq, change.State, h.state)
			continue
		}
		inTime := r.BookedAt.Before(h.expiresAt)
		if change.State == alliance.HoldStateExpired {
			inTime = r.BookedAt.Equal(h.expiresAt)
		}
		if !inTime || r.Facts.Growth.Hold.Reserved != -h.amount || change.Captured > h.amount || a.becameOf(h.card) != r.Card {
			a.fault(held, "transaction %d makes the hold %d %s with %s of %s; it reserved that of card %q until %s", r.Seq, change.Seq, change.State,
				a.amount(change.Captured), a.amount(h.amount), h.card, h.expiresAt)
		}
		h.state, h.captured = change.State, change.Captured
		a.holds[change.Seq] = h
	}
}

// compareHolds compares what is stored of holds with the log, and adds up what those reserve
// that are open.
func (a *auditor) compareHolds(ctx context.Context) error {
	rows, err := a.db.Query(ctx, `
		SELECT seq, card, merchant, amount, placed_at, expires_at, state, captured FROM holds WHERE alliance_id = $1 ORDER BY seq`, a.head.Alliance.ID)
	if err != nil {
		return err
	}
	var seq int64
	var s hold
	stored := 0
	_, err = pgx.ForEachRow(rows, []any{&seq, &s.card, &s.merchant, &s.amount, &s.placedAt, &s.expiresAt, &s.state, &s.captured}, func() error {
		a.looked(held, 1)
		stored++
		s.placedAt, s.expiresAt = s.placedAt.UTC(), s.expiresAt.UTC()
		if fold := a.holds[seq]; fold != s {
			a.fault(held, "the hold %d is stored as %s of card %q at %s until %s, %s with %s captured; the log says %s of card %q at %s until %s, %s with %s", seq,
				a.amount(s.amount), s.card, s.merchant, s.expiresAt, s.state, a.amount(s.captured),
				a.amount(fold.amount), fold.card, fold.merchant, fold.expiresAt, fold.state, a.amount(fold.captured))
		}
		if s.state != alliance.HoldStateOpen {
			return nil
		}
		if !s.expiresAt.After(a.head.BookedThrough) {
			a.fault(held, "the hold %d of card %q is open, and its time ended at %s", seq, s.card, s.expiresAt)
		}
		became := a.becameOf(s.card)
		sum := a.reserved[became]
		a.reserved[became] = reserved{sum.amount + s.amount, sum.holds + 1}
		return nil
	})
	if err == nil && stored != len(a.holds) {
		a.fault(held, "%d holds were placed, and %d are stored", len(a.holds), stored)
	}
	return err
}

// compareReserved checks that what is reserved on a card is what its open holds reserve, and
// that it has as much.
func (a *auditor) compareReserved(stored, fold *alliance.Card) {
	a.looked(held, 1)
	sum := a.reserved[stored.Code]
	if stored.Held != sum.amount || stored.Holds != sum.holds || stored.Held != fold.Held || stored.Holds != fold.Holds {
		a.fault(held, "card %q is stored with %s reserved by %d holds; its open holds are %d and reserve %s, the log folds to %d and %s", stored.Code,
			a.amount(stored.Held), stored.Holds, sum.holds, a.amount(sum.amount), fold.Holds, a.amount(fold.Held))
	}
	if stored.Held < 0 || stored.Held > stored.Value.Minor()+stored.Bonus.Minor() {
		a.fault(held, "card %q has %s reserved, and value %s and bonus %s", stored.Code, a.amount(stored.Held), stored.Value, stored.Bonus)
	}
}
