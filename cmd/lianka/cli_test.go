package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/export"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/migrations/pgtest"
)

// The commands work on a database of the test's own; --data points nowhere, so
// that none of them can find books of the machine's.

func TestWrongCommandLinesAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no command":      {nil, "expected one of"},
		"unknown command": {[]string{"settle"}, "unexpected argument settle"},
		"unknown flag":    {[]string{"version", "--loud"}, "unknown flag --loud"},
		"no out":          {[]string{"replay", "x"}, "missing flags: --out"},
		"bad until":       {[]string{"replay", "x", "--out", "y", "--until", "tomorrow"}, `--until: "tomorrow" is not a time`},
		"bad journal":     {[]string{"replay", "x", "--out", "y", "--journal", "ods"}, "--journal must be one of"},
		"no format":       {[]string{"export", "--circle", "x"}, "missing flags: --format"},
		"bad format":      {[]string{"export", "--circle", "x", "--format", "ods"}, "--format must be one of"},
		"bad log level":   {[]string{"version", "--log-level", "loud"}, "--log-level"},
		"bad database":    {[]string{"migrate", "--database-url", "postgres://host:port/x"}, "DATABASE_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := lianka(t, c.args...)
			require.Equal(t, exitRefused, code)
			require.Contains(t, errs, c.says)
			require.Empty(t, out)
		})
	}
}

func TestHelpTeaches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ command, says string }{
		{"", "Begin with: lianka demo"},
		{"replay", "circle.yaml"},
		{"audit", "Exit code 0: clean"},
		{"export", "hledger -f riverside.journal"},
		{"serve", "SIGTERM"},
		{"key issue", "The key is printed once"},
		{"migrate", "schema"},
		{"demo", "--once"},
	} {
		code, out, errs := lianka(t, append(strings.Fields(c.command), "--help")...)
		require.Equal(t, exitOK, code, c.command)
		require.Contains(t, out, c.says, c.command)
		require.Empty(t, errs, c.command)
	}
	code, out, _ := lianka(t, "version")
	require.Equal(t, exitOK, code)
	require.Regexp(t, `^lianka \d+\.\d+\.\d+ .*go`, out)
}

func TestReplaySaysWhatItDidOrWhichLineIsWrong(t *testing.T) {
	t.Parallel()
	url := pgtest.EmptyURL(t)
	story := filepath.Join("..", "..", "docs", "story")
	out := t.TempDir()
	code, printed, errs := lianka(t, "replay", story, "--out", out, "--until", "2026-11-01T00:00:00+08:00", "--database-url", url)
	require.Equal(t, exitOK, code, errs)
	require.Contains(t, printed, "riverside: 9 events")
	require.FileExists(t, filepath.Join(out, "positions.csv"))

	broken := t.TempDir()
	rules, err := os.ReadFile(filepath.Join(story, "circle.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(broken, "circle.yaml"), rules, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(broken, "events.jsonl"), []byte("{\"at\": 1}\n"), 0o600))
	out = filepath.Join(t.TempDir(), "none")
	code, printed, errs = lianka(t, "replay", broken, "--out", out, "--database-url", url)
	require.Equal(t, exitRefused, code)
	require.Contains(t, errs, "events.jsonl:1: ")
	require.Empty(t, printed)
	require.NoDirExists(t, out)

	code, _, errs = lianka(t, "replay", filepath.Join(broken, "nowhere"), "--out", out, "--database-url", url)
	require.Equal(t, exitRefused, code)
	require.Contains(t, errs, "nowhere")
}

func TestKeysAreIssuedListedRotatedAndRevoked(t *testing.T) {
	t.Parallel()
	url := []string{"--database-url", pgtest.URL(t)}
	command := func(want int, args ...string) (out, errs string) {
		t.Helper()
		code, out, errs := lianka(t, append(args, url...)...)
		require.Equal(t, want, code, errs)
		return out, errs
	}
	_, errs := command(exitRefused, "key", "issue", "pier")
	require.Contains(t, errs, "a --name")
	_, errs = command(exitRefused, "key", "issue", "pier", "--name", "Pier", "--currency", "RMB")
	require.Contains(t, errs, "--currency")
	_, errs = command(exitRefused, "key", "issue", "pier", "--name", "Pier", "--timezone", "Local")
	require.Contains(t, errs, "--timezone")

	first, errs := command(exitOK, "key", "issue", "pier", "--name", "码头", "--test")
	require.Regexp(t, `^lk_test_[0-9A-Za-z]+\n$`, first)
	require.Contains(t, errs, "Made the test circle pier")
	second, errs := command(exitOK, "key", "issue", "pier", "--label", "second")
	require.NotEqual(t, first, second)
	require.NotContains(t, errs, "Made")
	_, errs = command(exitRefused, "key", "issue", "pier", "--role", "shop")
	require.Contains(t, errs, "bound to a shop")

	_, errs = command(exitRefused, "key", "issue", "pier", "--right", "owner")
	require.Contains(t, errs, "an organiser key has no right")
	_, errs = command(exitRefused, "key", "issue", "pier", "--role", "shop", "--shop", "gym", "--till", "1", "--right", "manager")
	require.Contains(t, errs, "cashier")

	list, _ := command(exitOK, "key", "list", "pier")
	ids := regexp.MustCompile(`key_\w+`).FindAllString(list, -1)
	require.Len(t, ids, 2)
	require.NotContains(t, list, strings.TrimSpace(first))
	third, _ := command(exitOK, "key", "rotate", "pier", ids[0])
	require.Regexp(t, `^lk_test_`, third)
	command(exitOK, "key", "revoke", "pier", ids[1])
	_, errs = command(exitRefused, "key", "revoke", "pier", "key_00000000000")
	require.Contains(t, errs, "no such API key")
	list, _ = command(exitOK, "key", "list", "pier")
	require.Equal(t, 2, strings.Count(list, "revoked "))
	require.Equal(t, 1, strings.Count(list, "in force"))
}

