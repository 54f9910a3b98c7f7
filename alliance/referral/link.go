package referral

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// MaxLinks is how many links a member may have in force at once.
const MaxLinks = 20

// Link is a link of a member.
type Link struct {
	AllianceID int64
	Code       string
	Member     string
	CreatedAt  time.Time
	RevokedAt  time.Time // zero: it is in force
	Opened     int64     // how often its page was opened
}

const linkColumns = `alliance_id, code, member, created_at, revoked_at, opened`

func scanLink(row pgx.CollectableRow) (Link, error) {
	var l Link
	var revoked *time.Time
	err := row.Scan(&l.AllianceID, &l.Code, &l.Member, &l.CreatedAt, &revoked, &l.Opened)
	l.CreatedAt = l.CreatedAt.UTC()
	if revoked != nil {
		l.RevokedAt = revoked.UTC()
	}
	return l, err
}

func oneLink(rows pgx.Rows, err error) (Link, error) {
	if err != nil {
		return Link{}, err
	}
	l, err := pgx.CollectExactlyOneRow(rows, scanLink)
	if errors.Is(err, pgx.ErrNoRows) {
		return l, ErrLinkUnknown
	}
	return l, err
}

// Create makes a link of a member. It returns alliance.ErrMemberUnknown for who has bought no
// card, and ErrLinksTooMany.
func Create(ctx context.Context, tx clearing.Tx, allianceID int64, member string, at time.Time) (Link, error) {
	// The links of a member are made one after the other, so that they can be counted: by a
	// statement of its own, which sees what was made while this one waited for the lock.
	tag, err := tx.Exec(ctx, `SELECT 1 FROM members WHERE alliance_id = $1 AND member = $2 FOR NO KEY UPDATE`, allianceID, member)
	if err != nil {
		return Link{}, err
	}
	if tag.RowsAffected() == 0 {
		return Link{}, alliance.ErrMemberUnknown
	}
	var inForce int
	err = tx.QueryRow(ctx, `
		SELECT count(*) FROM referral_links WHERE alliance_id = $1 AND member = $2 AND revoked_at IS NULL`, allianceID, member).Scan(&inForce)
	if err != nil {
		return Link{}, err
	}
	if inForce >= MaxLinks {
		return Link{}, ErrLinksTooMany
	}
	for {
		// No two circles have a link of one code, as its page names no circle.
		l, err := oneLink(tx.Query(ctx, `
			INSERT INTO referral_links (alliance_id, code, member, created_at)
			SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM referral_links WHERE code = $2)
			RETURNING `+linkColumns, allianceID, newCode(), member, at.UTC().Truncate(time.Microsecond)))
		if !errors.Is(err, ErrLinkUnknown) { // of which it is made again
			return l, err
		}
	}
}

// Revoke ends a link. Who joined by it stays joined. Revoking it again changes nothing.
func Revoke(ctx context.Context, tx clearing.Tx, allianceID int64, code string, at time.Time) (Link, error) {
	return oneLink(tx.Query(ctx, `
		UPDATE referral_links SET revoked_at = coalesce(revoked_at, $3) WHERE alliance_id = $1 AND code = $2
		RETURNING `+linkColumns, allianceID, code, at.UTC().Truncate(time.Microsecond)))
}

// RevokeAll ends all links of a member, as when the person is erased.
func RevokeAll(ctx context.Context, tx clearing.Tx, allianceID int64, member string, at time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE referral_links SET revoked_at = $3 WHERE alliance_id = $1 AND member = $2 AND revoked_at IS NULL`,
		allianceID, member, at.UTC().Truncate(time.Microsecond))
	return err
}

// Find returns a link of a circle, revoked or not, or ErrLinkUnknown.
func Find(ctx context.Context, db ledger.Querier, allianceID int64, code string) (Link, error) {
	return oneLink(db.Query(ctx, `SELECT `+linkColumns+` FROM referral_links WHERE alliance_id = $1 AND code = $2`, allianceID, code))
}

// InForce returns the link of a code, whichever circle it is of, or ErrLinkUnknown.
func InForce(ctx context.Context, db ledger.Querier, code string) (Link, error) {
	return oneLink(db.Query(ctx, `SELECT `+linkColumns+` FROM referral_links WHERE code = $1 AND revoked_at IS NULL`, code))
}

// Filter picks links; what is empty does not restrict.
type Filter struct {
	Member string
	After  string // codes after this one
	Limit  int
}

// Links returns links of a circle, revoked ones too, in the order of their codes.
func Links(ctx context.Context, db ledger.Querier, allianceID int64, f Filter) ([]Link, error) {
	rows, err := db.Query(ctx, `
		SELECT `+linkColumns+` FROM referral_links
		WHERE alliance_id = $1 AND code > $2 AND ($3 = '' OR member = $3) ORDER BY code LIMIT $4`, allianceID, f.After, f.Member, f.Limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanLink)
}

// CountOpened counts that the page of a link was opened.
func CountOpened(ctx context.Context, db clearing.Database, l Link) error {
	return clearing.Write(ctx, db, func(tx clearing.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE referral_links SET opened = opened + 1 WHERE alliance_id = $1 AND code = $2`, l.AllianceID, l.Code)
		return err
	})
}
