package keyring_test

import (
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/people/keyring"
)

func newRing(t *testing.T) *keyring.Ring {
	t.Helper()
	r, err := keyring.New()
	require.NoError(t, err)
	return r
}

func wrapped(t *testing.T, r *keyring.Ring) (key *keyring.Key, wrapped []byte) {
	t.Helper()
	key, err := keyring.NewKey()
	require.NoError(t, err)
	wrapped, err = r.Wrap(key, "harbour/ann")
	require.NoError(t, err)
	return key, wrapped
}

func TestWhatAPersonsKeySealsItAloneOpens(t *testing.T) {
	t.Parallel()
	r := newRing(t)
	key, inRows := wrapped(t, r)
	sealed, err := key.Seal([]byte("安然"), "details")
	require.NoError(t, err)
	require.NotContains(t, string(sealed), "安然")
	again, err := r.Unwrap(inRows, "harbour/ann")
	require.NoError(t, err)
	text, err := again.Open(sealed, "details")
	require.NoError(t, err)
	require.Equal(t, "安然", string(text))

	_, err = again.Open(sealed, "payout")
	require.ErrorIs(t, err, keyring.ErrUnreadable, "in another place")
	_, err = r.Unwrap(inRows, "harbour/bob")
	require.ErrorIs(t, err, keyring.ErrUnreadable, "as another person's")
	_, err = newRing(t).Unwrap(inRows, "harbour/ann")
	require.ErrorIs(t, err, keyring.ErrUnreadable, "with another master key")
	other, _ := wrapped(t, r)
	_, err = other.Open(sealed, "details")
	require.ErrorIs(t, err, keyring.ErrUnreadable, "with another person's key")
}

func TestARotatedRingReadsWhatTheOlderWrote(t *testing.T) {
	t.Parallel()
	old := newRing(t)
	_, inRows := wrapped(t, old)
	oldIndex, err := old.Index("telephone", "+8613800138000")
	require.NoError(t, err)
	both, err := old.Rotated()
	require.NoError(t, err)
	require.NotEqual(t, old.Fingerprint(), both.Fingerprint())
	require.True(t, both.Holds(old.Fingerprint()))
	require.True(t, both.Rotating())
	key, err := both.Unwrap(inRows, "harbour/ann")
	require.NoError(t, err)
	indexes, err := both.Indexes("telephone", "+8613800138000")
	require.NoError(t, err)
	require.Len(t, indexes, 2)
	require.Contains(t, indexes, oldIndex)

	newest, err := both.Newest()
	require.NoError(t, err)
	require.Equal(t, both.Fingerprint(), newest.Fingerprint())
	require.False(t, newest.Rotating())
	require.False(t, newest.Holds(old.Fingerprint()))
	_, err = newest.Unwrap(inRows, "harbour/ann")
	require.ErrorIs(t, err, keyring.ErrUnreadable)
	again, err := both.Wrap(key, "harbour/ann")
	require.NoError(t, err)
	_, err = newest.Unwrap(again, "harbour/ann")
	require.NoError(t, err)
}

func TestAnIndexIsOfItsPurposeAndItsKey(t *testing.T) {
	t.Parallel()
	r := newRing(t)
	index := func(r *keyring.Ring, purpose, text string) string {
		found, err := r.Index(purpose, text)
		require.NoError(t, err)
		return string(found)
	}
	require.Equal(t, index(r, "a", "x"), index(r, "a", "x"))
	require.Len(t, index(r, "a", "x"), 32)
	require.NotEqual(t, index(r, "a", "x"), index(r, "b", "x"))
	require.NotEqual(t, index(r, "a", "x"), index(r, "a", "y"))
	require.NotEqual(t, index(r, "a", "x"), index(newRing(t), "a", "x"))
}

func TestATextIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	r := newRing(t)
	text, err := r.Text()
	require.NoError(t, err)
	for _, form := range []string{text, " " + text, base64.StdEncoding.EncodeToString([]byte(text))} {
		again, err := keyring.Parse(form)
		require.NoError(t, err)
		require.Equal(t, r.Fingerprint(), again.Fingerprint())
	}
	for _, wrong := range []string{"", "{}", "hello", `{"wrapping": {}, "index": {}}`, text[:len(text)/2]} {
		_, err := keyring.Parse(wrong)
		require.ErrorIs(t, err, keyring.ErrNoRing)
		require.NotContains(t, err.Error(), `"wrapping"`)
	}
}

func TestTheFileIsForItsOwnerAndIsNeverWrittenOver(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "master-key.json")
	made, err := keyring.ReadOrMakeFile(name)
	require.NoError(t, err)
	info, err := os.Stat(name)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	again, err := keyring.ReadOrMakeFile(name)
	require.NoError(t, err)
	require.Equal(t, made.Fingerprint(), again.Fingerprint())
	_, err = keyring.MakeFile(name)
	require.ErrorIs(t, err, fs.ErrExist)

	rotated, err := made.Rotated()
	require.NoError(t, err)
	require.NoError(t, keyring.ReplaceFile(name, rotated))
	again, err = keyring.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, rotated.Fingerprint(), again.Fingerprint())
	left, err := os.ReadDir(filepath.Dir(name))
	require.NoError(t, err)
	require.Len(t, left, 1, "nothing is left beside it")

	require.NoError(t, os.Chmod(name, 0o644))
	_, err = keyring.ReadFile(name)
	require.ErrorIs(t, err, keyring.ErrExposed)
}
