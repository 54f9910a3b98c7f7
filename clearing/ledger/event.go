package ledger

import "fmt"

// eventBits is how many bits of an event's number count the events of its
// transaction.
const eventBits = 20

// MaxEvents is how many events one transaction may have at most.
const MaxEvents = 1<<eventBits - 1

// EventNumber returns the number of the nth event of transaction seq, counted from
// 1: seq << 20 | n. Sorted by number, events stand in the order of the log; n = 0
// is the transaction itself and sorts before its events. It panics unless n is
// between 0 and MaxEvents and seq between 0 and 2^43 - 1: whoever makes events
// checks their count first. Numbers fit the 53 bits of a JSON number in
// JavaScript while seq is below 2^33.
func EventNumber(seq int64, n int) int64 {
	if n < 0 || n > MaxEvents || seq < 0 || seq >= 1<<(63-eventBits) {
		panic(fmt.Sprintf("ledger: event %d of transaction %d has no number", n, seq))
	}
	return seq<<eventBits | int64(n)
}
