package merchant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// Shops returns the shops of a circle by code.
func Merchants(ctx context.Context, db ledger.Querier, allianceID int64, currency money.Currency) (map[string]*Merchant, error) {
	rows, err := db.Query(ctx, `
		SELECT shop, name, category, debit_cap IS NOT NULL, coalesce(debit_cap, 0), suspended, leaves_at, has_left FROM shops WHERE alliance_id = $1`, allianceID)
	if err != nil {
		return nil, err
	}
	merchants := make(map[string]*Merchant)
	var s Merchant
	var debitCap int64
	var leaves *time.Time
	_, err = pgx.ForEachRow(rows, []any{&s.Code, &s.Name, &s.Category, &s.Capped, &debitCap, &s.Suspended, &leaves, &s.Left}, func() error {
		merchant := s
		if leaves != nil {
			merchant.LeavesAt = leaves.UTC()
		}
		merchant.DebitCap = currency.Minor(debitCap)
		merchants[merchant.Code] = &merchant
		return nil
	})
	return merchants, err
}

var (
	// ErrShopExists: the code is taken.
	ErrMerchantExists = errors.New("a shop of that code is in the circle already")
	// ErrShopUnknown: no shop of that code is in the circle.
	ErrMerchantUnknown = errors.New("there is no such shop")
)

// Admit adds a shop to a circle, or returns ErrShopExists.
func Admit(ctx context.Context, tx pgx.Tx, allianceID int64, s Merchant, at time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO shops (alliance_id, shop, name, category, debit_cap, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		allianceID, s.Code, s.Name, s.Category, capOf(s), at)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.ConstraintName == "shops_pkey" {
		return fmt.Errorf("%w: %q", ErrMerchantExists, s.Code)
	}
	return err
}

// Amend replaces name, category and debit cap of a shop, or returns ErrShopUnknown.
func Amend(ctx context.Context, tx pgx.Tx, allianceID int64, s Merchant) error {
	tag, err := tx.Exec(ctx, `
		UPDATE shops SET name = $3, category = $4, debit_cap = $5 WHERE alliance_id = $1 AND shop = $2`,
		allianceID, s.Code, s.Name, s.Category, capOf(s))
	if err == nil && tag.RowsAffected() == 0 {
		return fmt.Errorf("%w: %q", ErrMerchantUnknown, s.Code)
	}
	return err
}

// QueueStatuses queues writing the statuses of shops, and revoking the keys of those
// that have left.
func QueueStatuses(writes *pgx.Batch, allianceID int64, merchants []clearing.Merchant, at time.Time) {
	var codes []string
	left := []string{} // an empty array, not null
	var suspended []bool
	var leaves []*time.Time
	for _, s := range merchants {
		codes, suspended = append(codes, s.Code), append(suspended, s.Suspended)
		var at *time.Time
		if !s.LeavesAt.IsZero() {
			at = &s.LeavesAt
		}
		leaves = append(leaves, at)
		if s.Left {
			left = append(left, s.Code)
		}
	}
	writes.Queue(`
		UPDATE shops s SET suspended = n.suspended, leaves_at = n.leaves_at, has_left = s.shop = ANY ($5)
		FROM unnest($2::text[], $3::boolean[], $4::timestamptz[]) AS n (shop, suspended, leaves_at)
		WHERE s.alliance_id = $1 AND s.shop = n.shop`, allianceID, codes, suspended, leaves, left)
	writes.Queue(`
		UPDATE api_keys SET revoked_at = $3 WHERE alliance_id = $1 AND shop = ANY ($2) AND revoked_at IS NULL`, allianceID, left, at)
}

// capOf returns the debit cap in minor units, nil for none.
func capOf(s Merchant) *int64 {
	if !s.Capped {
		return nil
	}
	minor := s.DebitCap.Minor()
	return &minor
}
