package merchant_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestDeskTellsEachCallerItsOwnKey(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, clearing.Test)
	desk := merchant.NewDesk(k.db)
	first, firstText := k.issue(t, organiser)
	second, secondText := k.issue(t, till)
	forged := merchant.Forge(firstText)
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			switch i % 4 {
			case 0, 1:
				want, text := first, firstText
				if i%4 == 1 {
					want, text = second, secondText
				}
				got, err := desk.Authenticate(t.Context(), text)
				if err != nil || got != want {
					t.Errorf("%v, %v instead of %v", got, err, want)
				}
			case 2:
				if _, err := desk.Authenticate(t.Context(), forged); !errors.Is(err, merchant.ErrKeyUnknown) {
					t.Errorf("another secret: %v", err)
				}
			case 3:
				if _, err := desk.Authenticate(t.Context(), "lk_test_x"); !errors.Is(err, merchant.ErrKeyMalformed) {
					t.Errorf("a typo: %v", err)
				}
			}
		})
	}
	all.Wait()
}

// TestNobodyWhoComesAfterARevocationGetsIn keeps the desk busy while a key is
// revoked.
func TestNobodyWhoComesAfterARevocationGetsIn(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, clearing.Test)
	desk := merchant.NewDesk(k.db)
	key, text := k.issue(t, till)
	var revoked, stop atomic.Bool
	var late, early atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for !stop.Load() {
				after := revoked.Load()
				_, err := desk.Authenticate(t.Context(), text)
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
	require.Eventually(t, func() bool { return early.Load() > 100 }, 10*time.Second, time.Millisecond)
	k.write(t, func(tx clearing.Tx) error { return merchant.RevokeKey(t.Context(), tx, k.circle, key.ID, noon) })
	revoked.Store(true)
	require.Eventually(t, func() bool { return late.Load() > 100 }, 10*time.Second, time.Millisecond)
	stop.Store(true)
	all.Wait()
}

func TestDeskWithoutItsDatabase(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, clearing.Test)
	_, text := k.issue(t, organiser)
	gone := pgtest.Pool(t)
	desk := merchant.NewDesk(gone)
	gone.Close()
	_, err := desk.Authenticate(t.Context(), text)
	require.ErrorIs(t, err, clearing.ErrUnavailable)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = desk.Authenticate(cancelled, text)
	require.Error(t, err)
}
