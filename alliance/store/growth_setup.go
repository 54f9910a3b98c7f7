package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// taken reports whether a row was refused because its key, a named constraint, is there
// already.
func taken(err error, constraint string) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.ConstraintName == constraint
}

// termedSetup is LoadSetup of a circle that must have terms, else it returns
// alliance.ErrNoTerms.
func termedSetup(ctx context.Context, db ledger.Querier, al clearing.Alliance) (*alliance.Setup, error) {
	setup, err := LoadSetup(ctx, db, al)
	if err == nil && len(setup.Terms) == 0 {
		err = alliance.ErrNoTerms
	}
	return setup, err
}

// loadGrowthSetup adds campaigns and items to a setup.
func loadGrowthSetup(ctx context.Context, db ledger.Querier, allianceID int64, s *alliance.Setup) error {
	if err := loadCampaigns(ctx, db, allianceID, s); err != nil {
		return err
	}
	return loadItems(ctx, db, allianceID, s)
}
