package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/migrations/pgtest"
)

func TestFlagsThatAreNoCodesAreRefused(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	for _, wrong := range []string{"a\x00b", "\xff", "pier ", "\u202epier", "pi\u200ber", "\tpier", strings.Repeat("x", 129)} {
		for _, args := range [][]string{
			{"key", "issue", wrong, "--name", "Pier"}, {"key", "list", wrong}, {"key", "rotate", wrong, "key_00000000000"}, {"key", "revoke", wrong, "key_00000000000"},
			{"key", "issue", "pier", "--role", "shop", "--shop", wrong, "--till", "1"}, {"key", "issue", "pier", "--role", "shop", "--shop", "cafe", "--till", wrong},
			{"audit", "--circle", wrong}, {"export", "--format", "csv", "--circle", wrong},
			{"export", "--format", "csv", "--circle", "pier", "--merchant", wrong}, {"export", "--format", "csv", "--circle", "pier", "--period", wrong},
		} {
			code, out, errs := lianka(t, append(args, "--database-url", url)...)
			require.Equal(t, exitRefused, code, "%q: %s", args, errs)
			require.Empty(t, out)
		}
	}
	for _, wrong := range []string{"a\x00b", "\xff", "a\nb", strings.Repeat("x", 257)} {
		for _, args := range [][]string{{"key", "issue", "pier", "--name", wrong}, {"key", "issue", "pier", "--name", "Pier", "--label", wrong}} {
			code, _, errs := lianka(t, append(args, "--database-url", url)...)
			require.Equal(t, exitRefused, code, "%q: %s", args, errs)
		}
	}
	for _, wrong := range []string{"a\x00b", "\xff"} {
		for _, args := range [][]string{
			{"key", "issue", "pier", "--name", "Pier", "--currency", wrong}, {"key", "issue", "pier", "--name", "Pier", "--timezone", wrong},
			{"key", "revoke", "pier", wrong}, {"replay", wrong, "--out", t.TempDir()}, {"replay", "x", "--out", t.TempDir(), "--until", wrong},
		} {
			code, _, errs := lianka(t, append(args, "--database-url", url)...)
			require.Equal(t, exitRefused, code, "%q: %s", args, errs)
		}
	}
	code, _, errs := lianka(t, "key", "issue", "ｐｉｅｒ", "--name", "Pier", "--database-url", url)
	require.Equal(t, exitOK, code, errs)
	code, _, errs = lianka(t, "key", "list", "pier", "--database-url", url)
	require.Equal(t, exitOK, code, "a full-width form is the same circle: %s", errs)
}

// TestHostileFilesAreRefusedOrPlayed: whatever a scenario says, it is played or refused with its line, and nothing breaks.
func TestHostileFilesAreRefusedOrPlayed(t *testing.T) {
	t.Parallel()
	url := pgtest.EmptyURL(t)
	rules, err := os.ReadFile(filepath.Join("..", "..", "docs", "story", "circle.yaml"))
	require.NoError(t, err)
	const sold = `{"at":"2026-10-01T09:00:00+08:00","id":"e1","type":"card.sold","card":"c1","member":"bo","product":"explorer","merchant":"gym"}`
	long := strings.Repeat("x", 5000)
	for name, test := range map[string]struct{ circle, events string }{
		"NUL in the rules":   {strings.Replace(string(rules), "山丘咖啡", `"a\0b"`, 1), sold},
		"raw NUL":            {string(rules) + "\x00", sold},
		"year 0000":          {string(rules), strings.Replace(sold, "2026-10-01", "0000-01-01", 1)},
		"year 1000":          {string(rules), strings.Replace(sold, "2026-10-01", "1000-01-01", 1)},
		"last of year 9000":  {string(rules), strings.Replace(sold, "2026-10-01", "9000-12-31", 1)},
		"year 9999":          {string(rules), strings.Replace(sold, "2026-10-01T09:00:00+08:00", "9999-12-31T23:59:59-23:59", 1)},
		"NUL in a card":      {string(rules), strings.Replace(sold, "c1", `c\u0000`, 1)},
		"long card":          {string(rules), strings.Replace(sold, "c1", long, 1)},
		"long id":            {string(rules), strings.Replace(sold, "e1", long, 1)},
		"long member":        {string(rules), strings.Replace(sold, `"bo"`, `"`+long+`"`, 1)},
		"huge numbers":       {string(rules), sold + "\n" + `{"at":"2026-10-01T09:00:01+08:00","id":"e2","type":"points.spent","card":"c1","merchant":"gym","points":9223372036854775807}`},
		"a second bob":       {string(rules), strings.Replace(sold, `"bo"`, `"bo "`, 1)},
		"days out of bounds": {strings.Replace(string(rules), "hold_days: 7", "hold_days: 9223372036854775807", 1), sold},
	} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "circle.yaml"), []byte(test.circle), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "events.jsonl"), []byte(test.events+"\n"), 0o600))
		code, _, errs := lianka(t, "replay", dir, "--out", filepath.Join(dir, "out"), "--database-url", url)
		require.Contains(t, []int{exitOK, exitRefused}, code, "%s: %s", name, errs)
		if code == exitRefused {
			require.Regexp(t, `(circle\.yaml|events\.jsonl)`, errs, name)
		}
	}
}
