package api

import (
	"maps"
	"slices"
)

// CommandKinds returns what a command of a batch may be.
func CommandKinds() []string {
	return slices.Collect(maps.Keys(commandReaders(nil)))
}

// MaxJournals is how many journals are sent at once.
const MaxJournals = maxJournals
