package ledger

import "fmt"

// EventBits is how many bits of an event's number count the events of its
// transaction.
const EventBits = 20

// MaxEvents is how many events one transaction may have at most.
const MaxEvents = 1<<EventBits - 1

// EventNumber returns the number of the nth event of transaction seq, counted from
// 1: seq << 20 | n. Sorted by number, events stand in the order of the log; n = 0
// is the transaction itself and sorts before its events. It panics unless n is
// between 0 and MaxEvents and seq between 0 and 2^43 - 1, so the caller must check the
// number of events first. Numbers fit the 53 bits of a JSON number in
// JavaScript while seq is below 2^33.
func EventNumber(seq int64, n int) int64 {
	if n < 0 || n > MaxEvents || seq < 0 || seq >= 1<<(63-EventBits) {
		panic(fmt.Sprintf("ledger: event %d of transaction %d has no number", n, seq))
	}
	return seq<<EventBits | int64(n)
}
