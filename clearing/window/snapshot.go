package window

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/message"
	"github.com/lianka/lianka/clearing/money"
)

// ErrNotClosed: the window of that period is not closed, or never was.
var ErrNotClosed = errors.New("there is no settlement of that period")

// State is a window with the numbers of its first and last transactions. ClosedSeq is 0
// while it is open.
type State struct {
	Window
	FirstSeq  int64
	ClosedSeq int64
}

// List returns the windows of a circle, the newest first.
func List(ctx context.Context, db ledger.Querier, allianceID int64) ([]State, error) {
	rows, err := db.Query(ctx, `
		SELECT period, opens_at, cutoff_at, first_seq, coalesce(closed_seq, 0) FROM windows
		WHERE alliance_id = $1 ORDER BY period DESC`, allianceID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanWindow)
}

func scanWindow(row pgx.CollectableRow) (State, error) {
	var w State
	var opens, cutoff time.Time
	err := row.Scan(&w.Period, &opens, &cutoff, &w.FirstSeq, &w.ClosedSeq)
	w.OpensAt, w.CutoffAt = opens.UTC(), cutoff.UTC()
	return w, err
}

// Open writes a window whose first transaction will have the number firstSeq.
func (w Window) Open(ctx context.Context, db ledger.Session, allianceID, firstSeq int64) error {
	_, err := db.Exec(ctx, `
		INSERT INTO windows (alliance_id, period, opens_at, cutoff_at, first_seq) VALUES ($1, $2, $3, $4, $5)`,
		allianceID, w.Period, w.OpensAt, w.CutoffAt, firstSeq)
	return err
}

// Snapshot is the result of a closed window. It never changes.
type Snapshot struct {
	State
	Currency   money.Currency
	ClosedHash ledger.Hash // of the window's last transaction
	Positions  []Position  // in the order of their parties
	Transfers  []Transfer  // in the order in which they were made
	Digest     [sha256.Size]byte
}

// Sum returns what Digest must be: the SHA-256 of a domain separator, the window, the range of
// its transactions with the hash of the last, and every position and transfer. Texts are
// prefixed with their length; numbers (instants in microseconds, amounts in minor units)
// are 8 bytes, big-endian.
func (s *Snapshot) Sum() [sha256.Size]byte {
	var b []byte
	text := func(t string) {
		b = binary.AppendUvarint(b, uint64(len(t)))
		b = append(b, t...)
	}
	numbers := func(all ...int64) {
		for _, n := range all {
			b = binary.BigEndian.AppendUint64(b, uint64(n))
		}
	}
	text("lianka settlement 1")
	text(s.Period)
	numbers(s.OpensAt.UnixMicro(), s.CutoffAt.UnixMicro(), s.FirstSeq, s.ClosedSeq)
	b = append(b, s.ClosedHash[:]...)
	numbers(int64(len(s.Positions)))
	for _, p := range s.Positions {
		text(p.Party)
		numbers(p.Opening.Minor(), p.Movement.Minor(), p.Transfer.Minor(), p.Carried.Minor())
		text(string(p.Movements.Append(nil)))
	}
	numbers(int64(len(s.Transfers)))
	for _, t := range s.Transfers {
		text(t.From)
		text(t.To)
		numbers(t.Amount.Minor())
	}
	return sha256.Sum256(b)
}

// Read returns a window, or ErrNotClosed if there is none of that period.
func Read(ctx context.Context, db ledger.Querier, allianceID int64, period string) (State, error) {
	rows, err := db.Query(ctx, `
		SELECT period, opens_at, cutoff_at, first_seq, coalesce(closed_seq, 0) FROM windows
		WHERE alliance_id = $1 AND period = $2`, allianceID, period)
	if err != nil {
		return State{}, err
	}
	w, err := pgx.CollectExactlyOneRow(rows, scanWindow)
	if errors.Is(err, pgx.ErrNoRows) {
		return w, fmt.Errorf("%w: %q", ErrNotClosed, period)
	}
	return w, err
}

