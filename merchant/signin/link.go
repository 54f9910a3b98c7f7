package signin

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
)

// LinkValid is how long a link can be opened: at the counter, or by the next message.
const LinkValid = 15 * time.Minute

// Link is a link that opens one session of one person, once.
type Link struct {
	ID        string // "lnk_" and 16 hexadecimal digits
	Person    Person
	Till      string // at which the session of a cashier acts
	ExpiresAt time.Time
}

// LinkPath is where links are opened, below the server's public address.
const LinkPath = "/sign-in/"

// Address returns the address of a link at a server. Whoever opens it is shown a button first,
// so that a program that looks at addresses, as messengers have, does not use it up.
func Address(server *url.URL, token string) string { return server.JoinPath(LinkPath, token).String() }

// MakeLink makes a link and returns it with its token. Links that the person had are dead.
func MakeLink(ctx context.Context, tx clearing.Tx, allianceID int64, l Link, by string, now time.Time) (Link, string, error) {
	if err := dropLinks(ctx, tx, allianceID, l.Person, now); err != nil {
		return l, "", err
	}
	number, text := newToken(linkPrefix, allianceID)
	l.ID, l.ExpiresAt = "lnk_"+number, now.Add(LinkValid).UTC().Truncate(time.Microsecond)
	if _, err := tx.Exec(ctx, `
		INSERT INTO signin_links (alliance_id, link_id, secret_hash, staff_id, member, till, made_by, made_at, expires_at)
		VALUES ($1, $2, $3, nullif($4, ''), nullif($5, ''), nullif($6, ''), $7, $8, $9)`,
		allianceID, l.ID, hashToken(text), l.Person.Staff, l.Person.Member, l.Till, by, now, l.ExpiresAt); err != nil {
		return l, "", err
	}
	return l, text, record(ctx, tx, allianceID, Event{Person: l.Person, Type: LinkMade, By: by, Subject: l.ID, At: now})
}

// dropLinks makes the links of a person no good any more.
func dropLinks(ctx context.Context, tx clearing.Tx, allianceID int64, p Person, now time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE signin_links SET used_at = $4
		WHERE alliance_id = $1 AND coalesce(staff_id, member) = $2 AND staff_id IS NOT DISTINCT FROM nullif($3, '') AND used_at IS NULL`,
		allianceID, p.Staff+p.Member, p.Staff, now)
	return err
}

// OpenLink opens the session of a link and ends the person's others. The error is ErrRefused
// if the link was used, has expired or never was.
func OpenLink(ctx context.Context, db clearing.Database, text string, now time.Time) (s Session, token string, err error) {
	allianceID, number, ok := readToken(linkPrefix, text)
	if !ok {
		return s, "", ErrRefused
	}
	err = clearing.Write(ctx, db, func(tx clearing.Tx) error {
		// The condition is checked again by whoever waits for the row, so one of two is first.
		rows, err := tx.Query(ctx, `
			UPDATE signin_links SET used_at = $4
			WHERE alliance_id = $1 AND link_id = $2 AND secret_hash = $3 AND used_at IS NULL AND expires_at > $4
			RETURNING coalesce(staff_id, ''), coalesce(member, ''), coalesce(till, ''), link_id`, allianceID, "lnk_"+number, hashToken(text), now)
		if err != nil {
			return err
		}
		o := opening{way: ByLink}
		var id string
		_, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
			return struct{}{}, row.Scan(&o.person.Staff, &o.person.Member, &o.till, &id)
		})
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrRefused
		}
		if err != nil {
			return err
		}
		if s, token, err = open(ctx, tx, allianceID, o, now); err != nil {
			return err
		}
		_, err = endSessions(ctx, tx, allianceID, o.person, "opening "+id, now, "", s.ID)
		return err
	})
	if errors.Is(err, ErrSessionUnknown) { // the person was removed meanwhile
		err = ErrRefused
	}
	return s, token, err
}
