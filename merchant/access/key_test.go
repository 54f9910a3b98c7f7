package access_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/migrations/pgtest"
)

var noon = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

// keyring is a circle with a shop in a database of its own.
type keyring struct {
	db       clearing.Database
	alliance clearing.Alliance
}

func newKeyring(t *testing.T, mode clearing.Mode) keyring {
	t.Helper()
	k := keyring{db: pgtest.Pool(t)}
	k.write(t, func(tx clearing.Tx) (err error) {
		k.alliance, err = clearing.CreateAlliance(t.Context(), tx, clearing.Alliance{
			Code: "keys", Name: "Keys", Currency: money.MustCurrency("CNY"), Location: time.UTC, Mode: mode, CreatedAt: noon,
		})
		if err != nil {
			return err
		}
		return merchant.Admit(t.Context(), tx, k.alliance.ID, merchant.Merchant{Code: "cafe", Name: "Cafe"}, noon)
	})
	return k
}

func (k keyring) write(t *testing.T, f func(clearing.Tx) error) {
	t.Helper()
	require.NoError(t, clearing.Write(t.Context(), k.db, f))
}

func (k keyring) issue(t *testing.T, spec access.KeySpec) (key access.Key, text string) {
	t.Helper()
	k.write(t, func(tx clearing.Tx) (err error) {
		key, text, err = access.IssueKey(t.Context(), tx, k.alliance, spec, noon)
		return err
	})
	return key, text
}

var (
	organiser = access.KeySpec{Role: access.OrganiserKey, Label: "office"}
	till      = access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: "1", Label: "counter"}
)

func TestKeyIsShownOnceAndKnownAgain(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, clearing.Test)
	key, text := k.issue(t, till)
	require.True(t, strings.HasPrefix(text, "lk_test_"), text)
	require.Len(t, text, 62)

	known, err := access.NewKeyCache(k.db).Authenticate(t.Context(), text)
	require.NoError(t, err)
	require.Equal(t, key, known)
	require.Equal(t, "shop:cafe/1", known.Caller())
	require.Equal(t, k.alliance.ID, known.AllianceID)

	var stored string
	require.NoError(t, k.db.QueryRow(t.Context(), `SELECT row_to_json(k)::text FROM api_keys k`).Scan(&stored))
	require.NotContains(t, stored, strings.TrimPrefix(text, "lk_test_"))
}

func TestKeyOfALiveCircleSaysSo(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, clearing.Live)
	_, text := k.issue(t, organiser)
	require.True(t, strings.HasPrefix(text, "lk_live_"), text)
	_, err := access.NewKeyCache(k.db).Authenticate(t.Context(), "lk_test_"+strings.TrimPrefix(text, "lk_live_"))
	require.ErrorIs(t, err, access.ErrKeyMalformed, "the checksum covers the prefix")
}

func TestTypoIsToldFromUnknownKeyWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, clearing.Test)
	_, text := k.issue(t, organiser)
	swapped := []byte(text)
	for i := len(swapped) - 1; i > 0; i-- {
		if swapped[i] != swapped[i-1] {
			swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
			break
		}
	}
	for name, typo := range map[string]string{
		"empty":     "",
		"prefix":    "lk_test_",
		"no prefix": strings.TrimPrefix(text, "lk_test_"),
		"short":     text[:len(text)-1],
		"long":      text + "0",
		"swapped":   string(swapped),
		"sign":      "lk_test_+" + text[9:],
		"too large": "lk_test_" + strings.Repeat("Z", 54),
		"space":     " " + text,
	} {
		_, err := access.NewKeyCache(nil).Authenticate(t.Context(), typo)
		require.ErrorIs(t, err, access.ErrKeyMalformed, name)
	}
}

func TestNumberWithoutTheSecretIsNoKey(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, clearing.Test)
	_, text := k.issue(t, organiser)
	forged := access.Forge(text)
	require.NotEqual(t, text, forged)
	_, err := access.NewKeyCache(k.db).Authenticate(t.Context(), forged)
	require.ErrorIs(t, err, access.ErrKeyUnknown, "its checksum is right, its secret is not")
}

func TestKeySpec(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, clearing.Test)
	for name, test := range map[string]struct {
		spec access.KeySpec
		want error
	}{
		"no role":             {access.KeySpec{}, access.ErrKeySpec},
		"organiser at a shop": {access.KeySpec{Role: access.OrganiserKey, Merchant: "cafe"}, access.ErrKeySpec},
		"shop without till":   {access.KeySpec{Role: access.MerchantKey, Merchant: "cafe"}, access.ErrKeySpec},
		"till with newline":   {access.KeySpec{Role: access.MerchantKey, Merchant: "cafe", Till: "1\n"}, access.ErrKeySpec},
		"long label":          {access.KeySpec{Role: access.OrganiserKey, Label: strings.Repeat("x", 257)}, access.ErrKeySpec},
		"unknown shop":        {access.KeySpec{Role: access.MerchantKey, Merchant: "gym", Till: "1"}, merchant.ErrMerchantUnknown},
	} {
		err := clearing.Write(t.Context(), k.db, func(tx clearing.Tx) error {
			_, _, err := access.IssueKey(t.Context(), tx, k.alliance, test.spec, noon)
			return err
		})
		require.ErrorIs(t, err, test.want, name)
	}
}

