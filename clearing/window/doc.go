// Package window is the month-end: what a settlement window is, how its positions are
// netted, and the snapshot that is kept of it.
//
// A window is a calendar month in the circle's timezone, half-open: the cut-off belongs
// to the next one. The first command opens the window of its month. At the cut-off
// every party's position is netted into transfers, the commission that is due is paid, the
// snapshot is written, the window's last transaction closes it and the next one opens.
// Nothing enters a closed window; corrections go to the open one.
//
// A [Snapshot] never changes. [Recompute] works it out again from the raw entries, and must
// come to the same digest. What becomes of it afterwards is told by package settlement.
//
// Amounts are signed: a position above zero is what the circle owes the party.
package window
