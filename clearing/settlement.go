package clearing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"lianka/clearing/ledger"
)

// ErrNoSettlement: the window of that period is not closed, or never was.
var ErrNoSettlement = errors.New("there is no settlement of that period")

// WindowState is a window and the transactions that it holds: FirstSeq to
// ClosedSeq, which is 0 while it is open.
type WindowState struct {
	Window
	FirstSeq  int64
	ClosedSeq int64
}

// Windows returns the windows of a circle, the newest first.
func Windows(ctx context.Context, db ledger.Querier, circle int64) ([]WindowState, error) {
	rows, err := db.Query(ctx, `
		SELECT period, opens_at, cutoff_at, first_seq, coalesce(closed_seq, 0) FROM windows
		WHERE alliance_id = $1 ORDER BY period DESC`, circle)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanWindow)
}

func scanWindow(row pgx.CollectableRow) (WindowState, error) {
	var w WindowState
	var opens, cutoff time.Time
	err := row.Scan(&w.Period, &opens, &cutoff, &w.FirstSeq, &w.ClosedSeq)
	w.OpensAt, w.CutoffAt = opens.UTC(), cutoff.UTC()
	return w, err
}

// Settlement is what a closed window came to. It never changes.
type Settlement struct {
	WindowState
	Positions []Position // in the order of their parties
	Transfers []Transfer // in the order in which they were made
}

// FindSettlement returns the settlement of a closed window, or ErrNoSettlement.
func FindSettlement(ctx context.Context, db ledger.Querier, circle Circle, period string) (Settlement, error) {
	rows, err := db.Query(ctx, `
		SELECT period, opens_at, cutoff_at, first_seq, closed_seq FROM windows
		WHERE alliance_id = $1 AND period = $2 AND closed_seq IS NOT NULL`, circle.ID, period)
	if err != nil {
		return Settlement{}, err
	}
	window, err := pgx.CollectExactlyOneRow(rows, scanWindow)
	if errors.Is(err, pgx.ErrNoRows) {
		return Settlement{}, fmt.Errorf("%w: %q", ErrNoSettlement, period)
	}
	if err != nil {
		return Settlement{}, err
	}
	s := Settlement{WindowState: window}
	if s.Positions, err = settledPositions(ctx, db, circle, period); err != nil {
		return s, err
	}
	s.Transfers, err = settledTransfers(ctx, db, circle, period)
	return s, err
}

func settledPositions(ctx context.Context, db ledger.Querier, circle Circle, period string) ([]Position, error) {
	rows, err := db.Query(ctx, `
		SELECT party, opening, movement, transfer, carried FROM positions
		WHERE alliance_id = $1 AND period = $2 ORDER BY party`, circle.ID, period)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Position, err error) {
		var opening, movement, transfer, carried int64
		err = row.Scan(&p.Party, &opening, &movement, &transfer, &carried)
		p.Opening, p.Movement = circle.Currency.Minor(opening), circle.Currency.Minor(movement)
		p.Transfer, p.Carried = circle.Currency.Minor(transfer), circle.Currency.Minor(carried)
		return p, err
	})
}

func settledTransfers(ctx context.Context, db ledger.Querier, circle Circle, period string) ([]Transfer, error) {
	rows, err := db.Query(ctx, `
		SELECT payer, payee, amount FROM transfers WHERE alliance_id = $1 AND period = $2 ORDER BY number`, circle.ID, period)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t Transfer, err error) {
		var amount int64
		err = row.Scan(&t.From, &t.To, &amount)
		t.Amount = circle.Currency.Minor(amount)
		return t, err
	})
}
