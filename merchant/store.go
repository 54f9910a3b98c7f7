package merchant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"lianka/clearing/ledger"
	"lianka/clearing/money"
)

// Shops returns the shops of a circle by their codes.
func Shops(ctx context.Context, db ledger.Querier, circle int64, currency money.Currency) (map[string]*Shop, error) {
	rows, err := db.Query(ctx, `
		SELECT shop, name, category, debit_cap IS NOT NULL, coalesce(debit_cap, 0) FROM shops WHERE alliance_id = $1`, circle)
	if err != nil {
		return nil, err
	}
	shops := make(map[string]*Shop)
	var s Shop
	var debitCap int64
	_, err = pgx.ForEachRow(rows, []any{&s.Code, &s.Name, &s.Category, &s.Capped, &debitCap}, func() error {
		shop := s
		shop.DebitCap = currency.Minor(debitCap)
		shops[shop.Code] = &shop
		return nil
	})
	return shops, err
}

var (
	// ErrShopExists: the code of a shop is taken.
	ErrShopExists = errors.New("a shop of that code is in the circle already")
	// ErrShopUnknown: no shop of that code is in the circle.
	ErrShopUnknown = errors.New("there is no such shop")
)

// Admit adds a shop to a circle, or returns ErrShopExists.
func Admit(ctx context.Context, tx pgx.Tx, circle int64, s Shop, at time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO shops (alliance_id, shop, name, category, debit_cap, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		circle, s.Code, s.Name, s.Category, capOf(s), at)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.ConstraintName == "shops_pkey" {
		return fmt.Errorf("%w: %q", ErrShopExists, s.Code)
	}
	return err
}

// Amend changes what is known of a shop, or returns ErrShopUnknown.
func Amend(ctx context.Context, tx pgx.Tx, circle int64, s Shop) error {
	tag, err := tx.Exec(ctx, `
		UPDATE shops SET name = $3, category = $4, debit_cap = $5 WHERE alliance_id = $1 AND shop = $2`,
		circle, s.Code, s.Name, s.Category, capOf(s))
	if err == nil && tag.RowsAffected() == 0 {
		return fmt.Errorf("%w: %q", ErrShopUnknown, s.Code)
	}
	return err
}

// capOf returns the debit cap in minor units, nil for none.
func capOf(s Shop) *int64 {
	if !s.Capped {
		return nil
	}
	minor := s.DebitCap.Minor()
	return &minor
}
