package clearing

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/ledger"
)

// SetupEvent is a change of what a circle is set up with: its terms, shops, products,
// keys and bank accounts. It is no transaction: it moves no money and has no number in
// the log. In the circle's feed of events it stands behind the newest transaction.
type SetupEvent struct {
	Type  string            // such as "shop.admitted"
	Party string            // the shop that it concerns; empty: the organiser alone
	Data  map[string]string // what was changed, without secrets
}

// RecordSetupEvent writes an event in the transaction that makes the change, which
// holds the lock of the head. at is when the server was asked; a test circle goes by
// its own clock, and time in a circle never goes back.
func RecordSetupEvent(ctx context.Context, tx pgx.Tx, head *Head, e SetupEvent, at time.Time) error {
	at = head.TimeOf(at)
	var number int64
	err := tx.QueryRow(ctx, `
		SELECT coalesce(max(number), $2) + 1 FROM events WHERE alliance_id = $1 AND number >= $2`,
		head.Alliance.ID, ledger.EventNumber(head.LastSeq, 0)).Scan(&number)
	if err != nil {
		return err
	}
	body, err := json.Marshal(struct {
		Number      int64             `json:"number"`
		At          time.Time         `json:"at"`
		Type        string            `json:"type"`
		Transaction string            `json:"transaction"`
		Party       string            `json:"party,omitempty"`
		Data        map[string]string `json:"data,omitempty"`
	}{number, at, e.Type, ledger.ID(head.LastSeq), e.Party, e.Data})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO events (alliance_id, number, at, type, seq, period, party, body) VALUES ($1, $2, $3, $4, $5, '', $6, $7::text::json)`,
		head.Alliance.ID, number, at, e.Type, head.LastSeq, e.Party, string(body))
	return err
}

// TimeOf returns when something happens in the circle that a server is asked for at an
// instant: by the clock of a test circle, and never before what is booked already.
func (h *Head) TimeOf(at time.Time) time.Time {
	at = at.UTC().Truncate(time.Microsecond)
	if h.Alliance.Mode == Test {
		at = h.Clock
	}
	if at.Before(h.BookedThrough) {
		return h.BookedThrough
	}
	return at
}
