package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/merchant"
)

const keyColumns = `key_id, alliance_id, role, coalesce(merchant, ''), coalesce(till, ''), coalesce(key_right, ''), label, created_at, revoked_at, coalesce(replaced_by, ''), left_at`

// scanKey scans the columns of a key, and any that follow them into more.
func scanKey(row pgx.CollectableRow, more ...any) (Key, error) {
	var k Key
	var revoked, left *time.Time
	err := row.Scan(append([]any{&k.ID, &k.AllianceID, &k.Role, &k.Merchant, &k.Till, &k.Right, &k.Label, &k.CreatedAt, &revoked, &k.ReplacedBy, &left}, more...)...)
	k.CreatedAt = k.CreatedAt.UTC()
	if left != nil {
		k.LeftAt = left.UTC()
	}
	if revoked != nil {
		k.RevokedAt = revoked.UTC()
	}
	return k, err
}

func scanListed(row pgx.CollectableRow) (Key, error) { return scanKey(row) }

// IssueKey adds a key to a circle and returns it with its text, which is not
// stored. It returns ErrKeySpec or merchant.ErrMerchantUnknown.
func IssueKey(ctx context.Context, tx pgx.Tx, alliance clearing.Alliance, spec KeySpec, at time.Time) (Key, string, error) {
	spec, err := spec.read()
	if err != nil {
		return Key{}, "", err
	}
	head, err := clearing.LockHead(ctx, tx, alliance.ID)
	if err != nil {
		return Key{}, "", err
	}
	k, text, err := addKey(ctx, tx, alliance, spec, at)
	if err != nil {
		return k, "", err
	}
	return k, text, clearing.RecordSetupEvent(ctx, tx, &head, k.event(KeyIssued), at)
}

// The types of events that tell of keys.
const (
	KeyIssued  = "key.issued"
	KeyRotated = "key.rotated"
	KeyRevoked = "key.revoked"
)

// event returns an event about the key.
func (k *Key) event(kind string) clearing.SetupEvent {
	e := clearing.SetupEvent{Type: kind, Party: k.Merchant, Data: map[string]string{"key": k.ID, "role": string(k.Role)}}
	if k.Role == MerchantKey {
		e.Data["till"], e.Data["right"] = k.Till, string(k.Right)
	}
	return e
}

func addKey(ctx context.Context, tx pgx.Tx, alliance clearing.Alliance, spec KeySpec, at time.Time) (Key, string, error) {
	id, text := newKeyText(alliance)
	k := Key{
		ID: id, AllianceID: alliance.ID, Role: spec.Role, Merchant: spec.Merchant, Till: spec.Till, Right: spec.Right, Label: spec.Label,
		CreatedAt: at.UTC().Truncate(time.Microsecond),
	}
	hash := hashKey(text)
	var left *time.Time
	err := tx.QueryRow(ctx, `
		INSERT INTO api_keys (alliance_id, key_id, secret_hash, role, merchant, till, key_right, label, created_at, left_at)
		VALUES ($1, $2, $3, $4, nullif($5, ''), nullif($6, ''), nullif($7, ''), $8, $9,
		        (SELECT leaves_at FROM merchants WHERE alliance_id = $1 AND merchant = $5 AND has_left))
		RETURNING left_at`,
		alliance.ID, k.ID, hash[:], string(k.Role), k.Merchant, k.Till, string(k.Right), k.Label, k.CreatedAt).Scan(&left)
	if left != nil {
		k.LeftAt = left.UTC()
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.ConstraintName == "api_keys_merchant_fkey" {
		return Key{}, "", fmt.Errorf("%w: %q", merchant.ErrMerchantUnknown, spec.Merchant)
	}
	return k, text, err
}

// Keys lists the keys of a circle, revoked ones too, by ID and beginning after an
// ID.
func Keys(ctx context.Context, db ledger.Querier, allianceID int64, after string, limit int) ([]Key, error) {
	rows, err := db.Query(ctx, `
		SELECT `+keyColumns+` FROM api_keys WHERE alliance_id = $1 AND key_id > $2 ORDER BY key_id LIMIT $3`, allianceID, after, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanListed)
}

// RotateKey replaces a key by a new one and revokes the old one. It returns
// ErrKeyUnknown or ErrKeyRevoked.
func RotateKey(ctx context.Context, tx pgx.Tx, alliance clearing.Alliance, id string, at time.Time) (Key, string, error) {
	old, head, err := lockKey(ctx, tx, alliance.ID, id)
	if err != nil {
		return Key{}, "", err
	}
	if !old.RevokedAt.IsZero() {
		return Key{}, "", ErrKeyRevoked
	}
	k, text, err := addKey(ctx, tx, alliance, KeySpec{Role: old.Role, Merchant: old.Merchant, Till: old.Till, Right: old.Right, Label: old.Label}, at)
	if err != nil {
		return k, "", err
	}
	_, err = tx.Exec(ctx, `
		UPDATE api_keys SET revoked_at = $3, replaced_by = $4 WHERE alliance_id = $1 AND key_id = $2`, alliance.ID, id, k.CreatedAt, k.ID)
	if err != nil {
		return k, "", err
	}
	e := old.event(KeyRotated)
	e.Data["replaced_by"] = k.ID
	return k, text, clearing.RecordSetupEvent(ctx, tx, &head, e, at)
}

// RevokeKey revokes a key. Revoking it again changes nothing. It returns
// ErrKeyUnknown or ErrLastOrganiserKey.
func RevokeKey(ctx context.Context, tx pgx.Tx, alliance clearing.Alliance, id string, at time.Time) error {
	k, head, err := lockKey(ctx, tx, alliance.ID, id)
	if err != nil || !k.RevokedAt.IsZero() {
		return err
	}
	tag, err := tx.Exec(ctx, `
		UPDATE api_keys SET revoked_at = $3
		WHERE alliance_id = $1 AND key_id = $2 AND (role <> 'organiser' OR EXISTS (
		    SELECT 1 FROM api_keys o WHERE o.alliance_id = $1 AND o.key_id <> $2 AND o.role = 'organiser' AND o.revoked_at IS NULL))`,
		alliance.ID, id, at.UTC().Truncate(time.Microsecond))
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return ErrLastOrganiserKey
	}
	return clearing.RecordSetupEvent(ctx, tx, &head, k.event(KeyRevoked), at)
}

// lockKey reads a key and locks all keys of its circle against changes, so that
// two organisers can't revoke each other's key at the same time.
func lockKey(ctx context.Context, tx pgx.Tx, allianceID int64, id string) (Key, clearing.Head, error) {
	head, err := clearing.LockHead(ctx, tx, allianceID)
	if err != nil {
		return Key{}, head, err
	}
	rows, err := tx.Query(ctx, `SELECT `+keyColumns+` FROM api_keys WHERE alliance_id = $1 AND key_id = $2`, allianceID, id)
	if err != nil {
		return Key{}, head, err
	}
	k, err := pgx.CollectExactlyOneRow(rows, scanListed)
	if errors.Is(err, pgx.ErrNoRows) {
		return k, head, ErrKeyUnknown
	}
	return k, head, err
}
