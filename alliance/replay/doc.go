// Package replay plays a scenario (the rules of a circle and a file of what
// happened in it) through the sequencer, and writes what every party is owed.
//
// The events are the clock of a replay. They are read, decided and reported in pieces,
// so memory does not grow with the file. No file is written unless all of it succeeds.
package replay
