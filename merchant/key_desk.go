package merchant

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// Desk authenticates keys for many callers at once. Callers that arrive while it
// is looking up share the next look-up, so that a look-up always begins after its
// callers came: a key that was revoked before is dead, in every process. Keys are
// remembered, so that mostly it looks up no more than how often keys of the circle
// have changed. It is safe for use by many goroutines.
type Desk struct {
	db    ledger.Querier
	known map[int64]*keyring // used by the goroutine that serves

	mu      sync.Mutex
	waiting []*applicant
	open    bool // a goroutine is serving
}

// NewDesk returns a desk that looks keys up in a database.
func NewDesk(db ledger.Querier) *Desk { return &Desk{db: db, known: make(map[int64]*keyring)} }

// keyring is the keys of a circle that are known to be in force as long as there
// were no more changes.
type keyring struct {
	changes int64
	keys    keptKeys
}

// Limits of a look-up.
const (
	maxApplicants = 1024
	maxKeyrings   = 1024   // circles whose keys are remembered
	maxKeys       = 16_384 // of each that are remembered
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
		err := d.lookUp(ctx, batch)
		cancel()
		for _, a := range batch {
			a.found <- d.ring(a.place.circle).keys.judge(a, err)
		}
	}
}

// ring returns what is known of a circle's keys.
func (d *Desk) ring(circle int64) *keyring {
	ring := d.known[circle]
	if ring == nil {
		ring = &keyring{keys: make(keptKeys)}
		d.known[circle] = ring
	}
	return ring
}

// lookUp makes sure of the keys that applicants present: first that none of those
// which are known was revoked, then of those which are not.
func (d *Desk) lookUp(ctx context.Context, batch []*applicant) error {
	if len(d.known) > maxKeyrings {
		clear(d.known)
	}
	var circles []int64
	for _, a := range batch {
		if !slices.Contains(circles, a.place.circle) {
			circles = append(circles, a.place.circle)
		}
	}
	rows, err := d.db.Query(ctx, `SELECT alliance_id, changes FROM keyrings WHERE alliance_id = ANY ($1)`, circles)
	if err != nil {
		return err
	}
	var circle, changes int64
	now := make(map[int64]int64, len(circles))
	if _, err := pgx.ForEachRow(rows, []any{&circle, &changes}, func() error { now[circle] = changes; return nil }); err != nil {
		return err
	}
	for _, circle := range circles {
		if ring := d.ring(circle); ring.changes != now[circle] || len(ring.keys) > maxKeys {
			d.known[circle] = &keyring{changes: now[circle], keys: make(keptKeys)}
		}
	}
	var strangers []*applicant
	for _, a := range batch {
		if _, ok := d.ring(a.place.circle).keys[a.place]; !ok {
			strangers = append(strangers, a)
		}
	}
	if len(strangers) == 0 {
		return nil
	}
	found := make(keptKeys)
	if err := found.read(ctx, d.db, strangers); err != nil {
		return err
	}
	for place, k := range found {
		d.ring(place.circle).keys[place] = k
	}
	return nil
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

// read reads the keys in force that applicants present.
func (kept keptKeys) read(ctx context.Context, db ledger.Querier, batch []*applicant) error {
	circles, ids := make([]int64, len(batch)), make([]string, len(batch))
	for i, a := range batch {
		circles[i], ids[i] = a.place.circle, a.place.id
	}
	rows, err := db.Query(ctx, `
		SELECT k.secret_hash, `+keyColumns+` FROM (SELECT DISTINCT * FROM unnest($1::bigint[], $2::text[]) AS asked (circle, id)) asked,
		LATERAL (SELECT * FROM api_keys WHERE alliance_id = asked.circle AND key_id = asked.id AND revoked_at IS NULL OFFSET 0) k`, circles, ids)
	if err != nil {
		return err
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (k keptKey, err error) {
		k.Key, err = scanKey(secretRow{row, &k.hash})
		return k, err
	})
	for _, k := range found {
		kept[keyPlace{k.CircleID, k.ID}] = k
	}
	return err
}
