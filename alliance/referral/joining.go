package referral

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
)

// Joining says by which link somebody has joined.
type Joining struct {
	Member   string
	Code     string
	JoinedAt time.Time
}

// Join notes that somebody who has bought no card yet joins by a link. Joining by the same
// link again changes nothing, even if it was revoked since. It returns ErrLinkUnknown,
// ErrMemberAlready or ErrJoinedAlready.
//
// A first purchase that is decided at the same time may miss the joining. Then the books bind no
// referrer, and the joining counts as one who has not bought.
func Join(ctx context.Context, tx clearing.Tx, allianceID int64, code, member string, at time.Time) (Joining, error) {
	earlier, found, err := joined(ctx, tx, allianceID, member)
	switch {
	case err != nil:
		return Joining{}, err
	case found:
		return earlier, sameLink(earlier, code)
	}
	var known bool
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM members WHERE alliance_id = $1 AND member = $2)`, allianceID, member).Scan(&known)
	if err != nil {
		return Joining{}, err
	}
	j := Joining{Member: member, Code: code, JoinedAt: at.UTC().Truncate(time.Microsecond)}
	var referrer string
	// The lock is one that revoking waits for, so nobody joins by a link after it was revoked.
	err = tx.QueryRow(ctx, `
		SELECT member FROM referral_links WHERE alliance_id = $1 AND code = $2 AND revoked_at IS NULL FOR SHARE`, allianceID, code).Scan(&referrer)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Joining{}, ErrLinkUnknown
	case err != nil:
		return Joining{}, err
	case known:
		return Joining{}, ErrMemberAlready
	}
	tag, err := tx.Exec(ctx, `
		INSERT INTO joinings (alliance_id, member, code, referrer, joined_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (alliance_id, member) DO NOTHING`,
		allianceID, member, code, referrer, j.JoinedAt)
	if err != nil || tag.RowsAffected() == 1 {
		return j, err
	}
	if earlier, _, err = joined(ctx, tx, allianceID, member); err != nil { // at the same time
		return Joining{}, err
	}
	return earlier, sameLink(earlier, code)
}

func sameLink(j Joining, code string) error {
	if j.Code != code {
		return ErrJoinedAlready
	}
	return nil
}

func joined(ctx context.Context, tx clearing.Tx, allianceID int64, member string) (j Joining, found bool, err error) {
	j.Member = member
	err = tx.QueryRow(ctx, `SELECT code, joined_at FROM joinings WHERE alliance_id = $1 AND member = $2`, allianceID, member).Scan(&j.Code, &j.JoinedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return j, false, nil
	}
	j.JoinedAt = j.JoinedAt.UTC()
	return j, err == nil, err
}
