package signin_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/attempts"
	"github.com/lianka/lianka/merchant/signin"
)

const pin = "480151"

// paired pairs a till and returns it with its token.
func (d *door) paired(shop, name string) (signin.Till, string) {
	d.t.Helper()
	till, token, err := signin.PairTill(d.t.Context(), d.db, d.alliance, d.offered(shop, name), noon)
	require.NoError(d.t, err)
	return till, token
}

// offered makes the code that pairs a till.
func (d *door) offered(shop, name string) (code string) {
	d.t.Helper()
	d.write(func(ctx context.Context, tx clearing.Tx) (err error) {
		_, code, err = signin.OfferTill(ctx, tx, d.alliance, shop, name, noon)
		return err
	})
	return code
}

// cashier adds a cashier with a PIN.
func (d *door) cashier(shop, name string) signin.Staff {
	d.t.Helper()
	s := d.staff(access.Cashier, shop, name)
	require.NoError(d.t, signin.SetPIN(d.t.Context(), d.db, d.alliance, s.ID, pin, "shop:cafe/office", noon))
	return s
}

func (d *door) byPIN(token, staff, tried string, now time.Time) (signin.Session, error) {
	s, _, err := signin.OpenByPIN(d.t.Context(), d.db, token, staff, tried, now)
	return s, err
}

func requireTooMany(t *testing.T, err error) {
	t.Helper()
	var tooMany *attempts.TooManyError
	require.ErrorAs(t, err, &tooMany)
}

func TestACashierSignsInOnAPairedTill(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	till, token := d.paired("cafe", "1")
	li, foreign := d.cashier("cafe", "Li"), d.cashier("gym", "Mo")
	s, err := d.byPIN(token, li.ID, pin, noon)
	require.NoError(t, err)
	require.Equal(t, access.Principal{Role: access.Cashier, Merchant: "cafe", Staff: li.ID}, s.Principal())
	require.Equal(t, "shop:cafe/1", s.Caller())
	_, err = d.byPIN(token, li.ID, "480152", noon)
	require.ErrorIs(t, err, signin.ErrRefused)
	_, err = d.byPIN(token, foreign.ID, pin, noon)
	require.ErrorIs(t, err, signin.ErrRefused, "a cashier of another shop")
	owner := d.staff(access.Owner, "cafe", "Wu")
	_, err = d.byPIN(token, owner.ID, pin, noon)
	require.ErrorIs(t, err, signin.ErrRefused, "who has no PIN")
	require.ErrorIs(t, signin.SetPIN(t.Context(), d.db, d.alliance, owner.ID, pin, "organiser", noon), signin.ErrStaffSpec)
	_, err = d.byPIN("lk_till_x", li.ID, pin, noon)
	require.ErrorIs(t, err, signin.ErrTillUnknown)

	d.write(func(ctx context.Context, tx clearing.Tx) error {
		return signin.RevokeTill(ctx, tx, d.alliance, till.ID, noon)
	})
	_, err = d.byPIN(token, li.ID, pin, noon)
	require.ErrorIs(t, err, signin.ErrTillUnknown)
	listed, err := signin.Sessions(t.Context(), d.db, d.alliance, li.Person(), noon, "", 10)
	require.NoError(t, err)
	require.Empty(t, listed, "the sessions on a till end with it")
}

func TestARevokedTillEndsWhatALinkOpenedAtIt(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	till, _ := d.paired("cafe", "1")
	li, gao, sun := d.cashier("cafe", "Li"), d.cashier("cafe", "Gao"), d.cashier("gym", "Sun")
	opened := make(map[string]string)
	for name, l := range map[string]signin.Link{"here": {Person: li.Person(), Till: "1"}, "next to it": {Person: gao.Person(), Till: "2"}, "elsewhere": {Person: sun.Person(), Till: "1"}} {
		_, token, err := signin.OpenLink(t.Context(), d.db, d.link(l, noon), noon)
		require.NoError(t, err)
		opened[name] = token
	}
	chen := d.cashier("cafe", "Chen")
	waiting := d.link(signin.Link{Person: chen.Person(), Till: "1"}, noon)
	d.write(func(ctx context.Context, tx clearing.Tx) error {
		return signin.RevokeTill(ctx, tx, d.alliance, till.ID, noon)
	})
	for name, token := range opened {
		_, err := signin.Authenticate(t.Context(), d.db, token, noon)
		if name == "here" {
			require.ErrorIs(t, err, signin.ErrSessionUnknown)
			continue
		}
		require.NoError(t, err, name)
	}
	_, _, err := signin.OpenLink(t.Context(), d.db, waiting, noon)
	require.ErrorIs(t, err, signin.ErrRefused)
}

