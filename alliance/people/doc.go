// Package people keeps the persons that a circle's members are: telephone, name, birthday,
// language, tags, and the account that a member wants to be paid to. It stands beside the
// books, which know members by their codes alone.
//
// # What is kept
//
// A person belongs to one circle and has one member code. The same telephone in two circles is
// two persons. What is personal is sealed with a key of the person's own, and that key is
// wrapped by the master key (package keyring). A person is found by telephone through a blind
// index, an HMAC by the master key, which is unique in the circle. A dump of the database
// without the master key names nobody.
//
// # Consent and reads
//
// A consent is given for a purpose and to a party, by a version of a text; the newest decision
// of the member counts, and without one nothing is allowed ([Store.Allows]). [Store.KnownTo]
// says which shops may know a person. Whoever lets an organiser or a shop read something calls
// [Store.Record] first, and the person sees the record.
//
// # Erasing
//
// Erasing deletes the person's row, with the wrapped key, and leaves the member's code and the
// time in the table erasures. The books are not touched. Each erasure is also written to a
// [Journal], a file outside the database, before it is committed. A server carries out what is
// in the journal and not in the database before it serves, so that a restore from an older
// backup brings nobody back. Without a journal nothing is erased.
//
// # Locks
//
// Erasing locks the circle's head first, as all that changes the books does, then the person.
// All that writes what is sealed holds the row of people_master_key in share mode: rotating
// takes it for update, so nothing is sealed with a key that is about to be dropped.
//
// # Words that never leave
//
// Errors of this package never quote a telephone, a name, a birthday or an account.
package people
