// Package tuning sets the Go runtime up for what this program does.
package tuning

import (
	"os"
	"runtime"
	"runtime/debug"
)

const (
	// percent is how much garbage there may be for what is in use. Commands leave
	// much behind and little of it lives, so that with Go's own 100 a quarter of the
	// processor was spent on collecting.
	percent = 400
	// limit is from where on, in bytes, it collects more often instead; small is
	// that for a replay, which should not grow with its file.
	limit = 192 << 20
	small = 88 << 20
)

// Tune sets the garbage collector and the scheduler up, but for what GOGC,
// GOMEMLIMIT and GOMAXPROCS say. The scheduler may run one thread more than there
// are processors: else an answer of the database is not looked at before all
// callers who are ready have had their turn, and the database waits meanwhile.
func Tune() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
	limitMemory(limit)
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	}
}

// StaySmall makes the garbage collector keep memory small, at some cost, but for
// what GOMEMLIMIT says.
func StaySmall() { limitMemory(small) }

func limitMemory(bytes int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bytes)
	}
}
