package access

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
)

// ErrBusy: too many keys are waiting to be looked up. Nothing was looked up; try
// again.
var ErrBusy = errors.New("too many API keys are waiting to be looked up; try again")

// KeyCache authenticates API keys, and remembers those that it found.
//
// A remembered key is trusted only while its circle's count of key changes is what
// it was when the key was read. The count is asked for after the caller came, so
// a revoked key is refused at once, in every process. Callers that arrive during
// a query share the next one.
//
// Only keys that exist are remembered, and only for callers who know the secret:
// made-up keys leave nothing behind. They also wait in a queue of their own, so
// that a flood of them can't keep out the keys that are remembered.
//
// It is safe for concurrent use.
type KeyCache struct {
	db ledger.Querier

	mu         sync.Mutex
	remembered *lru[keyPlace, keptKey]
	known      lookUps // of keys that are remembered
	unknown    lookUps
}

// Limits of a key cache.
const (
	maxRemembered = 65_536 // keys
	maxWaiting    = 4096   // callers in a queue
	maxLookUp     = 1024   // keys in one query
	lookUpTimeout = 10 * time.Second
)

// lookUps is a queue of keys to look up. While it is not empty, one goroutine
// works on it.
type lookUps struct {
	waiting []*lookUp
	running bool
}

// lookUp is a key that a caller presented and waits for.
type lookUp struct {
	place keyPlace
	hash  [sha256.Size]byte
	found chan foundKey
}

// keyPlace is the primary key of an API key.
type keyPlace struct {
	allianceID int64
	id         string
}

type foundKey struct {
	key Key
	err error
}

// keptKey is a key in force.
type keptKey struct {
	Key
	hash    []byte
	changes int64 // how often keys of its circle had changed before it was read
}

func (k *keptKey) matches(hash [sha256.Size]byte) bool {
	return subtle.ConstantTimeCompare(k.hash, hash[:]) == 1
}

// NewKeyCache returns an empty cache of the keys in a database.
func NewKeyCache(db ledger.Querier) *KeyCache {
	return &KeyCache{db: db, remembered: newLRU[keyPlace, keptKey](maxRemembered)}
}

// Authenticate returns the key with a text, if it is in force. It returns
// ErrKeyMalformed, ErrKeyUnknown, ErrBusy, clearing.ErrUnavailable or the
// context's error.
func (c *KeyCache) Authenticate(ctx context.Context, text string) (Key, error) {
	allianceID, id, err := readKeyText(text)
	if err != nil {
		return Key{}, err
	}
	l := &lookUp{place: keyPlace{allianceID, id}, hash: hashKey(text), found: make(chan foundKey, 1)}
	if !c.enqueue(l) {
		return Key{}, ErrBusy
	}
	select {
	case f := <-l.found:
		return f.key, f.err
	case <-ctx.Done():
		return Key{}, ctx.Err()
	}
}

// enqueue puts a look-up into its queue. It returns false if the queue is full.
func (c *KeyCache) enqueue(l *lookUp) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	queue := &c.unknown
	if k, ok := c.remembered.peek(l.place); ok && k.matches(l.hash) {
		queue = &c.known
	}
	if len(queue.waiting) >= maxWaiting {
		return false
	}
	queue.waiting = append(queue.waiting, l)
	if !queue.running {
		queue.running = true
		go c.run(queue)
	}
	return true
}

// run works on a queue until it is empty.
func (c *KeyCache) run(queue *lookUps) {
	for {
		c.mu.Lock()
		n := min(len(queue.waiting), maxLookUp)
		batch := slices.Clone(queue.waiting[:n])
		queue.waiting = slices.Delete(queue.waiting, 0, n)
		queue.running = n > 0
		c.mu.Unlock()
		if n == 0 {
			return
		}
		c.answer(batch)
	}
}

// answer looks a batch up and answers its callers.
func (c *KeyCache) answer(batch []*lookUp) {
	ctx, cancel := context.WithTimeout(context.Background(), lookUpTimeout)
	defer cancel()
	keys, err := c.find(ctx, batch)
	for i, l := range batch {
		switch {
		case err != nil:
			l.found <- foundKey{err: clearing.Unavailable(err)}
		case keys[i] == nil:
			l.found <- foundKey{err: ErrKeyUnknown}
		default:
			l.found <- foundKey{key: keys[i].Key}
		}
	}
}

// find returns the keys of a batch, in its order; nil for a key that is not in
// force. The order of the queries matters: a key that changes after the count was
// read is remembered with a count that is too low, and so is read again.
func (c *KeyCache) find(ctx context.Context, batch []*lookUp) ([]*keptKey, error) {
	changes, err := readChanges(ctx, c.db, batch)
	if err != nil {
		return nil, err
	}
	keys := make([]*keptKey, len(batch))
	var missing []keyPlace
	c.mu.Lock()
	for i, l := range batch {
		k, ok := c.remembered.peek(l.place)
		if !ok || k.changes != changes[l.place.allianceID] {
			missing = append(missing, l.place)
		} else if k.matches(l.hash) {
			c.remembered.touch(l.place)
			keys[i] = &k
		}
	}
	c.mu.Unlock()
	if len(missing) == 0 {
		return keys, nil
	}
	read, err := readKeys(ctx, c.db, missing)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, l := range batch {
		k, ok := read[l.place]
		if ok && k.matches(l.hash) {
			k.changes = changes[l.place.allianceID]
			c.remembered.put(l.place, k)
			keys[i] = &k
		}
	}
	return keys, nil
}

// readChanges returns how often keys of the circles of a batch have changed. A
// circle that is not in it has changed none, or does not exist.
func readChanges(ctx context.Context, db ledger.Querier, batch []*lookUp) (map[int64]int64, error) {
	var alliances []int64
	for _, l := range batch {
		alliances = append(alliances, l.place.allianceID)
	}
	slices.Sort(alliances)
	rows, err := db.Query(ctx, `SELECT alliance_id, changes FROM keyrings WHERE alliance_id = ANY ($1)`, slices.Compact(alliances))
	if err != nil {
		return nil, err
	}
	all := make(map[int64]int64)
	var allianceID, changes int64
	_, err = pgx.ForEachRow(rows, []any{&allianceID, &changes}, func() error {
		all[allianceID] = changes
		return nil
	})
	return all, err
}

// readKeys returns those of some keys that are in force, with their hashes.
func readKeys(ctx context.Context, db ledger.Querier, places []keyPlace) (map[keyPlace]keptKey, error) {
	alliances, ids := make([]int64, len(places)), make([]string, len(places))
	for i, p := range places {
		alliances[i], ids[i] = p.allianceID, p.id
	}
	// LATERAL … OFFSET 0 keeps the planner at one probe of the primary key for each
	// key, also with a plan made while the table was empty.
	rows, err := db.Query(ctx, `
		SELECT `+keyColumns+`, secret_hash
		FROM (SELECT DISTINCT alliance, id FROM unnest($1::bigint[], $2::text[]) AS given (alliance, id)) asked,
		LATERAL (
		    SELECT key_id, alliance_id, role, merchant, till, key_right, label, created_at, revoked_at, replaced_by, left_at, secret_hash
		    FROM api_keys WHERE alliance_id = asked.alliance AND key_id = asked.id AND revoked_at IS NULL OFFSET 0) k`, alliances, ids)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (k keptKey, err error) {
		k.Key, err = scanKey(row, &k.hash)
		return k, err
	})
	keys := make(map[keyPlace]keptKey, len(found))
	for _, k := range found {
		keys[keyPlace{k.AllianceID, k.ID}] = k
	}
	return keys, err
}
