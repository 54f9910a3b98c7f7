package main

import (
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/api"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/migrations/pgtest"
)

// runningServer returns the address of a server over the books of a pool.
func runningServer(t *testing.T, pool *pgxpool.Pool) string {
	t.Helper()
	h, err := open(&database{pool: pool, url: pool.Config().ConnString()}, slog.New(slog.DiscardHandler), api.Config{})
	require.NoError(t, err)
	listening := httptest.NewServer(h.api)
	t.Cleanup(listening.Close)
	return listening.URL
}

func makeAlliance(t *testing.T, pool *pgxpool.Pool, code string, mode clearing.Mode) (key string) {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	currency, err := money.ParseCurrency("CNY")
	require.NoError(t, err)
	require.NoError(t, pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		alliance, err := clearing.CreateAlliance(t.Context(), tx, clearing.Alliance{
			Code: code, Name: "码头", Currency: currency, Location: zone, Mode: mode, CreatedAt: time.Date(2027, time.January, 20, 15, 0, 0, 0, zone),
		})
		if err != nil {
			return err
		}
		_, key, err = access.IssueKey(t.Context(), tx, alliance, access.KeySpec{Role: access.OrganiserKey}, time.Now())
		return err
	}))
	return key
}

func TestTheDemoIsPlayedIntoARunningServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	pool := pgtest.Pool(t)
	url := runningServer(t, pool)
	seed := func(args ...string) (int, string, string) {
		return lianka(t, append([]string{"demo", "--members", "4", "--into", url}, args...)...)
	}

	// With the database a circle is made in it, a new one each time.
	for _, code := range []string{"riverside", "riverside-2"} {
		exit, out, errs := seed("--database-url", pool.Config().ConnString())
		require.Equal(t, exitOK, exit, errs)
		require.Contains(t, out, "raw entries: "+code+": ")
		require.Contains(t, out, url+"/v1/settlements/2026-10")
	}

	// With a key the story is told through the API alone, from the next month of the circle's clock.
	key := makeAlliance(t, pool, "pier", clearing.Test)
	exit, out, errs := seed("--key", key)
	require.Equal(t, exitOK, exit, errs)
	require.NotContains(t, out, "raw entries")
	require.Contains(t, out, url+"/v1/settlements/2027-03")
	exit, _, errs = seed("--key", key)
	require.Equal(t, exitRefused, exit)
	require.Contains(t, errs, "pier has shops already")
}

func TestTheDemoIsNotPlayedIntoALiveCircle(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	url, key := runningServer(t, pool), makeAlliance(t, pool, "pier", clearing.Live)
	code, out, errs := lianka(t, "demo", "--into", url, "--key", key)
	require.Equal(t, exitRefused, code)
	require.Contains(t, errs, "pier is a live one")
	require.Empty(t, out)
	var rows int
	require.NoError(t, pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM terms) + (SELECT count(*) FROM transactions)`).Scan(&rows))
	require.Zero(t, rows, "nothing was changed")
}

func TestTheDemoNeedsAServerToBePlayedInto(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	nowhere := "http://" + listener.Addr().String()
	require.NoError(t, listener.Close())
	for says, args := range map[string]string{
		"connection refused":   "--wait 1s --into " + nowhere + " --key k",
		"name the server with": "--key k",
		"server of the demo's": "--once --into " + nowhere,
	} {
		code, out, errs := lianka(t, append([]string{"demo"}, strings.Fields(args)...)...)
		require.Equal(t, exitRefused, code, errs)
		require.Contains(t, errs, says)
		require.Empty(t, out)
	}
}
