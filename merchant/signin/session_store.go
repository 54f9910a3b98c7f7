package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

const sessionColumns = `
	s.session_id, s.alliance_id, coalesce(s.staff_id, ''), coalesce(s.member, ''), coalesce(f.role, 'member'), coalesce(f.merchant, ''),
	coalesce(m.has_left, false), coalesce(s.till, ''), s.opened_with, s.opened_at, s.seen_at, s.ends_at`

// A session is over when it was ended, and also with its person and its till.
const openSessions = `
	FROM signin_sessions s
	LEFT JOIN signin_staff f ON f.alliance_id = s.alliance_id AND f.staff_id = s.staff_id
	LEFT JOIN merchants m ON m.alliance_id = f.alliance_id AND m.merchant = f.merchant
	LEFT JOIN signin_tills t ON t.alliance_id = s.alliance_id AND t.till_id = s.till_id
	WHERE s.ended_at IS NULL AND f.removed_at IS NULL AND t.revoked_at IS NULL`

func scanSession(row pgx.CollectableRow, more ...any) (Session, error) {
	var s Session
	var left bool
	err := row.Scan(append([]any{
		&s.ID, &s.AllianceID, &s.Person.Staff, &s.Person.Member, &s.Role, &s.Merchant, &left, &s.Till, &s.OpenedWith, &s.OpenedAt, &s.SeenAt, &s.age,
	}, more...)...)
	s.OpenedAt, s.SeenAt, s.age = s.OpenedAt.UTC(), s.SeenAt.UTC(), s.age.UTC()
	s.Role = roleOf(s.Role, left)
	return s, err
}

