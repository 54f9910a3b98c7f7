package access_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestEachCallerGetsItsOwnKey(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, clearing.Test)
	cache := access.NewKeyCache(k.db)
	first, firstText := k.issue(t, organiser)
	second, secondText := k.issue(t, till)
	forged := access.Forge(firstText)
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			switch i % 4 {
			case 0, 1:
				want, text := first, firstText
				if i%4 == 1 {
					want, text = second, secondText
				}
				got, err := cache.Authenticate(t.Context(), text)
				if err != nil || got != want {
					t.Errorf("%v, %v instead of %v", got, err, want)
				}
			case 2:
				if _, err := cache.Authenticate(t.Context(), forged); !errors.Is(err, access.ErrKeyUnknown) {
					t.Errorf("another secret: %v", err)
				}
			case 3:
				if _, err := cache.Authenticate(t.Context(), "lk_test_x"); !errors.Is(err, access.ErrKeyMalformed) {
					t.Errorf("a typo: %v", err)
				}
			}
		})
	}
	all.Wait()
}

// TestNobodyWhoComesAfterARevocationGetsIn keeps callers coming while a key is
// revoked.
func TestNobodyWhoComesAfterARevocationGetsIn(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	k := newKeyring(t, clearing.Test)
	cache := access.NewKeyCache(k.db)
	key, text := k.issue(t, till)
	var revoked, stop atomic.Bool
	var late, early atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for !stop.Load() {
				after := revoked.Load()
				_, err := cache.Authenticate(t.Context(), text)
				switch {
				case err == nil && after:
					t.Error("a revoked key got in")
					return
				case err == nil:
					early.Add(1)
				case after:
					late.Add(1)
				}
			}
		})
	}
	require.Eventually(t, func() bool { return early.Load() > 100 }, 4*time.Minute, time.Millisecond)
	k.write(t, func(tx clearing.Tx) error { return access.RevokeKey(t.Context(), tx, k.alliance, key.ID, noon) })
	revoked.Store(true)
	require.Eventually(t, func() bool { return late.Load() > 100 }, 4*time.Minute, time.Millisecond)
	stop.Store(true)
	all.Wait()
}

func TestCacheWithoutItsDatabase(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, clearing.Test)
	_, text := k.issue(t, organiser)
	gone := pgtest.Pool(t)
	cache := access.NewKeyCache(gone)
	gone.Close()
	_, err := cache.Authenticate(t.Context(), text)
	require.ErrorIs(t, err, clearing.ErrUnavailable)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = cache.Authenticate(cancelled, text)
	require.Error(t, err)
}
