package people

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lianka/lianka/alliance/people/keyring"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// Person is who a member is.
type Person struct {
	Member       string
	Details      Details
	HasPayout    bool   // the member has named where it is paid
	RegisteredBy string // a merchant's code, or clearing.Organiser
	RegisteredAt time.Time
	AmendedAt    time.Time
}

// Registration is what a person is registered with.
type Registration struct {
	Member   string // a code that exists; "": a new one
	Details  Details
	By       string // a merchant's code, or clearing.Organiser
	Caller   string // who asks for it, as the member is told
	Consents []Decision
}

// Register keeps a new person and returns its member code. It returns ErrTelephoneTaken,
// ErrPersonExists, ErrErased, ErrTextChanged, or a *FieldError.
func (s *Store) Register(ctx context.Context, al clearing.Alliance, r Registration, now time.Time) (string, error) {
	details, err := r.Details.read(al)
	if err != nil {
		return "", err
	}
	member := r.Member
	if member == "" {
		member = newMemberCode()
	}
	key, err := keyring.NewKey()
	if err != nil {
		return "", err
	}
	err = s.write(ctx, func(tx clearing.Tx, ring *keyring.Ring) error {
		if err := RefuseErased(ctx, tx, al.ID, member); err != nil {
			return err
		}
		sealed, err := seal(ring, key, al.ID, member, details)
		if err != nil {
			return err
		}
		if err := free(ctx, tx, ring, al.ID, member, details.Telephone); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO persons (alliance_id, member, wrapped_key, master_key, telephone_index, details, registered_by, registered_at, amended_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)`,
			al.ID, member, sealed.key, ring.Fingerprint(), sealed.index, sealed.details, r.By, now)
		if err == nil {
			// The row may have waited for an erasure of the same code, which is seen now.
			err = RefuseErased(ctx, tx, al.ID, member)
		}
		if err != nil {
			return err
		}
		for _, d := range r.Consents {
			if err := decide(ctx, tx, al.ID, member, d, now); err != nil {
				return err
			}
		}
		return s.given(ctx, tx, al.ID, member, r.Caller, now)
	})
	return member, constraint(err)
}

// sealed is a person as it is stored.
type sealed struct{ key, index, details []byte }

func seal(ring *keyring.Ring, key *keyring.Key, allianceID int64, member string, d Details) (sealed, error) {
	var s sealed
	text, err := json.Marshal(d)
	if err != nil {
		return s, err
	}
	if s.key, err = ring.Wrap(key, owner(allianceID, member)); err != nil {
		return s, err
	}
	if s.index, err = ring.Index(telephoneIndex, indexed(allianceID, d.Telephone)); err != nil {
		return s, err
	}
	s.details, err = key.Seal(text, detailsPlace)
	return s, err
}

// free returns ErrTelephoneTaken if a telephone is another member's, by whichever key its
// index was made.
func free(ctx context.Context, db ledger.Querier, ring *keyring.Ring, allianceID int64, member, telephone string) error {
	found, err := memberOf(ctx, db, ring, allianceID, telephone)
	if err == nil && found != "" && found != member {
		err = ErrTelephoneTaken
	}
	return err
}

func memberOf(ctx context.Context, db ledger.Querier, ring *keyring.Ring, allianceID int64, telephone string) (string, error) {
	indexes, err := ring.Indexes(telephoneIndex, indexed(allianceID, telephone))
	if err != nil {
		return "", err
	}
	var member string
	err = db.QueryRow(ctx, `SELECT member FROM persons WHERE alliance_id = $1 AND telephone_index = ANY ($2)`, allianceID, indexes).Scan(&member)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return member, err
}

// constraint turns the violation of a named constraint into the error that it is.
func constraint(err error) error {
	var violated *pgconn.PgError
	if errors.As(err, &violated) {
		switch violated.ConstraintName {
		case "persons_telephone_key":
			return ErrTelephoneTaken
		case "persons_pkey":
			return ErrPersonExists
		}
	}
	return err
}

// RefuseErased returns ErrErased if the person of a code was erased.
func RefuseErased(ctx context.Context, db ledger.Querier, allianceID int64, member string) error {
	var erased bool
	err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM erasures WHERE alliance_id = $1 AND member = $2)`, allianceID, member).Scan(&erased)
	if err == nil && erased {
		err = ErrErased
	}
	return err
}

// MemberByTelephone returns the code of the member who has a telephone, as it is typed. What
// is no telephone number is nobody's.
func (s *Store) MemberByTelephone(ctx context.Context, allianceID int64, telephone string) (member string, found bool, err error) {
	al, err := clearing.FindAlliance(ctx, s.db, allianceID)
	if err != nil {
		return "", false, err
	}
	number, err := ReadTelephone(telephone, Region(al))
	var no *FieldError
	if errors.As(err, &no) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	err = s.withRing(func(ring *keyring.Ring) error {
		known, err := Fingerprint(ctx, s.db)
		if err == nil && !ring.Holds(known) {
			err = ErrOtherKey
		}
		if err != nil {
			return err
		}
		member, err = memberOf(ctx, s.db, ring, allianceID, number)
		return clearing.Unavailable(err)
	})
	return member, member != "", err
}

// Find returns a person, or ErrNoPerson.
func (s *Store) Find(ctx context.Context, allianceID int64, member string) (Person, error) {
	var p Person
	err := s.withRing(func(ring *keyring.Ring) (err error) {
		p, _, err = find(ctx, s.db, ring, allianceID, member, false)
		return clearing.Unavailable(err)
	})
	return p, err
}

const personColumns = `member, wrapped_key, details, payout IS NOT NULL, registered_by, registered_at, amended_at`

func find(ctx context.Context, db ledger.Querier, ring *keyring.Ring, allianceID int64, member string, lock bool) (Person, *keyring.Key, error) {
	query := `SELECT ` + personColumns + ` FROM persons WHERE alliance_id = $1 AND member = $2`
	if lock {
		query += ` FOR UPDATE`
	}
	var p Person
	var wrapped, details []byte
	err := db.QueryRow(ctx, query, allianceID, member).Scan(&p.Member, &wrapped, &details, &p.HasPayout, &p.RegisteredBy, &p.RegisteredAt, &p.AmendedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, nil, ErrNoPerson
	}
	if err != nil {
		return p, nil, err
	}
	p.RegisteredAt, p.AmendedAt = p.RegisteredAt.UTC(), p.AmendedAt.UTC()
	key, err := ring.Unwrap(wrapped, owner(allianceID, member))
	if err != nil {
		return p, nil, err
	}
	p.Details, err = open(key, details)
	return p, key, err
}

func open(key *keyring.Key, details []byte) (Details, error) {
	var d Details
	text, err := key.Open(details, detailsPlace)
	if err != nil {
		return d, err
	}
	if json.Unmarshal(text, &d) != nil {
		return d, keyring.ErrUnreadable // the error of json would quote it
	}
	return d, nil
}

// Amend changes what is kept of a person, as a caller asks for it. It returns ErrNoPerson,
// ErrTelephoneTaken, or a *FieldError.
func (s *Store) Amend(ctx context.Context, al clearing.Alliance, member, caller string, change func(*Details), now time.Time) (Person, error) {
	var p Person
	err := s.write(ctx, func(tx clearing.Tx, ring *keyring.Ring) error {
		var key *keyring.Key
		var err error
		if p, key, err = find(ctx, tx, ring, al.ID, member, true); err != nil {
			return err
		}
		before := p.Details.Telephone
		change(&p.Details)
		if p.Details, err = p.Details.read(al); err != nil {
			return err
		}
		if err := free(ctx, tx, ring, al.ID, member, p.Details.Telephone); err != nil {
			return err
		}
		again, err := seal(ring, key, al.ID, member, p.Details)
		if err != nil {
			return err
		}
		p.AmendedAt = now
		_, err = tx.Exec(ctx, `
			UPDATE persons SET wrapped_key = $3, master_key = $4, telephone_index = $5, details = $6, amended_at = $7
			WHERE alliance_id = $1 AND member = $2`, al.ID, member, again.key, ring.Fingerprint(), again.index, again.details, now)
		if err == nil && p.Details.Telephone != before {
			err = s.given(ctx, tx, al.ID, member, caller, now)
		}
		return err
	})
	return p, constraint(err)
}
