// Package sequencer puts the commands of each circle in one order and books them.
//
// # Batches
//
// A command does not get a database transaction of its own. While one batch is
// being written, the commands that arrive are decided into the next, in the order
// of arrival, by the rule book in memory; when the first is on disk its callers get
// their results and the next is sent. So
//
//   - a batch is what arrived while the last one was written: there is no timer and
//     no size to tune, and a batch of one does not wait;
//   - the database and the rule book work at the same time;
//   - a batch is one round trip: a few set-based statements and the commit.
//
// It is safe to decide before the batch before is on disk, because
//
//   - A process remembers a circle as its last batch leaves it, and each batch
//     begins by locking the circle's head row at the version that memory has. If
//     somebody else has written, in this process or another, the batch does nothing,
//     memory is dropped, and its orders, with those decided upon them, are decided
//     again: under the lock, from what the database says.
//   - Nobody is answered before the batch is on disk, nor any batch before the one
//     that it was decided upon.
//   - A key that memory does not know is a new one, or the primary key of requests
//     stops the batch, which is then decided again with the keys looked up.
//   - Memory is bounded. What was not used lately is read again, without a lock:
//     either nobody has changed it since, or the head has another version.
//
// A circle's first batch is decided under the lock, and so is what falls due beyond what
// is in memory, the cut-off of a window, and every command about closed windows.
//
// # Where to read
//
// worker.go runs the batches of a circle, batch.go decides from memory, locked.go under
// the lock, closing.go closes a window. What the rule book gives is in rules.go.
//
// # Time
//
// The package reads no clock: an [Order] carries its instant. Time in a circle never
// goes back, and work that falls due at or before an instant is done before the first
// command at that instant: the rule book's (releases, expiries) first, then deadlines of
// closed windows, then the cut-off. What a command causes at its own instant is done right
// behind it, in the same batch and window. So it does not matter when, how often or by whom a
// circle is told that time has passed.
package sequencer
