// Package feed tells in one order what has happened in a circle, for webhooks, live
// pages and programs that follow it.
//
// # Where events come from
//
// Every transaction of the rule book is an event: the log is the feed, so the tills pay
// nothing for it. So are the commissions that a closing window pays. What happens to
// closed windows is told by the rows of table events, which package settlement writes
// with its transactions, and so is every change of the setup (shops, products, terms,
// keys, bank accounts).
//
// # Order
//
// An event's number is seq << 20 | n ([ledger.EventNumber]): n is 0 for the transaction
// seq itself, and counts from 1 what was written with it or, of the setup, after it and
// before the next one. All of it is written under the lock of the circle's head. So
// whoever asks again for what comes after the last number misses nothing, and gets
// nothing twice.
//
// # Who sees what
//
// The organiser sees everything. A shop sees the transactions in which it acted, whose
// card it sold or that moved an account of its own; what concerns it or all of closed
// windows; and changes of its own setup. Members are named to the organiser and to the
// shop that sold them the card.
package feed
