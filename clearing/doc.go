// Package clearing is the clearing house: the sequencer that puts a circle's
// commands in one order and books them, the settlement windows, and the netting
// at month-end.
//
// # The batch is the one idea
//
// A command does not get a database transaction of its own. Commands of a circle
// that arrive while the last batch commits form the next one; one database
// transaction then
//
//  1. locks the circle's head row, so that nobody else decides meanwhile, in
//     this process or another;
//  2. looks up the idempotency keys, which under READ COMMITTED sees whatever the
//     lock waited for;
//  3. loads the rows that the commands name, and runs the rule book in memory,
//     command after command, in the order of arrival;
//  4. writes what came out of it with a few set-based statements and commits;
//
// and each caller gets its own result. There is no timer and no size to tune: a
// batch is what is there, and a batch of one does not wait.
//
// # Time
//
// The package reads no clock: an [Order] carries its instant. Time in a circle
// never goes back, and work that falls due at or before an instant is done
// before the first command at that instant: releases and expiries by the rule
// book, then the cut-off of the window. So it does not matter when, how often or
// by whom a circle is told that time has passed.
//
// # Lock order
//
// heads, then everything else. Nothing is written to a circle without its head
// row locked, so nothing else can wait for anything.
//
// # The life of a window
//
//	open ──cut-off──▶ closed
//
// The first command opens the window of its month. The cut-off nets every
// party's position, pays the commissions that are due, snapshots both, closes
// the window with its last transaction and opens the next. Nothing enters a
// closed window; corrections go to the open one.
package clearing
