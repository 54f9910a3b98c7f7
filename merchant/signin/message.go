package signin

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// Message is a text for a member.
type Message struct {
	AllianceID int64
	Member     string // "": the telephone is nobody's, and the message is for nobody
	Text       string
	ExpiresAt  time.Time // when what it says is no good any more
}

// Sender passes messages on to members. It keeps them in the transaction and sends them when it
// is done, so that sending takes no time from the request, and a message for nobody takes as
// long to keep as one for somebody.
type Sender interface {
	Keep(ctx context.Context, tx clearing.Tx, m Message, now time.Time) error
	// Forget removes the texts that a member was sent, because what they say was used.
	Forget(ctx context.Context, tx clearing.Tx, allianceID int64, member string) error
}

// Outbox is a Sender that keeps messages for the organiser, who passes them on. A circle runs
// with it without any contract for text messages.
type Outbox struct{}

// Keep keeps a message, and removes what has expired.
func (Outbox) Keep(ctx context.Context, tx clearing.Tx, m Message, now time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE signin_messages SET body = NULL WHERE alliance_id = $1 AND body IS NOT NULL AND expires_at <= $2`, m.AllianceID, now); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM signin_messages WHERE alliance_id = $1 AND member IS NULL AND expires_at <= $2`, m.AllianceID, now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO signin_messages (alliance_id, member, body, made_at, expires_at) VALUES ($1, nullif($2, ''), $3, $4, $5)`,
		m.AllianceID, m.Member, m.Text, now, m.ExpiresAt)
	return err
}

// Forget removes the texts of a member's messages.
func (Outbox) Forget(ctx context.Context, tx clearing.Tx, allianceID int64, member string) error {
	_, err := tx.Exec(ctx, `UPDATE signin_messages SET body = NULL WHERE alliance_id = $1 AND member = $2 AND body IS NOT NULL`, allianceID, member)
	return err
}

// Waiting is a message that waits to be passed on.
type Waiting struct {
	ID     int64
	Member string
	Text   string // "": it was used, or has expired
	MadeAt time.Time
	Until  time.Time
}

// Messages lists the messages of a circle, the newest first and beginning before one; 0: with
// the newest. A text that has expired is not shown; the next message removes it.
func Messages(ctx context.Context, db ledger.Querier, allianceID int64, now time.Time, before int64, limit int) ([]Waiting, error) {
	rows, err := db.Query(ctx, `
		SELECT message_id, member, CASE WHEN expires_at > $2 THEN coalesce(body, '') ELSE '' END, made_at, expires_at FROM signin_messages
		WHERE alliance_id = $1 AND member IS NOT NULL AND ($3::bigint = 0 OR message_id < $3::bigint) ORDER BY message_id DESC LIMIT $4`, allianceID, now, before, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Waiting, error) {
		var w Waiting
		err := row.Scan(&w.ID, &w.Member, &w.Text, &w.MadeAt, &w.Until)
		w.MadeAt, w.Until = w.MadeAt.UTC(), w.Until.UTC()
		return w, err
	})
}
