package people

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/alliance/people/keyring"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/message"
)

// Config is what a store needs. Database and Ring are required.
type Config struct {
	Database clearing.Database
	Ring     *keyring.Ring

	// Reload reads the master key again, after it was rotated. None: the server must be started anew.
	Reload func() (*keyring.Ring, error)
	// Journal remembers erasures outside the database. None: nothing is erased.
	Journal *Journal
	// Erasing are called in the transaction that erases a person, for what others keep of it.
	Erasing []Erasing
	// Telephone is called in the transaction that gives a member a telephone, or another one.
	Telephone TelephoneGiven
}

// Erasing erases what another package keeps of a person, in the transaction that erases it.
type Erasing func(ctx context.Context, tx clearing.Tx, allianceID int64, member string, at time.Time) error

// TelephoneGiven hears that a member got a telephone, by which it can sign in now, and by which caller.
type TelephoneGiven func(ctx context.Context, tx clearing.Tx, allianceID int64, member, caller string, at time.Time) error

// Store keeps persons.
type Store struct {
	db      clearing.Database
	reload  func() (*keyring.Ring, error)
	journal *Journal
	erasing []Erasing
	given   TelephoneGiven

	mu   sync.Mutex
	ring *keyring.Ring
}

// New returns a store. Start must succeed before it is used.
func New(c Config) *Store {
	given := c.Telephone
	if given == nil {
		given = func(context.Context, clearing.Tx, int64, string, string, time.Time) error { return nil }
	}
	return &Store{db: c.Database, ring: c.Ring, reload: c.Reload, journal: c.Journal, erasing: c.Erasing, given: given}
}

// Start makes sure that the database is this master key's, and carries out the erasures that
// the journal remembers and the database doesn't. It must succeed before anybody is served.
func (s *Store) Start(ctx context.Context, now time.Time) error {
	ring := s.current()
	var known string
	err := clearing.Write(ctx, s.db, func(tx clearing.Tx) error {
		// Of two servers that start at once the second waits here and finds the first one's.
		_, err := tx.Exec(ctx, `INSERT INTO people_master_key (fingerprint, since) VALUES ($1, $2) ON CONFLICT (one) DO NOTHING`, ring.Fingerprint(), now)
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT fingerprint FROM people_master_key`).Scan(&known)
	})
	switch {
	case err != nil:
		return err
	case known != ring.Fingerprint() && ring.Holds(known):
		return message.Wrap("%v: it is being rotated; run `lianka people rotate-key` again, which goes on where it stopped", ErrOtherKey)
	case known != ring.Fingerprint():
		return message.Wrap("%v: the database's has the fingerprint %s, and this one %s", ErrOtherKey, known, ring.Fingerprint())
	}
	return s.Sync(ctx)
}

// Fingerprint returns the fingerprint of the master key that a database is kept with, "" if it
// has none.
func Fingerprint(ctx context.Context, db ledger.Querier) (string, error) {
	var known string
	err := db.QueryRow(ctx, `SELECT fingerprint FROM people_master_key`).Scan(&known)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return known, clearing.Unavailable(err)
}

func (s *Store) current() *keyring.Ring {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ring
}

// withRing runs a function with the master key. If that is not the database's any more, it is
// read again and the function runs once more.
func (s *Store) withRing(f func(*keyring.Ring) error) error {
	err := f(s.current())
	if s.reload == nil || !errors.Is(err, ErrOtherKey) && !errors.Is(err, keyring.ErrUnreadable) {
		return err
	}
	ring, failed := s.reload()
	if failed != nil {
		return errors.Join(err, failed)
	}
	s.mu.Lock()
	s.ring = ring
	s.mu.Unlock()
	return f(ring)
}

// write runs a function in a transaction that seals nothing with another master key than the
// database's.
func (s *Store) write(ctx context.Context, f func(clearing.Tx, *keyring.Ring) error) error {
	return s.withRing(func(ring *keyring.Ring) error {
		return clearing.Write(ctx, s.db, func(tx clearing.Tx) error {
			var known string
			if err := tx.QueryRow(ctx, `SELECT fingerprint FROM people_master_key FOR SHARE`).Scan(&known); err != nil {
				return err
			}
			if known != ring.Fingerprint() {
				return ErrOtherKey
			}
			return f(tx, ring)
		})
	})
}

// The purposes and places of what is sealed and indexed.
const (
	telephoneIndex = "telephone"
	detailsPlace   = "details"
	payoutPlace    = "payout"
)

// owner names a person for the wrapping of its key.
func owner(allianceID int64, member string) string {
	return strconv.FormatInt(allianceID, 10) + "/" + member
}

// indexed is what is indexed of a telephone: the same one has another index in each circle.
func indexed(allianceID int64, telephone string) string {
	return strconv.FormatInt(allianceID, 10) + "/" + telephone
}
