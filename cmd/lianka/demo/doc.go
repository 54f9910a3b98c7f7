// Package demo plays two months of a circle of ten shops through the HTTP API alone.
// It prints what each shop pays or receives at each month-end, why, and how it is
// settled. Its files belong together because they are one simulation: they share its
// random source, its shops and members, and what it expects the books to say.
//
// It is an ordinary client. Each till has its own key and numbers its receipts. In a
// turn of the test clock all tills work at once, each serving one customer after
// another. A card is at no more than one till in a turn, so the result does not
// depend on which till is faster: the same seed prints the same tables. Only the
// order in which tills book, and the sizes of files that name transactions, may
// differ.
//
// # The month-ends
//
// A month is reviewed and paid during the next one, before the shops open. After the
// first month much goes wrong: shops dispute lines, one pays only a part, one has
// closed its account, and a stranger pays by mistake. The demo plays the bank too:
// it carries out payment files and writes statements, and knows nothing of the books.
//
// # What it checks
//
// The demo predicts the answer to each request, booked or a certain refusal, and stops
// at any other. What it sends twice must be booked once. At a month-end it reads the
// month's log back and stops unless
//
//   - for each party the columns of the table add up to the movement that was settled,
//   - the log moved the shop's account by what each receipt told the till, and
//   - custody holds what was paid online plus what the bank has, except for what nobody
//     has claimed.
package demo
