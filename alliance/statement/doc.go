// Package statement is what a closed month came to for one party, a shop or the
// organiser, and how every cent of it came about.
//
// [Load] reads a statement: where the party stood at the opening, what moved it
// by kind of transaction and by the shops it had to do with, what was settled
// with whom, and what is carried into the next month. The lines, one for each
// transaction that moved the party's clearing account, are read piece by piece
// when they are asked for ([Statement.Lines]), so that a month of any size is
// cheap to hold.
//
// # Signs
//
// Amounts are signed as a party's position is: positive, the circle owes the
// party (more); negative, the party owes the circle. So
//
//	opening + movement = transfer + carried
//
// and the effects of all lines add up to the movement. The closing of the month
// itself is the settlement, and no line.
//
// # Forms
//
// [Write] writes a statement as JSON, CSV, XLSX or PDF. The same statement gives
// the same bytes: nothing in a file comes from a clock or from chance.
package statement
