// Package demo lives two months in a circle of ten shops, through the HTTP API
// alone, and prints what each shop pays or receives at the month-ends, and why.
//
// It is a client like any other. Each till has a key of its own and numbers its
// receipts; in a turn of the test clock all tills work at once, each serving one
// customer after another. A card is at one till at most in a turn, so that
// nothing depends on which till is faster: with the same seed the same things
// happen, and the same tables are printed.
//
// # What it checks
//
// The story knows the rules that it plays by. Before it sends a request it says
// what the answer will be, booked or a certain refusal, and stops at another
// answer. What it sends twice must be booked once. At a month-end it reads the
// whole log of the month back, and stops unless for each party the columns of
// the table add up to the movement that was settled, for each receipt the log
// moved the shop's account by what the till was told, and what custody holds is
// what members are owed.
package demo
