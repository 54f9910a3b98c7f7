package presentation

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// FindSetting returns the setting of a circle that is in force, and its version; 0: none was
// made.
func FindSetting(ctx context.Context, db ledger.Querier, allianceID int64, currency money.Currency) (Setting, int, error) {
	rows, err := db.Query(ctx, `
		SELECT version, presentation, coalesce(above, 0), offline FROM presentation_settings
		WHERE alliance_id = $1 ORDER BY version DESC LIMIT 1`, allianceID)
	if err != nil {
		return Setting{}, 0, err
	}
	var version int
	s, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (s Setting, err error) {
		var above int64
		err = row.Scan(&version, &s.Mode, &above, &s.Offline)
		s.Above = currency.Minor(above)
		return s, err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Setting{Mode: ModeNumber, Above: currency.Zero(), Offline: OfflinePIN}, 0, nil
	}
	return s, version, err
}

// AppendSetting puts a setting in force after a transaction. The caller holds the lock of the
// circle's head.
func AppendSetting(ctx context.Context, tx pgx.Tx, allianceID int64, s Setting, version int, seq int64, at time.Time) error {
	var above *int64
	if s.Mode == ModeCodeAbove {
		minor := s.Above.Minor()
		above = &minor
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO presentation_settings (alliance_id, version, presentation, above, offline, seq, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, allianceID, version, s.Mode, above, s.Offline, seq, at)
	return err
}
