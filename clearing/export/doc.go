// Package export writes the ledger of a circle, or of one shop, for accounting programs: as
// an hledger journal, as a beancount journal, and as CSV.
//
// A journal has the transactions of the log in their order and nothing else, so the same
// books always give the same bytes. It ends with the transaction that is newest when the
// export begins. Transactions are read and written in pages, so memory does not grow with
// the log.
//
// # Accounts
//
// An account is named by its side, its kind and its owner, so that names cut off after the
// kind give the trial balance ([ledger.TrialBalance]):
//
//	hledger     liabilities:card_value:8801
//	beancount   Liabilities:Card-Value:8801
//
// Owners are arbitrary texts, and both programs have rules for names. The escapes keep
// different owners apart:
//
//   - hledger: letters and digits of any script and - _ . @ + / & # stay; every
//     other byte of the UTF-8 text becomes a percent sign and two hexadecimal
//     digits, as in a URL. "golden cafe" is golden%20cafe.
//   - beancount: letters and digits stay, and so does a dash between two of them;
//     every other character becomes two dashes, its code point in hexadecimal and
//     a dash. A name that would not begin with A to Z or 0 to 9, or would begin
//     with X-, gets X- in front. "cafe" is X-cafe, "golden cafe" is
//     X-golden--20-cafe.
//   - An empty owner adds nothing: assets:custody.
//
// The values of tags and metadata are escaped as hledger's names are, in both journals.
//
// # Transactions that move nothing
//
// A freeze, or the sale of a free card, has no entries. In the journals it is a comment, so
// that the numbers have no gap. The CSV, which has a line for each entry, leaves it out.
//
// # One shop
//
// The journal of a shop has the transactions in which it acted or that moved an account of
// its own. They balance, but show only what the shop may see ([ledger.Account.ShownTo]): its
// own entries and those of the card. All others are summed into one entry on equity:circle.
// The member is named only if the shop sold the card. The journal is the same whoever asks
// for it, so an organiser can hand it to the shop.
//
// So the balances of the shop's own accounts are those of the books, while those of cards
// are only what happened to them at this shop.
package export
