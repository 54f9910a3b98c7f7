package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/migrations/pgtest"
)

func TestALinkFromTheCommandLine(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	code, _, errs := lianka(t, "key", "issue", "pier", "--name", "Pier", "--database-url", url)
	require.Equal(t, exitOK, code, errs)
	execute(t, url, `INSERT INTO merchants (alliance_id, merchant, name, category, created_at) SELECT alliance_id, 'cafe', 'Cafe', '', now() FROM alliances`)
	execute(t, url, `INSERT INTO members (alliance_id, member, joined_seq) SELECT alliance_id, 'ann', 1 FROM alliances`)
	link := func(args ...string) (int, string, string) {
		t.Helper()
		return lianka(t, append([]string{"signin", "link", "pier", "--database-url", url}, args...)...)
	}
	for name, args := range map[string][]string{
		"organiser": {"--role", "organiser", "--name", "Lin"},
		"owner":     {"--role", "owner", "--shop", "cafe"},
		"cashier":   {"--role", "cashier", "--shop", "cafe", "--till", "1"},
		"member":    {"--role", "member", "--member", "ann"},
	} {
		code, out, errs := link(args...)
		require.Equal(t, exitOK, code, "%s: %s", name, errs)
		require.Regexp(t, `^http://localhost:8080/sign-in/lk_link_[\w-]{70}\n$`, out, name)
		require.Contains(t, errs, "once, until")
		require.NotContains(t, errs, "will not work", name)
	}
	code, out, errs := link("--role", "organiser", "--name", "Lin", "--public-url", "http://10.0.0.5:8080")
	require.Equal(t, exitOK, code, errs)
	require.Regexp(t, `^http://10.0.0.5:8080/sign-in/`, out)
	require.Contains(t, errs, "will not work at this address")

	for says, args := range map[string][]string{
		"--shop names":   {"--role", "owner"},
		"--till names":   {"--role", "cashier", "--shop", "cafe"},
		"--member names": {"--role", "member"},
		"--name is":      {"--role", "member", "--member", "ann", "--name", "Ann"},
		"no such shop":   {"--role", "owner", "--shop", "pier"},
		"bob":            {"--role", "member", "--member", "bob"},
		"--public-url":   {"--role", "organiser", "--public-url", "ftp://x"},
		"--role":         {},
	} {
		code, out, errs := link(args...)
		require.Equal(t, exitRefused, code, "%v: %s", args, errs)
		require.Contains(t, errs, says)
		require.Empty(t, out)
	}
}
