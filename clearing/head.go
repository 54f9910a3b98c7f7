package clearing

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/ledger"
)

// Head is the state of a circle at the end of its log: the last transaction, the time, and
// the open window.
type Head struct {
	Alliance      Alliance
	LastSeq       int64
	LastHash      ledger.Hash
	BookedThrough time.Time // zero: nothing yet
	Clock         time.Time // of a test circle
	Period        string    // of the open window; "" before the first command
	CutoffAt      time.Time // of the open window
	NextDueAt     time.Time // no work of the rule book falls due earlier; zero: there is none
	DeadlineAt    time.Time // nothing happens by itself in closed windows earlier; zero: there is none
	SetupVersion  int64     // another number after every change of terms, shops or products
	Version       int64     // another number after every change of the head
}

// Overdue reports whether something may have fallen due at or before an instant that was not
// done yet.
func (h *Head) Overdue(at time.Time) bool {
	past := func(due time.Time) bool { return !due.IsZero() && !due.After(at) }
	return past(h.CutoffAt) || past(h.NextDueAt) || past(h.DeadlineAt)
}

const headColumns = `
	a.alliance_id, a.code, a.name, a.currency, a.timezone, a.mode, a.created_at,
	h.last_seq, h.last_hash, nullif(h.booked_through, '-infinity'), h.clock, h.period, h.cutoff_at, h.next_due_at, h.deadline_at, h.setup_version, h.version`

// LockHead locks the head of a circle for the rest of the transaction and
// returns it. It is the first lock that a writer takes.
func LockHead(ctx context.Context, tx pgx.Tx, allianceID int64) (Head, error) {
	return readHead(ctx, tx, lockHead, allianceID)
}

const lockHead = `
	SELECT ` + headColumns + ` FROM heads h JOIN alliances a USING (alliance_id)
	WHERE h.alliance_id = $1 FOR UPDATE OF h`

// QueueLock queues LockHead: the head is filled when the batch has been sent.
func (h *Head) QueueLock(batch *pgx.Batch, allianceID int64) {
	batch.Queue(lockHead, allianceID).Query(func(rows pgx.Rows) (err error) {
		*h, err = collectHead(rows)
		return err
	})
}

// ReadHead returns the head of a circle as it is now.
func ReadHead(ctx context.Context, db ledger.Querier, allianceID int64) (Head, error) {
	return readHead(ctx, db, `
		SELECT `+headColumns+` FROM heads h JOIN alliances a USING (alliance_id) WHERE h.alliance_id = $1`, allianceID)
}

func readHead(ctx context.Context, db ledger.Querier, sql string, allianceID int64) (Head, error) {
	rows, err := db.Query(ctx, sql, allianceID)
	if err != nil {
		return Head{}, err
	}
	return collectHead(rows)
}

func collectHead(rows pgx.Rows) (Head, error) {
	h, err := pgx.CollectExactlyOneRow(rows, scanHead)
	if errors.Is(err, pgx.ErrNoRows) {
		return h, ErrNoAlliance
	}
	return h, err
}

// headRow lets scanAlliance scan the first columns of a head's row; rest takes the others.
type headRow struct {
	pgx.CollectableRow
	rest []any
}

func (r headRow) Scan(alliance ...any) error {
	return r.CollectableRow.Scan(append(alliance, r.rest...)...)
}

func scanHead(row pgx.CollectableRow) (Head, error) {
	var h Head
	var hash []byte
	var booked, clock, cutoff, due, deadline *time.Time
	var period *string
	alliance, err := scanAlliance(headRow{row, []any{&h.LastSeq, &hash, &booked, &clock, &period, &cutoff, &due, &deadline, &h.SetupVersion, &h.Version}})
	if err != nil {
		return h, err
	}
	h.Alliance = alliance
	copy(h.LastHash[:], hash)
	h.BookedThrough, h.Clock, h.NextDueAt, h.DeadlineAt = utc(booked), utc(clock), utc(due), utc(deadline)
	if period != nil {
		h.Period, h.CutoffAt = *period, utc(cutoff)
	}
	return h, nil
}

func utc(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// orNull returns nil for the zero instant, which is null in the database.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// QueueSave queues the write of the head, which gets another version.
func (h *Head) QueueSave(batch *pgx.Batch) { h.queueSave(batch, `$10`, orNull(h.NextDueAt)) }

// QueueSaveAndNextDue is QueueSave, but NextDueAt is read from the table of due work.
func (h *Head) QueueSaveAndNextDue(batch *pgx.Batch) {
	h.queueSave(batch, `(SELECT min(d.due_at) FROM due d WHERE d.alliance_id = $1)`).QueryRow(func(row pgx.Row) error {
		var due *time.Time
		err := row.Scan(&due)
		h.NextDueAt = utc(due)
		return err
	})
}

func (h *Head) queueSave(batch *pgx.Batch, nextDue string, args ...any) *pgx.QueuedQuery {
	var period *string
	if h.Period != "" {
		period = &h.Period
	}
	booked := any(h.BookedThrough)
	if h.BookedThrough.IsZero() {
		booked = "-infinity"
	}
	h.Version = rand.Int64()
	hash := h.LastHash // the head may go on while this is being written
	return batch.Queue(`
		UPDATE heads SET last_seq = $2, last_hash = $3, booked_through = $4, clock = $5, period = $6, cutoff_at = $7, next_due_at = `+nextDue+`, version = $8, deadline_at = $9
		WHERE alliance_id = $1 RETURNING next_due_at`,
		append([]any{h.Alliance.ID, h.LastSeq, hash[:], booked, orNull(h.Clock), period, orNull(h.CutoffAt), h.Version, orNull(h.DeadlineAt)}, args...)...)
}
