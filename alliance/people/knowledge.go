package people

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// Ground is why a party may know a person.
type Ground string

// The grounds.
const (
	RunsCircle Ground = "runs_circle" // the organiser
	Registered Ground = "registered"  // the shop registered the person
	SoldCard   Ground = "sold_card"   // the shop sold a card that the member holds, and no free one, which it could give to any member's code
	Consented  Ground = "consented"   // the member lets the shop see its details
)

// Knower is a party that may know a person, and why.
type Knower struct {
	Party    string // a merchant's code, or clearing.Organiser
	Grounds  []Ground
	LastRead time.Time // zero: it has read nothing
	Reads    int       // how often it has read something, as far as that is kept
}

// Knowers returns who may know a person: the organiser first, then shops by their codes. A shop
// that read something and may no longer is among them, without a ground. It returns ErrNoPerson.
func (s *Store) Knowers(ctx context.Context, allianceID int64, member string) ([]Knower, error) {
	var knowers []Knower
	err := clearing.ReadConsistent(ctx, s.db, func(db ledger.Querier) (err error) {
		knowers, err = knowersOf(ctx, db, allianceID, member)
		return err
	})
	return knowers, err
}

func knowersOf(ctx context.Context, db ledger.Querier, allianceID int64, member string) ([]Knower, error) {
	grounds, err := groundsOf(ctx, db, allianceID, member)
	if err != nil {
		return nil, err
	}
	known := map[string]*Knower{clearing.Organiser: {Party: clearing.Organiser, Grounds: []Ground{RunsCircle}}}
	of := func(party string) *Knower {
		if known[party] == nil {
			known[party] = &Knower{Party: party}
		}
		return known[party]
	}
	for _, g := range grounds {
		if g.party != clearing.Organiser {
			k := of(g.party)
			k.Grounds = append(k.Grounds, g.ground)
		}
	}
	rows, err := db.Query(ctx, `
		SELECT party, max(read_at), count(*) FROM person_reads WHERE alliance_id = $1 AND member = $2 GROUP BY party`, allianceID, member)
	if err != nil {
		return nil, err
	}
	var party string
	var last time.Time
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&party, &last, &n}, func() error {
		k := of(party)
		k.LastRead, k.Reads = last.UTC(), n
		return nil
	}); err != nil {
		return nil, err
	}
	all := []Knower{*known[clearing.Organiser]}
	delete(known, clearing.Organiser)
	for _, party := range slices.Sorted(maps.Keys(known)) {
		all = append(all, *known[party])
	}
	return all, nil
}

type grounded struct {
	party  string
	ground Ground
}

// groundsOf returns which parties may know a person and why, or ErrNoPerson.
func groundsOf(ctx context.Context, db ledger.Querier, allianceID int64, member string) ([]grounded, error) {
	rows, err := db.Query(ctx, `
		SELECT registered_by, 1 FROM persons WHERE alliance_id = $1 AND member = $2
		UNION ALL
		(SELECT DISTINCT home, 2 FROM cards c WHERE alliance_id = $1 AND member = $2 AND home <> '' AND NOT cancelled
		     AND NOT EXISTS (SELECT FROM products p WHERE p.alliance_id = c.alliance_id AND p.product = c.product AND p.body ->> 'kind' = 'free'))
		UNION ALL
		SELECT party, 3 FROM (
		    SELECT DISTINCT ON (party) party, decision FROM consents
		    WHERE alliance_id = $1 AND member = $2 AND purpose = 'see_details' ORDER BY party, number DESC) d
		WHERE decision = 'given'
		ORDER BY 2, 1`, allianceID, member)
	if err != nil {
		return nil, err
	}
	ground := map[int]Ground{1: Registered, 2: SoldCard, 3: Consented}
	var all []grounded
	var party string
	var why int
	_, err = pgx.ForEachRow(rows, []any{&party, &why}, func() error {
		all = append(all, grounded{party, ground[why]})
		return nil
	})
	if err == nil && (len(all) == 0 || all[0].ground != Registered) {
		err = ErrNoPerson
	}
	return all, err
}

// KnownTo returns the shops that may see a person: the one that registered it, those that sold
// it a card that it holds, for money, and those that it lets. It returns ErrNoPerson.
func (s *Store) KnownTo(ctx context.Context, allianceID int64, member string) ([]string, error) {
	grounds, err := groundsOf(ctx, s.db, allianceID, member)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	var shops []string
	for _, g := range grounds {
		if g.party != clearing.Organiser {
			shops = append(shops, g.party)
		}
	}
	return shops, nil
}

// RegisteredBy returns who registered a member's person, "" if nothing is kept of one.
func (s *Store) RegisteredBy(ctx context.Context, allianceID int64, member string) (string, error) {
	var by string
	err := s.db.QueryRow(ctx, `SELECT registered_by FROM persons WHERE alliance_id = $1 AND member = $2`, allianceID, member).Scan(&by)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return by, clearing.Unavailable(err)
}

// SoldTo reports whether a shop sold a card that a member holds. A sale that was undone is none.
func SoldTo(ctx context.Context, db ledger.Querier, allianceID int64, merchant, member string) (bool, error) {
	var sold bool
	err := db.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM cards WHERE alliance_id = $1 AND member = $2 AND home = $3 AND NOT cancelled)`, allianceID, member, merchant).Scan(&sold)
	return sold, clearing.Unavailable(err)
}
