// Package audit recomputes what must always hold in a circle from its raw
// entries, and names the row where it does not.
//
// It reads one snapshot of the database, so it may run beside a circle at work.
// It walks the log from the first transaction, folds it again through the rule
// book's own fold, and compares the outcome with every balance, count and
// settlement that is stored. Nothing stored is trusted but the log itself, and
// of that the chain of hashes says whether it was altered.
package audit
