package export_test

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/export"
	"github.com/lianka/lianka/clearing/window"
	"github.com/lianka/lianka/merchant"
	"github.com/lianka/lianka/migrations/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// books are those of a circle after a scenario.
type books struct {
	*testing.T
	pool     *pgxpool.Pool
	alliance clearing.Alliance
}

// playScenario replays a scenario and returns its books.
func playScenario(t *testing.T, name string) *books {
	t.Helper()
	folder := filepath.Join("..", "..", "alliance", "scenario", "testdata", name)
	if name == "story" {
		folder = filepath.Join("..", "..", "docs", "story")
	}
	text, err := os.ReadFile(filepath.Join(folder, "until"))
	require.NoError(t, err)
	until, err := scenario.ParseInstant([]byte(strings.TrimSpace(string(text))))
	require.NoError(t, err)
	return play(t, folder, until)
}

func play(t *testing.T, folder string, until time.Time) *books {
	t.Helper()
	pool := pgtest.Pool(t)
	summary, err := replay.Run(t.Context(), pool, replay.Options{Scenario: folder, Out: t.TempDir(), Until: until}, time.Now)
	require.NoError(t, err)
	return &books{t, pool, summary.Alliance}
}

// merchants returns the codes of the circle's shops.
func (b *books) merchants() []string {
	b.Helper()
	merchants, err := merchant.Merchants(b.Context(), b.pool, b.alliance.ID, b.alliance.Currency)
	require.NoError(b, err)
	return slices.Sorted(maps.Keys(merchants))
}

// periods returns the months of the circle, the oldest first.
func (b *books) periods() []string {
	b.Helper()
	windows, err := window.List(b.Context(), b.pool, b.alliance.ID)
	require.NoError(b, err)
	var periods []string
	for _, w := range slices.Backward(windows) {
		periods = append(periods, w.Period)
	}
	return periods
}

// journal returns a journal's text.
func (b *books) journal(s export.Selection) string {
	b.Helper()
	j, err := export.Open(b.Context(), b.pool, b.alliance, s)
	require.NoError(b, err)
	var text bytes.Buffer
	require.NoError(b, j.Write(b.Context(), &text))
	return text.String()
}

// program skips a test where one of these programs is not installed, or with -short:
// they take their time.
func program(t *testing.T, names ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("long")
	}
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed: on Debian, apt-get install hledger beancount", name)
		}
	}
}

// hledger runs hledger on a journal and returns what it prints.
func hledger(t *testing.T, text string, args ...string) string {
	t.Helper()
	return output(t, "hledger", append([]string{"-f", saved(t, "books.journal", text)}, args...)...)
}

// beanCheck requires that bean-check finds nothing wrong.
func beanCheck(t *testing.T, text string) {
	t.Helper()
	require.Empty(t, output(t, "bean-check", saved(t, "books.beancount", text)))
}

func saved(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	// Both programs read names of any script only in a UTF-8 locale.
	command.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	printed, err := command.CombinedOutput()
	require.NoError(t, err, "%s: %s", name, printed)
	return string(printed)
}

// run is output for a program that may refuse.
func run(t *testing.T, name string, args ...string) error {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	return command.Run()
}
