// Package sequencer puts the commands of each circle in one order and books them.
//
// # Batches
//
// A command does not get a database transaction of its own. While one batch is
// being written, the rule book decides the commands that arrive, in memory and in the
// order of arrival, and they become the next batch. When the first is on disk, its callers
// get their results and the next is sent. So
//
//   - a batch is what arrived while the last one was written: there is no timer and
//     no size to tune, and a single command does not wait for others;
//   - the database and the rule book work at the same time;
//   - a batch is one round trip: a few set-based statements and the commit.
//
// It is safe to decide a batch while the one before is not yet on disk:
//
//   - A process keeps a circle in memory as its last batch leaves it, and each batch
//     begins by locking the circle's head row at the version that memory has. If
//     somebody else has written since, the batch does nothing and memory is dropped. Its
//     orders, and those of the batch after it, are decided again under the lock, from what
//     the database says.
//   - A caller is answered only when the batch is on disk, and with it all batches before.
//   - A key that is not in memory is taken for a new one. If it isn't, the primary key of
//     requests makes the batch fail, and it is decided again with the keys looked up.
//   - Memory is bounded. What was not used lately is read again, without a lock. If
//     somebody has changed it since, the head has another version, and the batch fails.
//
// Some orders need the lock: the first batch of a circle, due work that is not in memory,
// the cut-off of a window, and every command about closed windows.
//
// # Where to read
//
// worker.go runs the batches of a circle, batch.go decides from memory, locked.go decides
// under the lock, and closing.go closes a window. The interfaces of the rule book are in
// rules.go.
//
// # Time
//
// The package reads no clock: an [Order] carries its instant. Time in a circle never
// goes back. Work that falls due at or before an instant is done before the first command
// at that instant: first the rule book's (releases, expiries), then deadlines of closed
// windows, then the cut-off. What a command causes at its own instant is done right after
// it, in the same batch and window. So it does not matter when, how often or by whom time is
// advanced in a circle.
package sequencer
