// Package clearing is the clearing house. This package has what all its parts share: a
// [Alliance] with its [Head], the parties, refusals, and the database.
//
// The parts are
//
//   - sequencer: puts a circle's commands in one order, and books them in batches;
//   - window: the month-end, from positions to the snapshot;
//   - settlement: what comes after, until everything is paid;
//   - ledger and money: transactions, accounts, balances, amounts.
//
// # Lock order
//
// heads, then everything else. Nothing is written to a circle unless its head row is
// locked, so writers never wait for each other anywhere else.
package clearing
