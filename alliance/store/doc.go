// Package store reads and writes what the rule book of package alliance works on: the
// state of a circle, its setup, and what callers ask of cards, members and
// commission. All SQL about them is here; no rule is.
//
// # Loading and saving
//
// The sequencer decides commands in memory. [SetupCache.Open] gives it the state of a
// circle: before a batch is decided, what its commands name and memory lacks is read
// in one round trip; after it, what [alliance.Changes] says has changed is written
// with the batch. What was not used lately is forgotten and read again. Which cards,
// members and transactions a command names, its kind in the [alliance.Registry]
// says, so nothing here knows a command by name.
//
// # Lock order
//
// The head of the circle comes first. A batch holds it, or makes sure that nobody
// else has written since; a change of the setup locks it.
package store
