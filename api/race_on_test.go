//go:build race

package api_test

// sparse is which of many requests of a kind are sent: under the race detector, which makes the server
// five times as slow, one of four.
const sparse = 4
