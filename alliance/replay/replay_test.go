package replay_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/clearing/export"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// folder returns where a worked scenario lies, and until when it was worked out.
func folder(t *testing.T, name string) (string, time.Time) {
	t.Helper()
	dir := filepath.Join("..", "scenario", "testdata", name)
	if name == "story" { // the one that the README tells
		dir = filepath.Join("..", "..", "docs", "story")
	}
	text, err := os.ReadFile(filepath.Join(dir, "until"))
	require.NoError(t, err)
	until, err := scenario.ParseInstant([]byte(strings.TrimSpace(string(text))))
	require.NoError(t, err)
	return dir, until
}

func play(t *testing.T, pool *pgxpool.Pool, o replay.Options) (replay.Summary, error) {
	t.Helper()
	return replay.Run(t.Context(), pool, o, time.Now)
}

func TestTheWorkedScenariosMatchToTheByte(t *testing.T) {
	t.Parallel()
	for _, name := range allScenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, until := folder(t, name)
			out := filepath.Join(t.TempDir(), "made", "on", "the", "way")
			_, err := play(t, pgtest.Pool(t), replay.Options{Scenario: dir, Out: out, Until: until})
			require.NoError(t, err)
			requireExpected(t, dir, out)
		})
	}
}

// copied copies the corners scenario with one of its files changed.
func copied(t *testing.T, file string, change func(string) string) string {
	t.Helper()
	dir, _ := folder(t, "corners")
	made := t.TempDir()
	for _, name := range []string{"circle.yaml", "events.jsonl"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		if name == file {
			text = []byte(change(string(text)))
		}
		require.NoError(t, os.WriteFile(filepath.Join(made, name), text, 0o600))
	}
	return made
}

func TestABrokenFileIsRefusedAndNothingWritten(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file   string
		change func(string) string
		line   int
	}{
		"rules":         {"circle.yaml", func(s string) string { return strings.Replace(s, `"0.10"`, `"0.97"`, 1) }, 3},
		"the last line": {"events.jsonl", func(s string) string { return s + "nonsense\n" }, 42},
		"after until":   {"events.jsonl", func(s string) string { return s + `{"at":"2027-01-01T00:00:00Z","id":"x","type":"card.sold"}` + "\n" }, 42},
		"time":          {"events.jsonl", func(s string) string { return strings.Replace(s, "2026-10-02T09:01", "2026-10-01T09:01", 1) }, 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "out")
			_, until := folder(t, "corners")
			_, err := play(t, pgtest.Pool(t), replay.Options{Scenario: copied(t, c.file, c.change), Out: out, Until: until})
			var refused *scenario.FileError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, c.line, refused.Line)
			require.NoDirExists(t, out)
			rest, err := os.ReadDir(filepath.Dir(out))
			require.NoError(t, err)
			require.Empty(t, rest, "a draft was left behind")
		})
	}
}

func TestUntilBeforeTheFirstEventLeavesEmptyFiles(t *testing.T) {
	t.Parallel()
	dir, _ := folder(t, "corners")
	out := t.TempDir()
	summary, err := play(t, pgtest.Pool(t), replay.Options{Scenario: dir, Out: out, Until: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	require.Zero(t, summary.Events)
	cards, err := os.ReadFile(filepath.Join(out, "cards.csv"))
	require.NoError(t, err)
	require.Equal(t, "card,status,value,bonus,points,pool\n", string(cards))
	balance, err := os.ReadFile(filepath.Join(out, "trial_balance.csv"))
	require.NoError(t, err)
	require.Equal(t, 11, strings.Count(string(balance), "\n"))
	require.Equal(t, 10, strings.Count(string(balance), ",0.00\n"))
}

func TestTheJournalIsThatOfTheBooks(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	dir, until := folder(t, "story")
	for _, format := range export.Formats() {
		pool, out := pgtest.Pool(t), t.TempDir()
		summary, err := play(t, pool, replay.Options{Scenario: dir, Out: out, Until: until, Journal: format})
		require.NoError(t, err)
		written, err := os.ReadFile(filepath.Join(out, "journal."+string(format)))
		require.NoError(t, err)
		books, err := export.Open(t.Context(), pool, summary.Alliance, export.Selection{Format: format})
		require.NoError(t, err)
		var want bytes.Buffer
		require.NoError(t, books.Write(t.Context(), &want))
		require.Equal(t, want.String(), string(written))
		files, err := os.ReadDir(out)
		require.NoError(t, err)
		require.Len(t, files, 7)
	}
}

func TestAResultReplacesTheOneBefore(t *testing.T) {
	t.Parallel()
	dir, until := folder(t, "corners")
	out := t.TempDir()
	for range 2 {
		_, err := play(t, pgtest.Pool(t), replay.Options{Scenario: dir, Out: out, Until: until})
		require.NoError(t, err)
	}
	files, err := os.ReadDir(out)
	require.NoError(t, err)
	require.Len(t, files, 6)
}
