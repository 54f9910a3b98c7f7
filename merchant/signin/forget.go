package signin

import (
	"context"
	"time"

	"github.com/lianka/lianka/clearing"
)

// Forget lets an erased member sign in no more: its sessions are ended, its links and codes are no
// good, and the texts of messages to it are removed. What was done about its sign-in stays, by its code.
func Forget(ctx context.Context, tx clearing.Tx, allianceID int64, member string, now time.Time) error {
	p := Person{Member: member}
	if err := closeWays(ctx, tx, allianceID, p, now); err != nil {
		return err
	}
	_, err := EndSessions(ctx, tx, allianceID, p, Itself, now)
	return err
}

// closeWays makes links and codes of a member no good, and removes the texts of messages. Sessions are
// ended after it: whoever opens one at the same time has the row of its link or code, for which this
// waits, so that its session is seen then.
func closeWays(ctx context.Context, tx clearing.Tx, allianceID int64, p Person, now time.Time) error {
	if err := dropLinks(ctx, tx, allianceID, p, now); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM signin_codes WHERE alliance_id = $1 AND member = $2`, allianceID, p.Member); err != nil {
		return err
	}
	return Outbox{}.Forget(ctx, tx, allianceID, p.Member)
}

// TelephoneChanged is called in the transaction in which a member's telephone is registered or
// changed. A code that was sent to the old one is no good, and the member is told who did it. If
// that was not the member itself, its links and sessions end: the old telephone may be lost.
func TelephoneChanged(ctx context.Context, tx clearing.Tx, allianceID int64, member, by string, now time.Time) error {
	p := Person{Member: member}
	if err := closeWays(ctx, tx, allianceID, p, now); err != nil {
		return err
	}
	if by == callerOf(member) {
		by = Itself
	} else if _, err := EndSessions(ctx, tx, allianceID, p, by, now); err != nil {
		return err
	}
	return record(ctx, tx, allianceID, Event{Person: p, Type: TelephoneSet, By: by, At: now})
}
