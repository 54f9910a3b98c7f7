// Package clearing is the clearing house: the sequencer that puts a circle's
// commands in one order and books them, the settlement windows, and the netting
// at month-end.
//
// # The batch is the one idea
//
// A command does not get a database transaction of its own. While one batch is
// being written, the commands that arrive are decided into the next, in the order
// of arrival, by the rule book in memory; when the one is on disk its callers get
// their results and the other departs. So
//
//   - a batch is what arrived while the last one was written: there is no timer and
//     no size to tune, and a batch of one does not wait;
//   - the database and the rule book work at the same time;
//   - a batch is one round trip: a few set-based statements and the commit.
//
// What makes it safe to decide before the batch before is on disk:
//
//   - A process remembers a circle as its last batch leaves it, and each batch
//     begins by locking the circle's head row at the version that the memory has.
//     If somebody else has written, in this process or another, the batch does
//     nothing, the memory is dropped, and its orders, with those decided upon them,
//     are decided again: under the lock, from what the database says.
//   - Nobody is answered before the batch is on disk, nor any batch before the one
//     that it was decided upon.
//   - A key that memory does not know is a new one, or the primary key of requests
//     stops the batch, which is then decided again with the keys looked up.
//   - Memory is bounded. What was not used lately is read again, without a lock:
//     either nobody has changed it since, or the head has another version.
//
// Under the lock from the beginning are decided: a circle's first batch, what falls
// due beyond what is remembered, the cut-off of a window, and whatever is done with
// closed ones. See batch, locked and
// service.
//
// # Time
//
// The package reads no clock: an [Order] carries its instant. Time in a circle
// never goes back, and work that falls due at or before an instant is done
// before the first command at that instant: releases and expiries by the rule
// book, then deadlines of closed windows, then the cut-off. So it does not matter when, how often or
// by whom a circle is told that time has passed.
//
// # Lock order
//
// heads, then everything else. Nothing is written to a circle without its head
// row locked, so nothing else can wait for anything.
//
// # The life of a window
//
//	open ──cut-off──▶ closed ──▶ what package settlement tells of
//
// The first command opens the window of its month. The cut-off nets every
// party's position, pays the commissions that are due, snapshots both, closes
// the window with its last transaction and opens the next. Nothing enters a
// closed window; corrections go to the open one. What moved each party, by type of
// transaction, is kept as the month goes; see [ledger.Turnover].
//
// What is done with closed windows is decided at the [Desk], in the same line and
// under the same lock as everything else, and what comes about there by itself has
// a deadline, which a batch does not pass without doing it.
package clearing
