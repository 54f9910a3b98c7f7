package window

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// PositionsAtCutoff returns the position of every party, with the movements that made it up.
func PositionsAtCutoff(alliance clearing.Alliance, merchants []clearing.Merchant, opening map[string]int64, balances *ledger.Balances) ([]Position, error) {
	parties := make([]clearing.Merchant, 0, len(merchants)+1)
	parties = append(append(parties, clearing.Merchant{Code: clearing.Organiser}), merchants...)
	positions := make([]Position, len(parties))
	for i, party := range parties {
		account := clearing.PartyAccount(party.Code)
		var err error
		if positions[i], err = positionOf(alliance, party.Code, opening[party.Code], -balances.Of(account)); err != nil {
			return nil, err
		}
		positions[i].Movements, positions[i].Final = balances.Turnover(account).Movements(), party.Left
	}
	return positions, nil
}

// positionOf returns the position of a party, given the amount carried in and the current
// balance, in minor units.
func positionOf(alliance clearing.Alliance, party string, opening, now int64) (Position, error) {
	p := Position{Party: party, Opening: alliance.Currency.Minor(opening)}
	var err error
	if p.Movement, err = alliance.Currency.Minor(now).Sub(p.Opening); err != nil {
		return p, fmt.Errorf("position of %s: %w", party, err)
	}
	return p, nil
}

// Positions returns the positions in the open window so far. Transfer is zero, and Carried
// is what would be carried out if nothing were settled.
func Positions(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, merchants []string) ([]Position, error) {
	balances := make(map[ledger.Account]int64)
	turnovers := make(map[ledger.Account]ledger.Turnover)
	err := ledger.EachBalance(ctx, db, alliance.ID, func(a ledger.Account, minor, _ int64, turnover ledger.Turnover) {
		balances[a], turnovers[a] = minor, turnover
	})
	if err != nil {
		return nil, err
	}
	opening, err := ReadOpening(ctx, db, alliance.ID)
	if err != nil {
		return nil, err
	}
	parties := append([]string{clearing.Organiser}, merchants...)
	positions := make([]Position, len(parties))
	for i, party := range parties {
		account := clearing.PartyAccount(party)
		if positions[i], err = positionOf(alliance, party, opening[party], -balances[account]); err != nil {
			return nil, err
		}
		p := &positions[i]
		p.Movements = turnovers[account].Movements()
		p.Transfer, p.Carried = alliance.Currency.Zero(), alliance.Currency.Minor(-balances[account])
	}
	return positions, nil
}

// ReadOpening returns what each party carried out of the newest closed window.
func ReadOpening(ctx context.Context, db ledger.Querier, allianceID int64) (map[string]int64, error) {
	return readCarried(ctx, db, allianceID, `(SELECT max(p.period) FROM positions p WHERE p.alliance_id = $1)`)
}

// readCarried returns what each party carried out of a window.
func readCarried(ctx context.Context, db ledger.Querier, allianceID int64, period string, args ...any) (map[string]int64, error) {
	rows, err := db.Query(ctx, `SELECT party, carried FROM positions WHERE alliance_id = $1 AND period = `+period, append([]any{allianceID}, args...)...)
	if err != nil {
		return nil, err
	}
	opening := make(map[string]int64)
	var party string
	var carried int64
	_, err = pgx.ForEachRow(rows, []any{&party, &carried}, func() error {
		opening[party] = carried
		return nil
	})
	return opening, err
}
