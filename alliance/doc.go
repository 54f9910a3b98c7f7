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
// # What falls due
//
// [State.NextDue] and [State.RunDue] do what a clock brings about: commission
// leaves its hold, then cards expire, in the order of their instants. The
// month's cut-off, which package clearing owns, comes after both.
package alliance