// Authenticate returns the session of a token, and notes that it is used. The error is
// ErrSessionUnknown if it is not open.
func Authenticate(ctx context.Context, db clearing.Database, text string, now time.Time) (Session, error) {
	allianceID, number, ok := readToken(sessionPrefix, text)
	if !ok {
		return Session{}, ErrSessionUnknown
	}
	rows, err := db.Query(ctx, `SELECT `+sessionColumns+`, s.secret_hash `+openSessions+` AND s.alliance_id = $1 AND s.session_id = $2`, allianceID, "ses_"+number)
	if err != nil {
		return Session{}, clearing.Unavailable(err)
	}
	var hash []byte
	s, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Session, error) { return scanSession(row, &hash) })
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return s, ErrSessionUnknown
	case err != nil:
		return s, clearing.Unavailable(err)
	case subtle.ConstantTimeCompare(hash, hashToken(text)) != 1 || !s.lasting(now):
		return Session{}, ErrSessionUnknown
	}
	if now.Sub(s.SeenAt) < seenEvery {
		return s, nil
	}
	s.SeenAt = now.UTC().Truncate(time.Microsecond)
	s.lasting(now)
	return s, clearing.Write(ctx, db, func(tx clearing.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE signin_sessions SET seen_at = $3 WHERE alliance_id = $1 AND session_id = $2 AND seen_at < $3 AND ended_at IS NULL`, allianceID, s.ID, s.SeenAt)
		return err
	})
}

// opening is a session that is to be opened.
type opening struct {
	person       Person
	till, tillID string
	way          Way
}

// open opens a session and returns it with its token, which is not kept.
func open(ctx context.Context, tx clearing.Tx, allianceID int64, o opening, now time.Time) (Session, string, error) {
	number, text := newToken(sessionPrefix, allianceID)
	id := "ses_" + number
	_, err := tx.Exec(ctx, `
		INSERT INTO signin_sessions (alliance_id, session_id, secret_hash, staff_id, member, till, till_id, opened_with, opened_at, seen_at, ends_at)
		VALUES ($1, $2, $3, nullif($4, ''), nullif($5, ''), nullif($6, ''), nullif($7, ''), $8, $9, $9, $10)`,
		allianceID, id, hashToken(text), o.person.Staff, o.person.Member, o.till, o.tillID, string(o.way), now, now.Add(ageOf(o.person)))
	if err != nil {
		return Session{}, "", err
	}
	if err := record(ctx, tx, allianceID, Event{Person: o.person, Type: SessionOpened, By: itself(string(o.way)), Subject: id, At: now}); err != nil {
		return Session{}, "", err
	}
	s, err := find(ctx, tx, allianceID, id, now)
	return s, text, err
}

// find returns an open session.
func find(ctx context.Context, db ledger.Querier, allianceID int64, id string, now time.Time) (Session, error) {
	rows, err := db.Query(ctx, `SELECT `+sessionColumns+openSessions+` AND s.alliance_id = $1 AND s.session_id = $2`, allianceID, id)
	if err != nil {
		return Session{}, err
	}
	s, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Session, error) { return scanSession(row) })
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !s.lasting(now) {
		return Session{}, ErrSessionUnknown
	}
	return s, err
}

// Sessions lists the open sessions of a person, by ID and beginning after one.
func Sessions(ctx context.Context, db ledger.Querier, allianceID int64, p Person, now time.Time, after string, limit int) ([]Session, error) {
	rows, err := db.Query(ctx, `
		SELECT `+sessionColumns+openSessions+`
		AND s.alliance_id = $1 AND coalesce(s.staff_id, s.member) = $2 AND s.staff_id IS NOT DISTINCT FROM nullif($3, '') AND s.session_id > $4
		AND s.ends_at > $5 AND s.seen_at > $6 ORDER BY s.session_id LIMIT $7`,
		allianceID, p.Staff+p.Member, p.Staff, after, now, now.Add(-(&Session{Person: p}).idle()), limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Session, error) {
		s, err := scanSession(row)
		s.lasting(now)
		return s, err
	})
}

// EndSession ends a session of a person, who or whose superior asks for it. The error is
// ErrSessionUnknown if the person has no such session open.
func EndSession(ctx context.Context, tx clearing.Tx, allianceID int64, p Person, id, by string, now time.Time) error {
	s, err := find(ctx, tx, allianceID, id, now)
	if err == nil && s.Person != p {
		err = ErrSessionUnknown
	}
	if err != nil {
		return err
	}
	_, err = endSessions(ctx, tx, allianceID, p, by, now, id, "")
	return err
}

// EndSessions ends all sessions of a person and returns how many there were.
func EndSessions(ctx context.Context, tx clearing.Tx, allianceID int64, p Person, by string, now time.Time) (int, error) {
	return endSessions(ctx, tx, allianceID, p, by, now, "", "")
}

// endSessions ends the sessions of a person: one, or all but one.
func endSessions(ctx context.Context, tx clearing.Tx, allianceID int64, p Person, by string, now time.Time, one, except string) (int, error) {
	rows, err := tx.Query(ctx, `
		UPDATE signin_sessions SET ended_at = $4
		WHERE alliance_id = $1 AND coalesce(staff_id, member) = $2 AND staff_id IS NOT DISTINCT FROM nullif($3, '') AND ended_at IS NULL
		AND ($5 = '' OR session_id = $5) AND session_id <> $6 AND ends_at > $4 AND seen_at > $7
		RETURNING session_id`, allianceID, p.Staff+p.Member, p.Staff, now, one, except, now.Add(-(&Session{Person: p}).idle()))
	if err != nil {
		return 0, err
	}
	ended, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, err
	}
	for _, id := range ended {
		if err := record(ctx, tx, allianceID, Event{Person: p, Type: SessionEnded, By: by, Subject: id, At: now}); err != nil {
			return 0, err
		}
	}
	return len(ended), nil
}

// HasSignedIn reports whether a member ever had a session.
func HasSignedIn(ctx context.Context, db ledger.Querier, allianceID int64, member string) (signedIn bool, err error) {
	err = db.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM signin_sessions WHERE alliance_id = $1 AND coalesce(staff_id, member) = $2 AND member = $2)`, allianceID, member).Scan(&signedIn)
	return signedIn, clearing.Unavailable(err)
}
