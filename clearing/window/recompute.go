package window

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// Recompute computes a snapshot again from the raw entries of its window. policy is the one
// that it was closed by, and left says which merchants had left by then. The amounts carried
// in come from the window before. The digest must equal the stored one.
func Recompute(ctx context.Context, db ledger.Querier, alliance clearing.Alliance, period string, policy Policy, left func(party string) bool) (Snapshot, error) {
	stored, err := Find(ctx, db, alliance, period)
	if err != nil {
		return stored, err
	}
	turnovers, err := readTurnovers(ctx, db, alliance.ID, &stored.State)
	if err != nil {
		return stored, err
	}
	opening, err := readCarried(ctx, db, alliance.ID, `(SELECT max(p.period) FROM positions p WHERE p.alliance_id = $1 AND p.period < $2)`, period)
	if err != nil {
		return stored, err
	}
	recomputed := Snapshot{State: stored.State, Currency: stored.Currency, ClosedHash: stored.ClosedHash}
	parties := make([]Position, 0, len(stored.Positions))
	for _, p := range stored.Positions {
		turnover := turnovers[clearing.PartyAccount(p.Party)]
		moved := int64(0)
		for _, m := range turnover {
			moved += m.Net()
		}
		delete(turnovers, clearing.PartyAccount(p.Party))
		parties = append(parties, Position{
			Party: p.Party, Opening: alliance.Currency.Minor(opening[p.Party]), Movement: alliance.Currency.Minor(moved),
			Movements: turnover, Final: left(p.Party),
		})
	}
	for account := range turnovers {
		return recomputed, fmt.Errorf("the settlement of %s leaves out %s", period, account)
	}
	if recomputed.Positions, recomputed.Transfers, err = Net(parties, policy); err != nil {
		return recomputed, err
	}
	recomputed.Digest = recomputed.Sum()
	return recomputed, nil
}

// readTurnovers sums the raw entries of a window, except those that settle it.
func readTurnovers(ctx context.Context, db ledger.Querier, allianceID int64, w *State) (map[ledger.Account]ledger.Turnover, error) {
	// A transaction counts once, at its first entry on the account.
	rows, err := db.Query(ctx, `
		SELECT e.account, t.type, count(*) FILTER (WHERE e.line = array_position(t.accounts, e.account)),
		       sum(greatest(e.amount, 0))::bigint, -sum(least(e.amount, 0))::bigint
		FROM transactions t, unnest(t.accounts, t.amounts) WITH ORDINALITY AS e (account, amount, line)
		WHERE t.alliance_id = $1 AND t.seq BETWEEN $2 AND $3 AND t.type <> 'window.closed'
		  AND (e.account = 'organiser' OR e.account LIKE 'merchants:%')
		GROUP BY e.account, t.type`, allianceID, w.FirstSeq, w.ClosedSeq)
	if err != nil {
		return nil, err
	}
	turnovers := make(map[ledger.Account]ledger.Turnover)
	var name string
	var m ledger.Movement
	_, err = pgx.ForEachRow(rows, []any{&name, &m.Type, &m.Count, &m.Debits, &m.Credits}, func() error {
		account, err := ledger.ParseAccount(name)
		turnovers[account] = append(turnovers[account], m)
		return err
	})
	for _, turnover := range turnovers {
		slices.SortFunc(turnover, func(x, y ledger.Movement) int { return cmp.Compare(x.Type, y.Type) })
	}
	return turnovers, err
}
