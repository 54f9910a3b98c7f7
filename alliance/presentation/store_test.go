package presentation_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/presentation"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/migrations/pgtest"
)

func circle(t *testing.T, pool *pgxpool.Pool, code string) int64 {
	t.Helper()
	var al clearing.Alliance
	require.NoError(t, clearing.Write(t.Context(), pool, func(tx clearing.Tx) (err error) {
		al, err = clearing.CreateAlliance(t.Context(), tx, clearing.Alliance{
			Code: code, Name: code, Currency: money.MustCurrency("CNY"), Location: time.UTC, Mode: clearing.Live, CreatedAt: noon,
		})
		return err
	}))
	return al.ID
}

func TestACodeIsFoundByEitherOfItsTexts(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	here, there := circle(t, pool, "here"), circle(t, pool, "there")
	_, _, err := presentation.Find(t.Context(), pool, here, "12345678")
	require.NoError(t, err, "before there is any code")
	secret, issued, err := presentation.Issue(t.Context(), pool, here, presentation.Order{Card: "A", Merchant: "gym", Most: 1200, By: "organiser"}, noon)
	require.NoError(t, err)
	require.Equal(t, noon.Add(time.Minute), issued.ExpiresAt)
	for _, text := range []string{secret.Text, secret.Digits} {
		digest, found, err := presentation.Find(t.Context(), pool, here, text)
		require.NoError(t, err)
		require.Equal(t, issued, *found)
		require.Equal(t, issued.Digest, digest)
		_, found, err = presentation.Find(t.Context(), pool, there, text)
		require.NoError(t, err)
		require.Nil(t, found, "another circle's")
	}
	_, found, err := presentation.Find(t.Context(), pool, here, "LK:AAAAAAAAAAAAAAAAAAAAAAAAAA")
	require.NoError(t, err)
	require.Nil(t, found)
}

func TestTheDatabaseHasNoTextOfACode(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	here := circle(t, pool, "here")
	secret, _, err := presentation.Issue(t.Context(), pool, here, presentation.Order{Card: "A", By: "organiser"}, noon)
	require.NoError(t, err)
	require.NoError(t, presentation.SetPIN(t.Context(), pool, here, "A", "493817", "organiser", noon))
	var rows string
	require.NoError(t, pool.QueryRow(t.Context(), `
		SELECT (SELECT string_agg(c::text, '') FROM card_codes c) || (SELECT string_agg(p::text, '') FROM card_pins p)`).Scan(&rows))
	require.NotContains(t, rows, secret.Text[3:])
	require.NotContains(t, rows, secret.Digits)
	require.NotContains(t, rows, "493817")
}

func TestOldCodesAreDeleted(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	here := circle(t, pool, "here")
	order := presentation.Order{Card: "A", By: "organiser"}
	for range 3 {
		_, _, err := presentation.Issue(t.Context(), pool, here, order, noon)
		require.NoError(t, err)
	}
	left := func() (n int) {
		require.NoError(t, pool.QueryRow(t.Context(), `SELECT count(*) FROM card_codes`).Scan(&n))
		return n
	}
	_, _, err := presentation.Issue(t.Context(), pool, here, order, noon.Add(24*time.Hour))
	require.NoError(t, err)
	require.Equal(t, 4, left(), "for a day a till is told that a code has expired")
	_, _, err = presentation.Issue(t.Context(), pool, here, order, noon.Add(25*time.Hour))
	require.NoError(t, err)
	require.Equal(t, 2, left())
}

func TestPINs(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	here, there := circle(t, pool, "here"), circle(t, pool, "there")
	is := func(alliance int64, card, pin string) bool {
		right, err := presentation.CheckPIN(t.Context(), pool, alliance, card, pin)
		require.NoError(t, err)
		return right
	}
	printed, err := presentation.MakeNumbers(t.Context(), pool, here, 3, true, "organiser", noon)
	require.NoError(t, err)
	for _, p := range printed {
		require.False(t, presentation.Mistyped(p.Number))
		require.Regexp(t, `^[0-9]{6}$`, p.PIN)
		require.True(t, is(here, p.Number, p.PIN))
		require.False(t, is(there, p.Number, p.PIN))
	}
	require.False(t, is(here, printed[0].Number, ""))
	require.False(t, is(here, "none", "123456"))
	require.NoError(t, presentation.SetPIN(t.Context(), pool, here, printed[0].Number, "1357", "member:ann", noon))
	require.True(t, is(here, printed[0].Number, "1357"))
	require.False(t, is(here, printed[0].Number, printed[0].PIN), "the old one")
	require.NoError(t, presentation.DeletePIN(t.Context(), pool, here, printed[0].Number))
	require.False(t, is(here, printed[0].Number, "1357"))
	plain, err := presentation.MakeNumbers(t.Context(), pool, here, 2, false, "organiser", noon)
	require.NoError(t, err)
	require.Empty(t, plain[0].PIN)
	require.False(t, is(here, plain[0].Number, ""))
}
