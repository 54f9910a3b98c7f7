package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing"
)

// SetPresentation puts in force what a circle asks to be shown for a redemption. Set to what it is
// already, it changes nothing.
func SetPresentation(ctx context.Context, tx pgx.Tx, allianceID int64, document alliance.PresentationDocument, at time.Time) (presentation.Setting, error) {
	head, err := lockForChange(ctx, tx, allianceID, at)
	if err != nil {
		return presentation.Setting{}, err
	}
	setting, err := document.Setting(head.Alliance.Currency)
	if err != nil {
		return setting, err
	}
	before, version, err := presentation.FindSetting(ctx, tx, allianceID, head.Alliance.Currency)
	if err != nil || before == setting {
		return setting, err
	}
	if err := presentation.AppendSetting(ctx, tx, allianceID, setting, version+1, head.LastSeq, head.TimeOf(at)); err != nil {
		return setting, err
	}
	data := map[string]string{"presentation": string(setting.Mode), "offline": string(setting.Offline)}
	if setting.Mode == presentation.ModeCodeAbove {
		data["above"] = setting.Above.String()
	}
	return setting, changed(ctx, tx, &head, at, clearing.SetupEvent{Type: alliance.PresentationChanged, Data: data})
}
