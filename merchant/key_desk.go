package merchant

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"lianka/clearing"
	"lianka/clearing/ledger"
)

// Desk authenticates keys for many callers at once. Callers that arrive while it
// is looking keys up share the next look-up, so that a look-up always begins
// after its callers came: a key that was revoked before is dead, in every process,
// though nothing is asked twice at the same time. It is safe for use by many
// goroutines.
type Desk struct {
	db ledger.Querier

	mu      sync.Mutex
	waiting []*applicant
	open    bool // a goroutine is serving
}

// NewDesk returns a desk that looks keys up in a database.
func NewDesk(db ledger.Querier) *Desk { return &Desk{db: db} }

// Limits of a look-up.
const (
	maxApplicants = 1024
	lookUpTimeout = 10 * time.Second
)

// applicant is a caller who waits at the desk.
type applicant struct {
	place keyPlace
	hash  [sha256.Size]byte
	found chan verdict
}

// keyPlace is where a key is kept.
type keyPlace struct {
	circle int64
	id     string
}

type verdict struct {
	key Key
	err error
}

// Authenticate returns the key of a text if it is in force. It returns
// ErrKeyMalformed, ErrKeyUnknown, clearing.ErrUnavailable, or the context's
// error.
func (d *Desk) Authenticate(ctx context.Context, text string) (Key, error) {
	circle, id, err := readKeyText(text)
	if err != nil {
		return Key{}, err
	}
	a := &applicant{place: keyPlace{circle, id}, hash: hashKey(text), found: make(chan verdict, 1)}
	d.mu.Lock()
	d.waiting = append(d.waiting, a)
	if !d.open {
		d.open = true
		go d.serve()
	}
	d.mu.Unlock()
	select {
	case v := <-a.found:
		return v.key, v.err
	case <-ctx.Done():
		return Key{}, ctx.Err()
	}
}

// serve looks up for who waits, until nobody does.
func (d *Desk) serve() {
	for {
		d.mu.Lock()
		n := min(len(d.waiting), maxApplicants)
		batch := d.waiting[:n:n]
		d.waiting = d.waiting[n:]
		d.open = n > 0
		d.mu.Unlock()
		if n == 0 {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), lookUpTimeout)
		kept, err := keysAt(ctx, d.db, batch)
		cancel()
		for _, a := range batch {
			a.found <- kept.judge(a, err)
		}
	}
}

// keptKeys are keys in force with their hashes.
type keptKeys map[keyPlace]keptKey

type keptKey struct {
	Key
	hash []byte
}

func (kept keptKeys) judge(a *applicant, err error) verdict {
	if err != nil {
		return verdict{err: clearing.Unavailable(err)}
	}
	k, ok := kept[a.place]
	if !ok || subtle.ConstantTimeCompare(k.hash, a.hash[:]) != 1 {
		return verdict{err: ErrKeyUnknown}
	}
	return verdict{key: k.Key}
}

// keysAt reads the keys in force that applicants present.
func keysAt(ctx context.Context, db ledger.Querier, batch []*applicant) (keptKeys, error) {
	kept := make(keptKeys, len(batch))
	circles, ids := make([]int64, 0, len(batch)), make([]string, 0, len(batch))
	for _, a := range batch {
		if _, asked := kept[a.place]; !asked {
			kept[a.place] = keptKey{}
			circles, ids = append(circles, a.place.circle), append(ids, a.place.id)
		}
	}
	clear(kept)
	rows, err := db.Query(ctx, `
		SELECT secret_hash, `+keyColumns+` FROM unnest($1::bigint[], $2::text[]) AS asked (alliance_id, key_id)
		JOIN api_keys USING (alliance_id, key_id)
		WHERE revoked_at IS NULL`, circles, ids)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (k keptKey, err error) {
		k.Key, err = scanKey(secretRow{row, &k.hash})
		return k, err
	})
	for _, k := range found {
		kept[keyPlace{k.CircleID, k.ID}] = k
	}
	return kept, err
}
