package replay_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/alliance/scenario"
	"github.com/lianka/lianka/migrations/pgtest"
)

// written writes a scenario of some events in the circle of another.
func written(t *testing.T, circle string, events ...string) string {
	t.Helper()
	dir := t.TempDir()
	text, err := os.ReadFile(filepath.Join("..", "scenario", "testdata", circle, "circle.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "circle.yaml"), text, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "events.jsonl"), []byte(strings.Join(events, "\n")+"\n"), 0o600))
	return dir
}

func TestAnEventOfGrowthIsReplayedInACircleWithoutSuchRules(t *testing.T) {
	t.Parallel()
	dir := written(t, "corners",
		`{"at":"2026-10-01T09:00:00+08:00","id":"a","type":"card.sold","card":"A","member":"ann","product":"explorer"}`,
		`{"at":"2026-10-01T09:00:01+08:00","id":"b","type":"card.replaced","card":"A","new_card":"B"}`,
		`{"at":"2026-10-01T09:00:01+08:00","id":"b","type":"card.replaced","card":"A","new_card":"B"}`,
		`{"at":"2026-10-01T09:00:01+08:00","id":"b","type":"card.replaced","card":"A","new_card":"C"}`)
	out := t.TempDir()
	summary, err := play(t, pgtest.Pool(t), replay.Options{Scenario: dir, Out: out})
	require.NoError(t, err)
	require.Equal(t, []int{4, 1}, []int{summary.Events, summary.Rejections})
	rejections, err := os.ReadFile(filepath.Join(out, "rejections.csv"))
	require.NoError(t, err)
	require.Equal(t, "id,code\nb,idempotency_conflict\n", string(rejections))
	files, err := os.ReadDir(out)
	require.NoError(t, err)
	require.Len(t, files, 6, "nothing was held, and the circle has no such sections")
}

func TestABrokenLineOfGrowthIsRefusedAndNothingWritten(t *testing.T) {
	t.Parallel()
	dir := written(t, "growth-hands",
		`{"at":"2026-10-01T09:00:00+08:00","id":"a","type":"card.sold","card":"A","member":"ann","product":"plain"}`,
		`{"at":"2026-10-01T09:00:01+08:00","id":"b","type":"card.refunded","card":"A","ground":"rain"}`)
	out := filepath.Join(t.TempDir(), "out")
	_, err := play(t, pgtest.Pool(t), replay.Options{Scenario: dir, Out: out})
	var refused *scenario.FileError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, 2, refused.Line)
	require.NoDirExists(t, out)
}

func TestGrowthUntilBeforeTheFirstEventLeavesEmptyFiles(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("long")
	}
	dir, _ := folder(t, "growth-tiers")
	out := t.TempDir()
	_, err := play(t, pgtest.Pool(t), replay.Options{Scenario: dir, Out: out, Until: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	tiers, err := os.ReadFile(filepath.Join(out, "tiers.csv"))
	require.NoError(t, err)
	require.Equal(t, "card,tier,growth\n", string(tiers))
	require.NoFileExists(t, filepath.Join(out, "holds.csv"))
}
