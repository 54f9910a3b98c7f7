package replay_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/audit"
	"github.com/lianka/lianka/alliance/replay"
	"github.com/lianka/lianka/migrations/pgtest"
)

// allScenarios are the worked ones.
var allScenarios = []string{
	"corners", "riverside", "at-use", "story",
	"growth-hands", "growth-tiers", "growth-town-a", "growth-town-b", "growth-town-c", "growth-town-d",
}

// requireExpected compares the files of a replay with those that were worked out.
func requireExpected(t *testing.T, dir, out string) {
	t.Helper()
	expected, err := os.ReadDir(filepath.Join(dir, "expected"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(expected), 6)
	written, err := os.ReadDir(out)
	require.NoError(t, err)
	require.Len(t, written, len(expected))
	for _, file := range expected {
		want, err := os.ReadFile(filepath.Join(dir, "expected", file.Name()))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(out, file.Name()))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), file.Name())
	}
}

// requireSound audits a circle.
func requireSound(t *testing.T, pool *pgxpool.Pool, allianceID int64) {
	t.Helper()
	report, err := audit.Run(t.Context(), pool, alliance.Standard(), allianceID)
	require.NoError(t, err)
	for _, c := range report.Checks {
		require.Empty(t, c.Named, c.Name)
	}
}

// TestTheWorkedScenariosThroughTheDatabase plays what is known to be right through sequencers
// that remember next to nothing, in batches of any size, each of which may be the last that a
// process writes: all that the next one decides by comes out of the database.
func TestTheWorkedScenariosThroughTheDatabase(t *testing.T) {
	t.Parallel()
	for i, name := range allScenarios {
		for _, remember := range []int{0, 7, 10_000} {
			t.Run(fmt.Sprintf("%s remembering %d", name, remember), func(t *testing.T) {
				t.Parallel()
				dir, until := folder(t, name)
				pool, out := pgtest.Pool(t), t.TempDir()
				random := rand.New(rand.NewPCG(uint64(i), uint64(remember)))
				summary, err := replay.RunInPieces(t.Context(), pool, replay.Options{
					Scenario: dir, Out: out, Until: until,
				}, replay.Pieces{Remember: remember, Size: func() int { return 1 + random.IntN(60) }, Restart: func() bool { return random.IntN(4) == 0 }})
				require.NoError(t, err)
				requireExpected(t, dir, out)
				requireSound(t, pool, summary.Alliance.ID)
			})
		}
	}
}
