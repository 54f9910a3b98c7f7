package signin

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/identifier"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/message"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/merchant/access"
)

// Staff is somebody who signs in for the organiser or for a shop.
type Staff struct {
	ID        string // "stf_" and 16 hexadecimal digits
	Role      access.Role
	Merchant  string // of an owner or a cashier
	Name      string // for people
	HasPIN    bool
	AddedAt   time.Time
	RemovedAt time.Time // zero: it has not been

	handle []byte // by which its passkeys name it
}

// Person returns who signs in.
func (s *Staff) Person() Person { return Person{Staff: s.ID} }

// maxName is the length of a name, in bytes.
const maxName = 128

func (s *Staff) check() error {
	switch {
	case s.Role != access.Organiser && s.Role != access.Owner && s.Role != access.Cashier:
		return message.Wrap("%v: the role is organiser, owner or cashier", ErrStaffSpec)
	case s.Role == access.Organiser && s.Merchant != "":
		return message.Wrap("%v: an organiser is of no shop", ErrStaffSpec)
	case s.Role != access.Organiser && s.Merchant == "":
		return message.Wrap("%v: name the shop of an owner or a cashier", ErrStaffSpec)
	case s.Name == "" || len(s.Name) > maxName:
		return message.Wrap("%v: a name has 1 to %d bytes", ErrStaffSpec, maxName)
	}
	if err := identifier.CheckText(s.Name); err != nil {
		return message.Wrap("%v: the name %v", ErrStaffSpec, err)
	}
	return nil
}

const staffColumns = `staff_id, role, coalesce(merchant, ''), name, pin_hash IS NOT NULL, added_at, removed_at, handle`

func scanStaff(row pgx.CollectableRow) (Staff, error) {
	var s Staff
	var removed *time.Time
	err := row.Scan(&s.ID, &s.Role, &s.Merchant, &s.Name, &s.HasPIN, &s.AddedAt, &removed, &s.handle)
	s.AddedAt = s.AddedAt.UTC()
	if removed != nil {
		s.RemovedAt = removed.UTC()
	}
	return s, err
}

// AddStaff adds somebody. It returns ErrStaffSpec, ErrStaffExists or merchant.ErrMerchantUnknown.
func AddStaff(ctx context.Context, tx clearing.Tx, allianceID int64, s Staff, by string, now time.Time) (Staff, error) {
	if err := s.check(); err != nil {
		return s, err
	}
	head, err := clearing.LockHead(ctx, tx, allianceID)
	if err != nil {
		return s, err
	}
	s.ID, s.AddedAt, s.handle = newID("stf_"), now.UTC().Truncate(time.Microsecond), make([]byte, 32)
	_, _ = rand.Read(s.handle) // never fails
	_, err = tx.Exec(ctx, `
		INSERT INTO signin_staff (alliance_id, staff_id, role, merchant, name, handle, added_at) VALUES ($1, $2, $3, nullif($4, ''), $5, $6, $7)`,
		allianceID, s.ID, string(s.Role), s.Merchant, s.Name, s.handle, s.AddedAt)
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.ConstraintName {
		case "signin_staff_name_index":
			return s, ErrStaffExists
		case "signin_staff_merchant_fkey":
			return s, merchant.ErrMerchantUnknown
		}
	}
	if err != nil {
		return s, err
	}
	return s, s.changed(ctx, tx, allianceID, &head, StaffAdded, by, now)
}

// changed records that staff was added or removed: for the person, and for the circle, because
// it says who may act. The circle's event has no name in it.
func (s *Staff) changed(ctx context.Context, tx clearing.Tx, allianceID int64, head *clearing.Head, kind EventType, by string, now time.Time) error {
	if err := record(ctx, tx, allianceID, Event{Person: s.Person(), Type: kind, By: by, At: now}); err != nil {
		return err
	}
	return clearing.RecordSetupEvent(ctx, tx, head, clearing.SetupEvent{
		Type: string(kind), Party: s.Merchant, Data: map[string]string{"staff": s.ID, "role": string(s.Role)},
	}, now)
}

// FindStaff returns somebody who is on the staff, or ErrStaffUnknown.
func FindStaff(ctx context.Context, db ledger.Querier, allianceID int64, id string) (Staff, error) {
	return oneStaff(ctx, db, `alliance_id = $1 AND staff_id = $2`, allianceID, id)
}

// FindStaffByName returns somebody of a role, a shop and a name, or ErrStaffUnknown.
func FindStaffByName(ctx context.Context, db ledger.Querier, allianceID int64, role access.Role, shop, name string) (Staff, error) {
	return oneStaff(ctx, db, `alliance_id = $1 AND role = $2 AND coalesce(merchant, '') = $3 AND name = $4`, allianceID, string(role), shop, name)
}

func oneStaff(ctx context.Context, db ledger.Querier, where string, args ...any) (Staff, error) {
	rows, err := db.Query(ctx, `SELECT `+staffColumns+` FROM signin_staff WHERE removed_at IS NULL AND `+where, args...)
	if err != nil {
		return Staff{}, clearing.Unavailable(err)
	}
	s, err := pgx.CollectExactlyOneRow(rows, scanStaff)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, ErrStaffUnknown
	}
	return s, clearing.Unavailable(err)
}

// ListStaff lists the staff of a circle, or of one shop of it, by ID and beginning after one.
// Who was removed is not in it.
func ListStaff(ctx context.Context, db ledger.Querier, allianceID int64, shop, after string, limit int) ([]Staff, error) {
	rows, err := db.Query(ctx, `
		SELECT `+staffColumns+` FROM signin_staff
		WHERE alliance_id = $1 AND ($2 = '' OR merchant = $2) AND staff_id > $3 AND removed_at IS NULL ORDER BY staff_id LIMIT $4`, allianceID, shop, after, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanStaff)
}

// RemoveStaff removes somebody: sessions end, passkeys and links are gone, the PIN is no good.
func RemoveStaff(ctx context.Context, tx clearing.Tx, allianceID int64, id, by string, now time.Time) error {
	head, err := clearing.LockHead(ctx, tx, allianceID)
	if err != nil {
		return err
	}
	s, err := FindStaff(ctx, tx, allianceID, id)
	if err != nil {
		return err
	}
	if _, err := EndSessions(ctx, tx, allianceID, s.Person(), by, now); err != nil {
		return err
	}
	for _, statement := range []string{
		`DELETE FROM signin_ceremonies WHERE alliance_id = $1 AND staff_id = $2`,
		`DELETE FROM signin_passkeys WHERE alliance_id = $1 AND staff_id = $2`,
	} {
		if _, err := tx.Exec(ctx, statement, allianceID, id); err != nil {
			return err
		}
	}
	if err := dropLinks(ctx, tx, allianceID, s.Person(), now); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		UPDATE signin_staff SET removed_at = $3, pin_hash = NULL WHERE alliance_id = $1 AND staff_id = $2`, allianceID, id, now); err != nil {
		return err
	}
	return s.changed(ctx, tx, allianceID, &head, StaffRemoved, by, now)
}
