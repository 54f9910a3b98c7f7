//go:build !race

package api_test

// sparse is which of many requests of a kind are sent: all of them.
const sparse = 1
