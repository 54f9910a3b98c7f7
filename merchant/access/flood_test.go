package access_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/merchant/access"
)

// observed is a database that counts the queries for keys, and lets none of them
// begin while it is held.
type observed struct {
	ledger.Querier
	keys atomic.Int64
	held sync.RWMutex
}

func (o *observed) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if strings.Contains(sql, "api_keys") {
		o.keys.Add(1)
		o.held.RLock()
		defer o.held.RUnlock()
	}
	return o.Querier.Query(ctx, sql, args...) //nolint:sqlclosecheck // the caller closes it
}

func TestForgedKeysLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	k := newKeyring(t, clearing.Test)
	db := &observed{Querier: k.db}
	cache := access.NewKeyCache(db)
	var known []string
	for i := range 20 {
		_, text := k.issue(t, access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: fmt.Sprint(i)})
		_, err := cache.Authenticate(t.Context(), text)
		require.NoError(t, err)
		known = append(known, text)
	}
	before := db.keys.Load()
	for _, text := range known {
		_, err := cache.Authenticate(t.Context(), text)
		require.NoError(t, err)
	}
	require.Equal(t, before, db.keys.Load(), "known keys are remembered")

	// Of circles that don't exist, of one that does, and of keys that do.
	var forgeries sync.WaitGroup
	for worker := range 10 {
		forgeries.Go(func() {
			for i := range 170 { // 5,100 in all
				for _, forged := range []string{
					access.ForgeAny(int64(1000 + 170*worker + i)), access.ForgeAny(k.alliance.ID), access.Forge(known[i%len(known)]),
				} {
					if _, err := cache.Authenticate(t.Context(), forged); err == nil {
						t.Error("a forged key got in")
					}
				}
			}
		})
	}
	forgeries.Wait()
	require.Equal(t, len(known), cache.Remembered(), "nothing but the known keys is remembered")
	before = db.keys.Load()
	require.Greater(t, before, int64(20), "forged keys were looked up")
	for _, text := range known {
		_, err := cache.Authenticate(t.Context(), text)
		require.NoError(t, err)
	}
	require.Equal(t, before, db.keys.Load(), "known keys are remembered still")
}

func TestAFullQueueKeepsOutUnknownKeysAlone(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, clearing.Test)
	db := &observed{Querier: k.db}
	cache := access.NewKeyCache(db)
	_, text := k.issue(t, organiser)
	_, err := cache.Authenticate(t.Context(), text)
	require.NoError(t, err)

	db.held.Lock()
	var busy, unknown atomic.Int64
	var callers sync.WaitGroup
	for i := range access.MaxWaiting + 3000 {
		callers.Go(func() {
			switch _, err := cache.Authenticate(t.Context(), access.ForgeAny(int64(1000+i))); {
			case errors.Is(err, access.ErrBusy):
				busy.Add(1)
			case errors.Is(err, access.ErrKeyUnknown):
				unknown.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	require.Eventually(t, func() bool { return busy.Load() > 0 }, 4*time.Minute, time.Millisecond, "the queue fills up")
	_, err = cache.Authenticate(t.Context(), text)
	require.NoError(t, err, "a remembered key doesn't wait for unknown ones")
	require.Zero(t, unknown.Load(), "the look-up of forged keys is held up")
	db.held.Unlock()
	callers.Wait()
	require.GreaterOrEqual(t, unknown.Load(), int64(access.MaxWaiting))
	require.Equal(t, int64(access.MaxWaiting+3000), busy.Load()+unknown.Load())
	_, other := k.issue(t, till)
	_, err = cache.Authenticate(t.Context(), other)
	require.NoError(t, err, "the queue is empty again")
}

func TestWhatWasUsedLongestAgoMakesRoom(t *testing.T) {
	t.Parallel()
	m := access.NewLRU(3)
	for i := range 3 {
		m.Put(i, "x")
	}
	m.Touch(0)
	m.Put(3, "x")
	require.True(t, m.Has(0))
	require.False(t, m.Has(1))
	m.Put(2, "again")
	m.Put(4, "x")
	require.False(t, m.Has(0))
	require.True(t, m.Has(2))
	require.True(t, m.Has(3))
	require.True(t, m.Has(4))
}
