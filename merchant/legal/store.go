package legal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// Changed is the event of an entity that was set or deleted.
const Changed = "legal_entity.changed"

// ErrUnknown: nobody has said who the party is in law.
var ErrUnknown = errors.New("it is not known who that is in law")

// Find returns who a party is, or ErrUnknown.
func Find(ctx context.Context, db ledger.Querier, allianceID int64, party string) (Entity, error) {
	entities, err := Of(ctx, db, allianceID, party)
	if err != nil {
		return Entity{}, err
	}
	e, ok := entities[party]
	if !ok {
		return e, fmt.Errorf("%w: %q", ErrUnknown, party)
	}
	return e, nil
}

// Of returns who parties are, of those of whom it is known.
func Of(ctx context.Context, db ledger.Querier, allianceID int64, parties ...string) (map[string]Entity, error) {
	rows, err := db.Query(ctx, `
		SELECT party, legal_name, tax_number FROM legal_entities WHERE alliance_id = $1 AND party = ANY ($2)`, allianceID, parties)
	if err != nil {
		return nil, err
	}
	entities := make(map[string]Entity)
	var party string
	var e Entity
	_, err = pgx.ForEachRow(rows, []any{&party, &e.Name, &e.TaxNumber}, func() error {
		entities[party] = e
		return nil
	})
	return entities, err
}

// Set keeps who a party is. The caller has made sure that the party exists.
func Set(ctx context.Context, tx pgx.Tx, allianceID int64, party string, e Entity, at time.Time) error {
	head, err := clearing.LockHead(ctx, tx, allianceID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO legal_entities (alliance_id, party, legal_name, tax_number) VALUES ($1, $2, $3, $4)
		ON CONFLICT (alliance_id, party) DO UPDATE SET legal_name = excluded.legal_name, tax_number = excluded.tax_number`,
		allianceID, party, e.Name, e.TaxNumber)
	if err != nil {
		return err
	}
	return clearing.RecordSetupEvent(ctx, tx, &head, changed(party, "set"), at)
}

// Delete forgets who a party is, or returns ErrUnknown.
func Delete(ctx context.Context, tx pgx.Tx, allianceID int64, party string, at time.Time) error {
	head, err := clearing.LockHead(ctx, tx, allianceID)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `DELETE FROM legal_entities WHERE alliance_id = $1 AND party = $2`, allianceID, party)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("%w: %q", ErrUnknown, party)
	}
	return clearing.RecordSetupEvent(ctx, tx, &head, changed(party, "deleted"), at)
}

func changed(party, done string) clearing.SetupEvent {
	return clearing.SetupEvent{Type: Changed, Party: party, Data: map[string]string{"party": party, "change": done}}
}
