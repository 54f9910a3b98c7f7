// Package demo lives two months in a circle of ten shops, through the HTTP API
// alone, and prints what each shop pays or receives at the month-ends, and why, and
// what becomes of it.
//
// It is a client like any other. Each till has a key of its own and numbers its
// receipts; in a turn of the test clock all tills work at once, each serving one
// customer after another. A card is at one till at most in a turn, so that
// nothing depends on which till is faster: with the same seed the same things
// happen, and the same tables are printed. Only the sizes of files that name
// transactions may differ, as may which of two tills books first.
//
// It has a file for each thing that members, tills, the bank and the organiser do: one
// story, which only makes sense together.
//
// # The month-ends
//
// What a month came to is reviewed and paid while the next one goes on, before the
// shops open. After the first month much goes otherwise than it should: shops object,
// one pays a part alone, one has closed its account, and somebody pays who meant
// another. The bank is the story's own. It does what payment files say and writes
// statements, and knows nothing of the books.
//
// # What it checks
//
// The story knows the rules that it plays by. Before it sends a request it says
// what the answer will be, booked or a certain refusal, and stops at another
// answer. What it sends twice must be booked once. At a month-end it reads the
// whole log of the month back, and stops unless for each party the columns of
// the table add up to the movement that was settled, for each receipt the log
// moved the shop's account by what the till was told, and custody holds what was
// paid online and what the bank has, but for what nobody has claimed.
package demo
