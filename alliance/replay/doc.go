// Package replay plays a scenario (the rules of a circle and a file of what
// happened in it) through the sequencer, and writes what every party is owed.
//
// The clock of a replay is the instants of its events. The events are read,
// decided and reported in pieces, so memory does not grow with the file. Nothing
// is written before the whole of it went well.
package replay
