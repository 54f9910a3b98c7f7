// Package ledger is the double-entry ledger of a circle: accounts, transactions, entries, and
// the hash chain over them.
//
// # Signs
//
// An [Entry] has a signed amount that is never zero: a debit is positive, a credit negative.
// So every transaction sums to zero, and a balance is a plain sum. [Kind.Normal] is the side
// on which a balance usually is. A party's position is the credit balance of its account:
// above zero, the circle owes the party.
//
// # Invariants
//
// Transactions are numbered from 1 without a gap in each circle, sum to zero, and are never
// changed or deleted. Each has the SHA-256 of itself and of the hash before it
// ([Transaction.Seal]). Triggers and constraints of the database enforce the same; see the
// migrations.
package ledger
