// Package tuning sets the Go runtime up for what a program does. GOGC, GOMEMLIMIT and
// GOMAXPROCS take precedence.
package tuning

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

const (
	// percent is GOGC. Commands allocate much and little of it lives: with Go's
	// default of 100 a quarter of the processor time went into collecting.
	percent = 400
	// serving is from where on, in bytes, a server collects more often instead. It
	// is well above what the sequencer remembers.
	serving = 224 << 20
	// replaying is that of a replay, which should not grow with its file.
	replaying = 88 << 20
)

// Measure is for a process that is a server and all its callers at once.
func Measure() {
	Serve()
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(math.MaxInt64) // for its callers remember much themselves
	}
}

// Serve is for a server. It may run one thread more than there are processors.
// Otherwise an answer of the database waits until all callers that are ready have run,
// and the database is idle meanwhile.
func Serve() {
	collect(serving)
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	}
}

// Replay is for a replay, which stays small at some cost.
func Replay() { collect(replaying) }

func collect(limit int64) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit)
	}
}

// Fold is for what holds a whole circle in memory, until the function that it
// returns is called.
func Fold() (done func()) {
	before, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(math.MaxInt64)
	}
	return func() {
		debug.SetGCPercent(before)
		debug.SetMemoryLimit(limit)
	}
}
