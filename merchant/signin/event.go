package signin

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// EventType is what was done about somebody's ways in.
type EventType string

// The types of events.
const (
	SessionOpened EventType = "session.opened"
	SessionEnded  EventType = "session.ended"
	LinkMade      EventType = "link.made"
	PasskeyAdded  EventType = "passkey.added"
	PasskeyLost   EventType = "passkey.removed"
	PINSet        EventType = "pin.set"
	TelephoneSet  EventType = "telephone.set"
	StaffAdded    EventType = "staff.added"
	StaffRemoved  EventType = "staff.removed"
)

// Who does something, beside callers by their names.
const (
	CommandLine = "command line"
	Itself      = "itself"
)

// itself says that the person did it, and with what.
func itself(with string) string { return Itself + ", with a " + with }

// Event is what was done about a person's ways in, as the person is shown it.
type Event struct {
	ID      int64
	Person  Person
	Type    EventType
	By      string // a caller, the person itself or the command line
	Subject string // the session, link or passkey
	At      time.Time
}

// record writes an event in the transaction that does it.
func record(ctx context.Context, tx clearing.Tx, allianceID int64, e Event) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO signin_events (alliance_id, staff_id, member, type, made_by, subject, at)
		VALUES ($1, nullif($2, ''), nullif($3, ''), $4, $5, nullif($6, ''), $7)`,
		allianceID, e.Person.Staff, e.Person.Member, string(e.Type), e.By, e.Subject, e.At)
	return err
}

// Events lists the events of a person, the newest first and beginning before one; 0: with the newest.
func Events(ctx context.Context, db ledger.Querier, allianceID int64, p Person, before int64, limit int) ([]Event, error) {
	rows, err := db.Query(ctx, `
		SELECT event_id, coalesce(staff_id, ''), coalesce(member, ''), type, made_by, coalesce(subject, ''), at FROM signin_events
		WHERE alliance_id = $1 AND coalesce(staff_id, member) = $2 AND staff_id IS NOT DISTINCT FROM nullif($3, '') AND ($4::bigint = 0 OR event_id < $4::bigint)
		ORDER BY event_id DESC LIMIT $5`, allianceID, p.Staff+p.Member, p.Staff, before, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Event, error) {
		var e Event
		err := row.Scan(&e.ID, &e.Person.Staff, &e.Person.Member, &e.Type, &e.By, &e.Subject, &e.At)
		e.At = e.At.UTC()
		return e, err
	})
}
