// Package signin says who a person is that has no API key: a member, or somebody who acts for
// the organiser or for a shop. It opens sessions, which the API admits like keys.
//
// # People and ways in
//
// A [Person] is a member, by the member's code, or one of the [Staff]. There are no passwords.
//
//	one-time link      anybody; made by whoever is above the person, see [MayLink]
//	code by telephone  members
//	passkey            organisers and owners
//	PIN                cashiers, on a till that its owner has paired
//
// Who lost the way in comes back by a link: of the till, the owner, the organiser, the command
// line. A link ends the other sessions of its person when it is opened, so a link that
// somebody else opened is noticed.
//
// # Secrets
//
// Tokens of sessions, links and tills are random and kept as a SHA-256, so a dump of the
// database opens nothing. A PIN, which has little to guess, is kept as an argon2id and its
// attempts are limited; so are those of codes. A token names its circle and its row, and each
// look-up goes by both.
//
// # Record
//
// Whatever opens, ends or changes a way in is written to signin_events in the transaction that
// does it, and is shown to the person. What says who may act (staff, tills) is an event of the
// circle too. Names of people are in neither.
//
// Nothing here reads a clock: now is an argument, and is the server's, in test circles too.
package signin
