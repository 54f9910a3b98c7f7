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

// Merchants returns the shops of a circle by code.
func Merchants(ctx context.Context, db ledger.Querier, allianceID int64, currency money.Currency) (map[string]*Merchant, error) {
	rows, err := db.Query(ctx, `
		SELECT merchant, name, category, debit_cap IS NOT NULL, coalesce(debit_cap, 0), suspended, leaves_at, has_left FROM merchants WHERE alliance_id = $1`, allianceID)
	if err != nil {
		return nil, err
	}
	merchants := make(map[string]*Merchant)
	var m Merchant
	var debitCap int64
	var leaves *time.Time
	_, err = pgx.ForEachRow(rows, []any{&m.Code, &m.Name, &m.Category, &m.Capped, &debitCap, &m.Suspended, &leaves, &m.Left}, func() error {
		merchant := m
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
	// ErrMerchantExists says that the code is taken.
	ErrMerchantExists = errors.New("a shop of that code is in the circle already")
	// ErrMerchantUnknown says that the circle has no shop of that code.
	ErrMerchantUnknown = errors.New("there is no such shop")
)

// Admit adds a shop to a circle, or returns ErrMerchantExists.
func Admit(ctx context.Context, tx pgx.Tx, allianceID int64, m Merchant, at time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO merchants (alliance_id, merchant, name, category, debit_cap, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		allianceID, m.Code, m.Name, m.Category, capOf(m), at)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.ConstraintName == "merchants_pkey" {
		return fmt.Errorf("%w: %q", ErrMerchantExists, m.Code)
	}
	return err
}

// Amend replaces the name, category and debit cap of a shop, or returns
// ErrMerchantUnknown.
func Amend(ctx context.Context, tx pgx.Tx, allianceID int64, m Merchant) error {
	tag, err := tx.Exec(ctx, `
		UPDATE merchants SET name = $3, category = $4, debit_cap = $5 WHERE alliance_id = $1 AND merchant = $2`,
		allianceID, m.Code, m.Name, m.Category, capOf(m))
	if err == nil && tag.RowsAffected() == 0 {
		return fmt.Errorf("%w: %q", ErrMerchantUnknown, m.Code)
	}
	return err
}

// QueueStatuses queues updates that write the statuses of shops. From then on the keys of
// those that have left can only read: what is still settled with them is theirs to see.
func QueueStatuses(writes *pgx.Batch, allianceID int64, merchants []clearing.Merchant) {
	var codes []string
	left := []string{} // an empty array, not null
	var suspended []bool
	var leaves []*time.Time
	for _, m := range merchants {
		codes, suspended = append(codes, m.Code), append(suspended, m.Suspended)
		var at *time.Time
		if !m.LeavesAt.IsZero() {
			at = &m.LeavesAt
		}
		leaves = append(leaves, at)
		if m.Left {
			left = append(left, m.Code)
		}
	}
	writes.Queue(`
		UPDATE merchants m SET suspended = n.suspended, leaves_at = n.leaves_at, has_left = m.merchant = ANY ($5)
		FROM unnest($2::text[], $3::boolean[], $4::timestamptz[]) AS n (merchant, suspended, leaves_at)
		WHERE m.alliance_id = $1 AND m.merchant = n.merchant`, allianceID, codes, suspended, leaves, left)
	writes.Queue(`
		UPDATE api_keys k SET left_at = m.leaves_at FROM merchants m
		WHERE k.alliance_id = $1 AND k.merchant = ANY ($2) AND k.left_at IS NULL AND m.alliance_id = $1 AND m.merchant = k.merchant`, allianceID, left)
}

// capOf returns the debit cap in minor units, nil for none.
func capOf(m Merchant) *int64 {
	if !m.Capped {
		return nil
	}
	minor := m.DebitCap.Minor()
	return &minor
}
