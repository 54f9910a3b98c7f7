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
	if _, err := EndSessions(ctx, tx, allianceID, p, Itself, now); err != nil {
		return err
	}
	if err := dropLinks(ctx, tx, allianceID, p, now); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM signin_codes WHERE alliance_id = $1 AND member = $2`, allianceID, member); err != nil {
		return err
	}
	return Outbox{}.Forget(ctx, tx, allianceID, member)
}
