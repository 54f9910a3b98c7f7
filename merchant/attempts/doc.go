// Package attempts counts how often something is tried, such as a code or a PIN that is
// guessed, and refuses what is tried too often.
//
// The counts are in the database, so all processes share them and a restart forgets none.
// Count only what failed, or what costs something: who is right at once should pay nothing.
package attempts