func TestWrongPINsLock(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	_, token := d.paired("cafe", "1")
	_, other := d.paired("cafe", "2")
	li := d.cashier("cafe", "Li")
	var refused, locked atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := d.byPIN(token, li.ID, "735190", noon)
			var tooMany *attempts.TooManyError
			switch {
			case errors.Is(err, signin.ErrRefused):
				refused.Add(1)
			case errors.As(err, &tooMany):
				locked.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 5, refused.Load(), "many at once are counted too")
	require.EqualValues(t, 3, locked.Load())
	_, err := d.byPIN(other, li.ID, pin, noon)
	requireTooMany(t, err)
	_, err = d.byPIN(other, li.ID, pin, noon.Add(15*time.Minute))
	require.NoError(t, err)

	for range 5 {
		_, err = d.byPIN(other, li.ID, "735190", noon.Add(time.Hour))
		require.ErrorIs(t, err, signin.ErrRefused)
	}
	require.NoError(t, signin.SetPIN(t.Context(), d.db, d.alliance, li.ID, "902846", "shop:cafe/office", noon.Add(time.Hour)))
	_, err = d.byPIN(other, li.ID, "902846", noon.Add(time.Hour))
	require.NoError(t, err, "a new PIN lifts the lock")
}

// TestATillThatTriesOneAfterAnotherIsLocked: who has the device of a shop can't try a PIN on
// each of its cashiers.
func TestATillThatTriesOneAfterAnotherIsLocked(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	_, token := d.paired("cafe", "1")
	tried := 0
	for i := range 30 {
		_, err := d.byPIN(token, fmt.Sprintf("stf_%016x", i), pin, noon)
		if errors.Is(err, signin.ErrRefused) {
			tried++
			continue
		}
		requireTooMany(t, err)
	}
	require.Equal(t, 20, tried)
}

func TestWhichPINsAreTaken(t *testing.T) {
	t.Parallel()
	for tried, taken := range map[string]bool{
		"480151": true, "102030": true, "121212": true, "999998": true, "123456789013": true,
		"":      true, // a random one
		"48015": false, "1234567890123": false, "111111": false, "123456": false, "987654": false, "12345a": false, "１２３４５７": false,
	} {
		chosen, err := signin.ChoosePIN(tried)
		if !taken {
			require.ErrorIs(t, err, signin.ErrPIN, tried)
			continue
		}
		require.NoError(t, err, tried)
		require.GreaterOrEqual(t, len(chosen), 6)
	}
}

func TestAPINIsKeptSlowlyHashed(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.cashier("cafe", "Li")
	d.cashier("cafe", "Mo")
	rows, err := d.db.Query(t.Context(), `SELECT pin_hash FROM signin_staff`)
	require.NoError(t, err)
	seen := make(map[string]bool)
	for rows.Next() {
		var hash string
		require.NoError(t, rows.Scan(&hash))
		require.Regexp(t, `^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, hash)
		seen[hash] = true
	}
	require.NoError(t, rows.Err())
	require.Len(t, seen, 2, "each has a salt of its own")
}

func TestATillIsPairedOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	code := d.offered("cafe", "1")
	pair := func(alliance int64, code string, now time.Time) (string, error) {
		_, token, err := signin.PairTill(t.Context(), d.db, alliance, code, now)
		return token, err
	}
	for name, wrong := range map[string]string{"empty": "", "short": "7K3M", "another": "0000-0000-0000"} {
		_, err := pair(d.alliance, wrong, noon)
		require.ErrorIs(t, err, signin.ErrRefused, name)
	}
	_, err := pair(d.circle("other"), code, noon)
	require.ErrorIs(t, err, signin.ErrRefused, "another circle's")
	_, err = pair(d.alliance, code, noon.Add(signin.PairingValid))
	require.ErrorIs(t, err, signin.ErrRefused)
	first, err := pair(d.alliance, code[:4]+" "+code[5:9]+code[10:], noon)
	require.NoError(t, err, "hyphens may be left out")
	_, err = pair(d.alliance, code, noon)
	require.ErrorIs(t, err, signin.ErrRefused)

	replaced := d.offered("cafe", "1")
	second, err := pair(d.alliance, d.offered("cafe", "1"), noon)
	require.NoError(t, err)
	_, err = pair(d.alliance, replaced, noon)
	require.ErrorIs(t, err, signin.ErrRefused, "the newest code alone is good")
	_, err = signin.AuthenticateTill(t.Context(), d.db, first)
	require.ErrorIs(t, err, signin.ErrTillUnknown, "the device of before is this till no more")
	till, err := signin.AuthenticateTill(t.Context(), d.db, second)
	require.NoError(t, err)
	listed, err := signin.Tills(t.Context(), d.db, d.alliance, "cafe", noon, "", 10)
	require.NoError(t, err)
	require.Equal(t, []signin.Till{till}, listed)
	err = d.try(func(ctx context.Context, tx clearing.Tx) error {
		_, _, err := signin.OfferTill(ctx, tx, d.alliance, "pier", "1", noon)
		return err
	})
	require.ErrorIs(t, err, merchant.ErrMerchantUnknown)
}
