// Package statement makes the statement of a closed month for one party, a shop or the
// organiser: what the month came to, and why, to the cent.
//
// [Load] reads a statement: the party's opening position, its movements by kind of
// transaction and by shop, what was settled with whom, and what is carried into the next
// month. There is a line for each transaction that moved the party's clearing account.
// Lines are read in pieces when they are needed ([Statement.Lines]), so memory does not
// grow with the month.
//
// # Signs
//
// Amounts are signed as a party's position is: positive, the circle owes the
// party (more); negative, the party owes the circle. So
//
//	opening + movement = transfer + carried
//
// and the effects of all lines add up to the movement. The closing itself is the
// settlement, not a line.
//
// # Forms
//
// [Write] writes a statement as JSON, CSV, XLSX or PDF. The same statement gives
// the same bytes: nothing in a file comes from a clock or from chance. What the month
// came to never changes; what has become of its payments does, and is as it was when the
// statement was loaded.
//
// A line may stand under a heading: gifts that the party funds, coupons of gifts that it
// honours, items of the mall, refunds by their ground. The sum of a heading is a part of the
// movement, and no addition to it.
package statement
