package clearing

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"lianka/clearing/ledger"
)

// The types of transactions that a cut-off makes.
const (
	WindowClosed   ledger.Type = "window.closed"
	CommissionPaid ledger.Type = "commission.paid"
)

// openWindow writes a window and makes it the one that transactions go to.
func (l *locked) openWindow(ctx context.Context, w Window) error {
	l.head.Window = w
	_, err := l.db.Exec(ctx, `
		INSERT INTO windows (alliance_id, period, opens_at, cutoff_at, first_seq) VALUES ($1, $2, $3, $4, $5)`,
		l.head.Circle.ID, w.Period, w.OpensAt, w.CutoffAt, l.head.LastSeq+1)
	return err
}

// close closes the open window at its cut-off and opens the next. The segment
// before it must be saved: the cut-off reads balances from the database.
func (l *locked) close(ctx context.Context) error {
	period, cutoff := l.head.Window.Period, l.head.Window.CutoffAt
	positions, err := readPositions(ctx, l.db, &l.head, l.book.Merchants())
	if err != nil {
		return err
	}
	policy := l.book.Policy()
	positions, transfers, err := Net(positions, policy)
	if err != nil {
		return err
	}
	payables, err := l.book.Payables(ctx, l.db)
	if err != nil {
		return err
	}
	paid := Payouts(payables, policy)

	if err := l.bookClosing(period, cutoff, positions, paid); err != nil {
		return err
	}
	writes := &pgx.Batch{}
	writes.Queue(planJoins)
	l.booked.Queue(writes)
	l.balances.Save(writes, l.circle)
	saveSettlement(writes, l.head.Circle.ID, period, positions, transfers)
	l.book.Pay(writes, period, paid)
	writes.Queue(`UPDATE windows SET closed_seq = $3 WHERE alliance_id = $1 AND period = $2`, l.head.Circle.ID, period, l.head.LastSeq)
	writes.Queue(planProbes)
	if err := l.db.SendBatch(ctx, writes).Close(); err != nil {
		return err
	}
	l.reset()
	l.head.BookedThrough = cutoff
	return l.openWindow(ctx, WindowOf(cutoff, l.head.Circle.Location))
}

// bookClosing books the settlement, then the payouts, at the cut-off.
func (l *locked) bookClosing(period string, cutoff time.Time, positions []Position, paid []Payable) error {
	facts, err := json.Marshal(struct {
		Period string `json:"period"`
	}{period})
	if err != nil {
		return err
	}
	post := func(t ledger.Transaction) error {
		t.Seq, t.BookedAt, t.Period, t.Terms, t.Facts = l.head.LastSeq+1, cutoff, period, l.book.TermsVersion(), facts
		return l.post(t)
	}
	entries, err := SettlementEntries(positions)
	if err != nil {
		return err
	}
	if err := post(ledger.Transaction{Type: WindowClosed, Entries: entries}); err != nil {
		return err
	}
	for _, p := range paid {
		err := post(ledger.Transaction{Type: CommissionPaid, Member: p.Member, Entries: []ledger.Entry{
			{Account: ledger.Account{Kind: ledger.CommissionPayable, Owner: p.Member}, Amount: p.Amount},
			{Account: PartyAccount(Custody), Amount: p.Amount.Neg()},
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

// Positions returns where every party stands in the open window so far: what
// was carried in, and what has moved since. Transfer is zero and Carried what
// would be carried out if nothing were settled.
func Positions(ctx context.Context, db ledger.Querier, head *Head, merchants []string) ([]Position, error) {
	positions, err := readPositions(ctx, db, head, merchants)
	if err != nil {
		return nil, err
	}
	for i := range positions {
		p := &positions[i]
		p.Transfer = p.Opening.Currency().Zero()
		if p.Carried, err = p.Opening.Add(p.Movement); err != nil {
			return nil, err
		}
	}
	return positions, nil
}

// readPositions returns the opening and the movement of the organiser and of all
// merchants.
func readPositions(ctx context.Context, db ledger.Querier, head *Head, merchants []string) ([]Position, error) {
	currency := head.Circle.Currency
	standing := make(map[string]int64)
	rows, err := db.Query(ctx, `
		SELECT CASE account WHEN 'organiser' THEN 'organiser' ELSE owner END, -balance FROM balances
		WHERE alliance_id = $1 AND account IN ('merchants', 'organiser')`, head.Circle.ID)
	if err != nil {
		return nil, err
	}
	if err := collectSums(rows, standing); err != nil {
		return nil, err
	}
	opening := make(map[string]int64)
	rows, err = db.Query(ctx, `
		SELECT party, carried FROM positions
		WHERE alliance_id = $1 AND period = (SELECT max(p.period) FROM positions p WHERE p.alliance_id = $1)`, head.Circle.ID)
	if err != nil {
		return nil, err
	}
	if err := collectSums(rows, opening); err != nil {
		return nil, err
	}
	positions := make([]Position, 0, len(merchants)+1)
	for _, party := range append([]string{Organiser}, merchants...) {
		carriedIn := currency.Minor(opening[party])
		movement, err := currency.Minor(standing[party]).Sub(carriedIn)
		if err != nil {
			return nil, fmt.Errorf("position of %s: %w", party, err)
		}
		positions = append(positions, Position{Party: party, Opening: carriedIn, Movement: movement})
	}
	return positions, nil
}

func collectSums(rows pgx.Rows, into map[string]int64) error {
	var name string
	var sum int64
	_, err := pgx.ForEachRow(rows, []any{&name, &sum}, func() error {
		into[name] = sum
		return nil
	})
	return err
}

// saveSettlement queues the snapshot of a closing.
func saveSettlement(writes *pgx.Batch, circle int64, period string, positions []Position, transfers []Transfer) {
	parties := make([]string, len(positions))
	opening, movement := make([]int64, len(positions)), make([]int64, len(positions))
	transfer, carried := make([]int64, len(positions)), make([]int64, len(positions))
	for i, p := range positions {
		parties[i], opening[i], movement[i] = p.Party, p.Opening.Minor(), p.Movement.Minor()
		transfer[i], carried[i] = p.Transfer.Minor(), p.Carried.Minor()
	}
	writes.Queue(`
		INSERT INTO positions (alliance_id, period, party, opening, movement, transfer, carried)
		SELECT $1, $2, party, opening, movement, transfer, carried
		FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[]) AS p (party, opening, movement, transfer, carried)`,
		circle, period, parties, opening, movement, transfer, carried)
	if len(transfers) == 0 {
		return
	}
	payers, payees, amounts := make([]string, len(transfers)), make([]string, len(transfers)), make([]int64, len(transfers))
	for i, t := range transfers {
		payers[i], payees[i], amounts[i] = t.From, t.To, t.Amount.Minor()
	}
	writes.Queue(`
		INSERT INTO transfers (alliance_id, period, number, payer, payee, amount)
		SELECT $1, $2, number, payer, payee, amount
		FROM unnest($3::text[], $4::text[], $5::bigint[]) WITH ORDINALITY AS t (payer, payee, amount, number)`,
		circle, period, payers, payees, amounts)
}
