// Package access decides who may do what and who sees what. Handlers, pages and
// documentation ask it; none of them decides for itself.
//
// # Who asks
//
// A [Principal] is who acts: the organiser of a circle, or the owner or a cashier
// of one of its merchants, or a member. Operators are a role to come; they may do
// nothing yet. A [Credential] is what a request proves its principal with: an API
// key, or a session that package signin opens. A till is the device that holds a key, a cashier is
// the person at it. A merchant's key has a [Right], which says whether it acts for a
// cashier or for the owner.
//
// # What is decided
//
// Two tables hold all of it. [Permissions] says which operations of the API a role
// may call, and how far each call reaches. [Visibilities] says which rows, and
// which parts of a row, a role sees. What is in neither table is denied. What
// belongs to others is hidden rather than forbidden: to the caller it does not
// exist.
//
// Decisions are pure. Where one turns on a fact, such as which merchant sold a
// card, the caller looks it up and passes it in; [Grant.Everything] tells when
// that is not needed. Only the key store and the key cache use the database.
//
// docs/access.md prints the tables; a test compares them.
package access
