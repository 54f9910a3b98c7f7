// Package store reads and writes what the rules of package alliance work on: the state
// of a circle, its setup, and what callers ask about cards, members and commission. It
// has all the SQL about them, and no rule.
//
// # Loading and saving
//
// The sequencer decides commands in memory. [SetupCache.Open] gives it the state of a
// circle. Before a batch is decided, whatever its commands name that is not in memory
// is read in one round trip. The batch then writes what [alliance.Changes] lists. State
// that was not used lately is forgotten and read again when it is needed. The kinds in
// the [alliance.Registry] say what a command names, so nothing here knows a command.
//
// # Lock order
//
// The head of the circle comes first. A batch locks it, or checks that nobody else has
// written since; a change of the setup locks it.
package store