func TestAShopKeyIsACashiersUnlessItSaysOwner(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	s := &siege{T: t}
	s.found(pool)
	url := pool.Config().ConnString()
	for _, flags := range [][]string{{"--till", "t1"}, {"--till", "t2", "--right", "cashier"}, {"--till", "office", "--right", "owner"}} {
		args := append([]string{"key", "issue", "riverside", "--role", "shop", "--shop", "cafe", "--database-url", url}, flags...)
		code, _, errs := lianka(t, args...)
		require.Equal(t, exitOK, code, errs)
	}
	code, list, errs := lianka(t, "key", "list", "riverside", "--database-url", url)
	require.Equal(t, exitOK, code, errs)
	require.Regexp(t, `KEY +ROLE +SHOP +TILL +RIGHT +LABEL`, list)
	for _, line := range []string{`shop +cafe +t1 +cashier `, `shop +cafe +t2 +cashier `, `shop +cafe +office +owner `} {
		require.Regexp(t, line, list)
	}
}

func TestAuditTellsCleanBooksFromAlteredOnes(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	url := pool.Config().ConnString()
	code, out, _ := lianka(t, "audit", "--database-url", url)
	require.Equal(t, exitOK, code)
	require.Contains(t, out, "nothing to audit")
	code, _, errs := lianka(t, "audit", "--circle", "pier", "--database-url", url)
	require.Equal(t, exitRefused, code)
	require.Contains(t, errs, `"pier"`)

	s := &siege{T: t}
	s.found(pool)
	code, out, errs = lianka(t, "audit", "--database-url", url)
	require.Equal(t, exitOK, code, errs)
	require.Equal(t, 18, strings.Count(out, "  ok  "))
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), `SET session_replication_role = replica; UPDATE transactions SET amounts[1] = amounts[1] + 1 WHERE seq = 2`)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	code, out, errs = lianka(t, "audit", "--circle", "riverside", "--database-url", url)
	require.Equal(t, exitFailed, code)
	require.Contains(t, out, "FAIL")
	require.Contains(t, out, "transaction 2")
	require.Contains(t, errs, "found faults")
}

func TestExportWritesTheJournalOfTheBooks(t *testing.T) {
	t.Parallel()
	pool := pgtest.Pool(t)
	url := pool.Config().ConnString()
	code, out, errs := lianka(t, "export", "--circle", "pier", "--format", "csv", "--database-url", url)
	require.Equal(t, exitRefused, code)
	require.Contains(t, errs, `"pier"`)
	require.Empty(t, out)

	s := &siege{T: t}
	s.found(pool)
	windows, err := window.List(t.Context(), pool, s.alliance.ID)
	require.NoError(t, err)
	for _, format := range export.Formats() {
		for _, selection := range []export.Selection{{}, {Merchant: "cafe"}, {Period: windows[0].Period}} {
			selection.Format = format
			books, err := export.Open(t.Context(), pool, s.alliance, selection)
			require.NoError(t, err)
			var want strings.Builder
			require.NoError(t, books.Write(t.Context(), &want))
			args := []string{"export", "--circle", "riverside", "--format", string(format), "--database-url", url}
			if selection.Merchant != "" {
				args = append(args, "--merchant", selection.Merchant)
			}
			if selection.Period != "" {
				args = append(args, "--period", selection.Period)
			}
			code, out, errs = lianka(t, args...)
			require.Equal(t, exitOK, code, errs)
			require.Equal(t, want.String(), out)
			file := filepath.Join(t.TempDir(), "books")
			code, out, errs = lianka(t, append(args, "--out", file)...)
			require.Equal(t, exitOK, code, errs)
			require.Empty(t, out)
			written, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, want.String(), string(written))
		}
	}
	folder := t.TempDir()
	for _, wrong := range [][]string{{"--merchant", "nowhere"}, {"--period", "2020-01"}} {
		args := []string{"export", "--circle", "riverside", "--format", "csv", "--database-url", url, "--out", filepath.Join(folder, "books")}
		code, _, errs = lianka(t, append(args, wrong...)...)
		require.Equal(t, exitRefused, code)
		require.Contains(t, errs, wrong[1])
	}
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, left)
}
