package replay

import (
	"os"
	"path/filepath"
	"time"

	"github.com/lianka/lianka/alliance/scenario"
)

// RunInMemory replays any scenario in memory.
func RunInMemory(o Options) (Summary, error) {
	written, err := scenario.ReadAlliance(filepath.Join(o.Scenario, "circle.yaml"))
	if err != nil {
		return Summary{}, err
	}
	events, err := os.Open(filepath.Join(o.Scenario, "events.jsonl"))
	if err != nil {
		return Summary{}, err
	}
	defer func() { _ = events.Close() }()
	return runInMemory(written, events, o, time.Now)
}
