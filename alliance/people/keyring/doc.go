// Package keyring holds the master key of people's data.
//
// A ring has two keysets of Tink: one wraps the keys of persons, the other makes the blind
// index by which a telephone number is found. Each may hold several keys while the master key
// is being rotated: the first ("primary") is used for what is written, the others still read.
//
// The ring's [Ring.Fingerprint] says which master key it has without giving it away. It is
// stored in the database, so that two processes can't work with two master keys.
//
// The text of a ring is secret. It is kept in a file of mode 0600, or given in the
// environment.
package keyring
