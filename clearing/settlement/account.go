package settlement

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/message"
)

// AccountChanged is the event of a bank account that was set or deleted.
const AccountChanged = "bank_account.changed"

// SetAccount keeps where a payee is paid. It moves no money, so it is no command; but
// it decides where money goes, so it is an event.
func SetAccount(ctx context.Context, tx pgx.Tx, allianceID int64, payee Payee, account Account, at time.Time) error {
	head, err := clearing.LockHead(ctx, tx, allianceID)
	if err != nil {
		return err
	}
	body, err := json.Marshal(account)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO bank_accounts (alliance_id, kind, owner, body) VALUES ($1, $2, $3, $4::text::json)
		ON CONFLICT (alliance_id, kind, owner) DO UPDATE SET body = excluded.body`, allianceID, payee.kind(), payee.Code, string(body))
	if err != nil {
		return err
	}
	return clearing.RecordSetupEvent(ctx, tx, &head, payee.accountEvent("set"), at)
}

// DeleteAccount forgets where a payee is paid, or returns ErrNoAccount.
func DeleteAccount(ctx context.Context, tx pgx.Tx, allianceID int64, payee Payee, at time.Time) error {
	head, err := clearing.LockHead(ctx, tx, allianceID)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `DELETE FROM bank_accounts WHERE alliance_id = $1 AND kind = $2 AND owner = $3`, allianceID, payee.kind(), payee.Code)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return message.Wrap("%v of %q", ErrNoAccount, payee.Code)
	}
	return clearing.RecordSetupEvent(ctx, tx, &head, payee.accountEvent("deleted"), at)
}

// accountEvent returns the event of what was done with the account of a payee, without
// the account itself.
func (p Payee) accountEvent(done string) clearing.SetupEvent {
	e := clearing.SetupEvent{Type: AccountChanged, Data: map[string]string{"holder_kind": p.kind(), "holder": p.Code, "change": done}}
	if !p.Member {
		e.Party = p.Code
	}
	return e
}
