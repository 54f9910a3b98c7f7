// Package ledger is the double-entry book of a circle: accounts, transactions,
// entries, and the chain of hashes that binds them.
//
// # Signs
//
// An [Entry] carries a signed amount that is never zero: a debit is positive, a
// credit negative, so that every transaction sums to zero and a balance is a
// plain sum. [Kind.Normal] says on which side an account usually stands; a
// party's position is the credit balance of its account (positive: the circle
// owes the party).
//
// # Invariants
//
// Transactions are numbered from 1 without a gap in each circle, are never
// changed or deleted, sum to zero, and each carries the SHA-256 of itself and
// of the hash before it ([Transaction.Seal]). PostgreSQL holds the same with
// triggers and constraints; see the migrations.
package ledger
