package main

import "time"

// plan says how much is measured.
type plan struct {
	short       bool
	lean        bool
	noYardstick bool
	window      time.Duration // how long a subject is measured in a turn
	yardstick   time.Duration
	pairs       int
	disk        int64 // bytes that must be free

	serverProfile string

	standardCards int
	smallDatasets int
	replayEvents  int
	replayCards   int

	// The large circle has months of history, the last of which is closed.
	largeCards     int
	largeMerchants int
	largeEntries   int // in all
	monthEntries   int // of the last month
}

func (c *benchCommand) plan() plan {
	p := plan{
		window: 1500 * time.Millisecond, yardstick: 3 * time.Second, pairs: pairs, disk: 24 << 30,
		standardCards: 100_000, smallDatasets: 100, replayEvents: 1_000_000, replayCards: 50_000,
		largeCards: 1_000_000, largeMerchants: 1_000, largeEntries: 20_000_000, monthEntries: 5_000_000,
	}
	if c.Short {
		p = plan{
			short: true, lean: true, window: 1500 * time.Millisecond, yardstick: 2 * time.Second, pairs: 3, disk: 6 << 30,
			standardCards: 20_000, smallDatasets: 20, replayEvents: 60_000, replayCards: 5_000,
			largeCards: 40_000, largeMerchants: 200, largeEntries: 1_600_000, monthEntries: 1_000_000,
		}
	}
	if c.Window > 0 {
		p.window = time.Duration(c.Window * float64(time.Second))
		p.yardstick = max(p.window, time.Second).Truncate(time.Second)
	}
	if c.Pairs > 0 {
		p.pairs = c.Pairs
	}
	p.lean = p.lean || c.Lean
	p.noYardstick, p.serverProfile = c.NoYardstick, c.ServerCPUProfile
	return p
}

// skips says whether the run leaves a block out: the ledger of a short run is too
// small to show growth.
func (p plan) skips(block string) bool {
	return p.short && (block == "growth" || block == "reads")
}
