// Package alliance is the rule book of a circle: its terms, card products,
// cards, points and referrals, and what each command means in money.
//
// # The rule book is pure
//
// [State.Decide] takes the state, a command and an instant, and returns either
// the [Record] of a balanced transaction or a [*clearing.Refusal]. It reads no
// clock, no database and no random numbers. [State.Apply] folds a record into
// the state, and is the only thing that changes it: the state of a circle is the
// fold of its log. Replay, API, offline upload, audit and property tests all go
// through these two.
//
// # One file a command
//
// A command is a [Kind], declared as one value in the file that is named for its event:
// its fields, what it names, its decision, what its record changes, how it is undone and
// what it is called. The [Registry] lists the kinds, and everything else walks it: reading
// events and bodies, loading and saving (package store), receipts, statements, the feed
// of events and the audit. Nothing else switches over types. So this package has more
// files than others, and a new command is one more.
//
// # Rounding
//
// Every share is rounded down to the minor unit and the account called rest
// takes what is left, so a transaction sums to zero by construction.
//
// # Home and funding
//
// A card's home is the merchant that sold it; a card sold online has none. With
// [AtIssue] what backs a card is owed to the circle when it is sold. With [AtUse]
// the seller keeps the money and owes it only when another shop honours the
// card: the account issuers:HOME stands for what the seller has yet to bring in.
//
// # What gives and what reserves
//
// A hold reserves stored value for a bill. A campaign gives a gift to cards: by command, or
// right after an event that causes it, as a consequence. What its gifts cost is committed to
// its budget. Cards climb a ladder: the tier of a card follows from its growth in the last
// windows. Items of the points mall cost points.
//
// # What falls due
//
// Due work is one mechanism ([DueWork]): an instant, a rank among the work of that
// instant, the transaction that caused it, and a kind. A record schedules work for later
// (commission is released, a hold ends, a card expires) or for its own instant: such a consequence is
// done right after it, in the same batch. The table in order.go gives the order of all
// that happens at one instant.
package alliance
