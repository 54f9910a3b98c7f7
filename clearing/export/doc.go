// Package export writes the books of a circle, whole or of one shop, as
// accountants' programs read them: as a journal of hledger, as one of beancount,
// and as CSV.
//
// A journal is read from the log in the order of its numbers and holds nothing that
// is not in the log, so the same books are the same bytes, wherever and however
// often they are written. It ends with the transaction that is the newest when it
// begins; what is booked meanwhile is for the next one. Transactions are read and
// written in pieces: memory does not grow with the log.
//
// # Accounts
//
// An account is called after its side, its kind and its owner, so that cutting the
// names off after the kind gives the trial balance ([ledger.TrialBalance]):
//
//	hledger     liabilities:card_value:8801
//	beancount   Liabilities:Card-Value:8801
//
// Owners are texts of the circle's choice, and both programs have rules for names.
// No two owners become the same account:
//
//   - hledger: letters and digits of any script and - _ . @ + / & # stay; every
//     other byte of the UTF-8 text becomes a percent sign and two hexadecimal
//     digits, as in a URL. "golden cafe" is golden%20cafe.
//   - beancount: letters and digits stay, and so does a dash between two of them;
//     every other character becomes two dashes, its code point in hexadecimal and
//     a dash. A name that would not begin with A to Z or 0 to 9, or would begin
//     with X-, gets X- in front. "cafe" is X-cafe, "golden cafe" is
//     X-golden--20-cafe.
//   - An empty owner has no part of the name: assets:custody.
//
// Tags and metadata have their values escaped in hledger's way, in both journals.
//
// # Transactions that move nothing
//
// A freeze, or a free card, has no entries. It is a comment in the journals, so
// that their numbers have no gap, and it is not in the CSV, which has a line for
// each entry.
//
// # One shop
//
// The journal of a shop holds the transactions in which it acted or that moved an
// account of its own. They balance, but tell no more than the shop may see of them
// ([ledger.Account.ShownTo]): its own entries and those of the card are there, and
// all others are one, on equity:circle. The member is named where the shop sold
// the card. It is the same whoever asks for it, so an organiser can hand it to the
// shop.
//
// The balances of the shop's own accounts are therefore what they are in the books;
// those of the cards are what happened to them at this shop.
package export
