// Package demo simulates two months of a circle of ten shops, using nothing but the
// HTTP API. It prints what each shop pays or receives at each month-end, why, and how
// it is settled. The files form one simulation: they share its random source, its
// shops and members, and what it expects the books to say.
//
// The demo is an ordinary client. Each till has its own key and numbers its receipts.
// The test clock advances in turns. In a turn all tills work at once, each serving one
// customer after another, and a card is at no more than one till. So the result
// doesn't depend on which till is faster: the same seed prints the same tables. Only
// the order of bookings and the sizes of files that name transactions may differ.
//
// # The month-ends
//
// A month is reviewed and paid during the next one, before the shops open. After the
// first month much goes wrong: shops dispute lines, one pays only a part, one has
// closed its account, and a stranger pays by mistake. The demo is the bank too: it
// executes payment files and issues statements, without access to the books.
//
// # Guests
//
// On the first days, before the shops open, a few guests do one after another what is rare:
// a hold is captured, one voided and one forgotten, the mall runs out of mugs, a card is
// lost, one given away, and three are given back, each on another ground. What that moves
// is written down beside it, and compared with receipts, quotes and cards.
//
// # What it checks
//
// The demo predicts the answer to each request, a booking or a certain refusal, and
// stops at any other. What it sends twice must be booked once. At a month-end it reads
// the month's log back and stops unless
//
//   - each party's columns in the table add up to the movement that was settled,
//   - each transaction changed the shop's position by the amount on its receipt,
//   - each gift that the campaigns promise was given once, by who funds it, and no other,
//   - each card has the tier that its receipts call for, and
//   - custody holds what was paid online plus the bank's balance, less payments that
//     nobody has claimed.
package demo