func TestCallersOfTwoTillsDiffer(t *testing.T) {
	t.Parallel()
	a := access.Key{Role: access.MerchantKey, Merchant: "a/b", Till: "c"}
	b := access.Key{Role: access.MerchantKey, Merchant: "a", Till: "b/c"}
	c := access.Key{Role: access.MerchantKey, Merchant: "a%2Fb", Till: "c"}
	require.NotEqual(t, a.Caller(), b.Caller())
	require.NotEqual(t, a.Caller(), c.Caller())
}

func TestRotatedKeyDiesAtOnce(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, clearing.Test)
	old, oldText := k.issue(t, organiser) // the last organiser key may be rotated
	var fresh access.Key
	var freshText string
	k.write(t, func(tx clearing.Tx) (err error) {
		fresh, freshText, err = access.RotateKey(t.Context(), tx, k.alliance, old.ID, noon.Add(time.Hour))
		return err
	})
	_, err := access.NewKeyCache(k.db).Authenticate(t.Context(), oldText)
	require.ErrorIs(t, err, access.ErrKeyUnknown)
	known, err := access.NewKeyCache(k.db).Authenticate(t.Context(), freshText)
	require.NoError(t, err)
	require.Equal(t, old.Label, known.Label)
	require.Equal(t, old.Caller(), known.Caller())

	keys, err := access.Keys(t.Context(), k.db, k.alliance.ID, "", 10)
	require.NoError(t, err)
	require.Len(t, keys, 2)
	for _, listed := range keys {
		if listed.ID == old.ID {
			require.Equal(t, fresh.ID, listed.ReplacedBy)
			require.Equal(t, noon.Add(time.Hour), listed.RevokedAt)
		}
	}
	err = clearing.Write(t.Context(), k.db, func(tx clearing.Tx) error {
		_, _, err := access.RotateKey(t.Context(), tx, k.alliance, old.ID, noon)
		return err
	})
	require.ErrorIs(t, err, access.ErrKeyRevoked)
}

func TestRevokedKeyDiesAtOnceButNotTheLastOrganisers(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, clearing.Test)
	first, _ := k.issue(t, organiser)
	second, secondText := k.issue(t, organiser)
	m, merchantText := k.issue(t, till)
	revoke := func(id string) error {
		return clearing.Write(t.Context(), k.db, func(tx clearing.Tx) error {
			return access.RevokeKey(t.Context(), tx, k.alliance, id, noon)
		})
	}
	require.NoError(t, revoke(m.ID))
	require.NoError(t, revoke(m.ID), "twice is once")
	_, err := access.NewKeyCache(k.db).Authenticate(t.Context(), merchantText)
	require.ErrorIs(t, err, access.ErrKeyUnknown)
	require.NoError(t, revoke(first.ID))
	require.ErrorIs(t, revoke(second.ID), access.ErrLastOrganiserKey)
	_, err = access.NewKeyCache(k.db).Authenticate(t.Context(), secondText)
	require.NoError(t, err)
	require.ErrorIs(t, revoke("key_00000000000"), access.ErrKeyUnknown)
}

func TestTwoOrganisersCannotRevokeEachOther(t *testing.T) {
	t.Parallel()
	k := newKeyring(t, clearing.Test)
	first, _ := k.issue(t, organiser)
	second, _ := k.issue(t, organiser)
	results := make(chan error, 2)
	for _, id := range []string{first.ID, second.ID} {
		go func() {
			results <- clearing.Write(t.Context(), k.db, func(tx clearing.Tx) error {
				return access.RevokeKey(t.Context(), tx, k.alliance, id, noon)
			})
		}()
	}
	var refused int
	for range 2 {
		if err := <-results; err != nil {
			require.ErrorIs(t, err, access.ErrLastOrganiserKey)
			refused++
		}
	}
	require.Equal(t, 1, refused)
}

func TestDatabaseThatIsGoneIsUnavailable(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	pool := pgtest.Pool(t)
	k := keyring{db: pool, alliance: clearing.Alliance{ID: 7, Mode: clearing.Test}}
	other := newKeyring(t, clearing.Test)
	_, text := other.issue(t, organiser)
	pool.Close()
	_, err := access.NewKeyCache(k.db).Authenticate(t.Context(), text)
	require.ErrorIs(t, err, clearing.ErrUnavailable)
	err = clearing.Write(context.WithoutCancel(t.Context()), k.db, func(clearing.Tx) error { return nil })
	require.ErrorIs(t, err, clearing.ErrUnavailable)
}
