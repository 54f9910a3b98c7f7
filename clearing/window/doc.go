// Package window is the month-end: settlement windows, the netting of their positions, and
// the snapshots that are kept of them.
//
// A window is a calendar month in the circle's timezone, half-open: the cut-off belongs
// to the next one. The first command opens the window of its month. At the cut-off
// every party's position is netted into transfers, the commission that is due is paid, the
// snapshot is written, the window's last transaction closes it and the next one opens.
// Nothing enters a closed window; corrections go to the open one.
//
// A [Snapshot] never changes. [Recompute] computes it again from the raw entries, and must
// get the same digest. What happens to the transfers afterwards is up to package settlement.
//
// Amounts are signed: a position above zero is what the circle owes the party.
package window