// Find returns the snapshot of a closed window, or ErrNotClosed.
func Find(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, period string) (Snapshot, error) {
	s := Snapshot{Currency: alliance.Currency}
	var err error
	if s.State, err = Read(ctx, db, alliance.ID, period); err != nil {
		return s, err
	}
	if s.ClosedSeq == 0 {
		return s, message.Wrap("%v: %q is still open", ErrNotClosed, period)
	}
	rows, err := db.Query(ctx, `
		SELECT s.digest, t.hash FROM settlements s JOIN transactions t ON t.alliance_id = s.alliance_id AND t.seq = $3
		WHERE s.alliance_id = $1 AND s.period = $2`, alliance.ID, period, s.ClosedSeq)
	if err != nil {
		return s, err
	}
	var digest, hash []byte
	if _, err := pgx.ForEachRow(rows, []any{&digest, &hash}, func() error {
		copy(s.Digest[:], digest)
		copy(s.ClosedHash[:], hash)
		return nil
	}); err != nil {
		return s, err
	}
	if s.Positions, err = settledPositions(ctx, db, alliance, period); err != nil {
		return s, err
	}
	s.Transfers, err = settledTransfers(ctx, db, alliance, period)
	return s, err
}

func settledPositions(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, period string) ([]Position, error) {
	rows, err := db.Query(ctx, `
		SELECT party, opening, movement, transfer, carried, movements::text FROM positions
		WHERE alliance_id = $1 AND period = $2 ORDER BY party`, alliance.ID, period)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Position, err error) {
		var opening, movement, transfer, carried int64
		var movements string
		if err = row.Scan(&p.Party, &opening, &movement, &transfer, &carried, &movements); err != nil {
			return p, err
		}
		p.Opening, p.Movement = alliance.Currency.Minor(opening), alliance.Currency.Minor(movement)
		p.Transfer, p.Carried = alliance.Currency.Minor(transfer), alliance.Currency.Minor(carried)
		p.Movements, err = ledger.ParseTurnover(movements)
		return p, err
	})
}

func settledTransfers(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, period string) ([]Transfer, error) {
	rows, err := db.Query(ctx, `
		SELECT payer, payee, amount FROM transfers WHERE alliance_id = $1 AND period = $2 ORDER BY number`, alliance.ID, period)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t Transfer, err error) {
		var amount int64
		err = row.Scan(&t.From, &t.To, &amount)
		t.Amount = alliance.Currency.Minor(amount)
		return t, err
	})
}

// queueSnapshot queues the writes of a snapshot.
func queueSnapshot(writes *pgx.Batch, allianceID int64, s *Snapshot) {
	n := len(s.Positions)
	parties, movements := make([]string, n), make([]string, n)
	opening, movement, transfer, carried := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i, p := range s.Positions {
		parties[i], opening[i], movement[i] = p.Party, p.Opening.Minor(), p.Movement.Minor()
		transfer[i], carried[i] = p.Transfer.Minor(), p.Carried.Minor()
		movements[i] = string(p.Movements.Append(nil))
	}
	writes.Queue(`
		INSERT INTO positions (alliance_id, period, party, opening, movement, transfer, carried, movements)
		SELECT $1, $2, party, opening, movement, transfer, carried, movements::json
		FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[])
		     AS p (party, opening, movement, transfer, carried, movements)`,
		allianceID, s.Period, parties, opening, movement, transfer, carried, movements)
	if len(s.Transfers) == 0 {
		return
	}
	payers, payees, amounts := make([]string, len(s.Transfers)), make([]string, len(s.Transfers)), make([]int64, len(s.Transfers))
	for i, t := range s.Transfers {
		payers[i], payees[i], amounts[i] = t.From, t.To, t.Amount.Minor()
	}
	writes.Queue(`
		INSERT INTO transfers (alliance_id, period, number, payer, payee, amount)
		SELECT $1, $2, number, payer, payee, amount
		FROM unnest($3::text[], $4::text[], $5::bigint[]) WITH ORDINALITY AS t (payer, payee, amount, number)`,
		allianceID, s.Period, payers, payees, amounts)
}
