package people

import (
	"errors"
)

var (
	// ErrOff: the server has no master key, so it keeps no people.
	ErrOff = errors.New("this server keeps no people: it was started without a master key")
	// ErrOtherKey: the database is another master key's.
	ErrOtherKey = errors.New("the people of this database are kept with another master key")
	// ErrNotRemembered: there is no journal, so an erasure would be undone by a restore.
	ErrNotRemembered = errors.New("nothing is erased: the server has no file in which it can remember erasures")
	// ErrNoPerson: nothing is kept of such a person.
	ErrNoPerson = errors.New("there is no such person")
	// ErrPersonExists: the member's code has a person already.
	ErrPersonExists = errors.New("the member is registered already")
	// ErrErased: the person of a code was erased; the code is nobody's for good.
	ErrErased = errors.New("the person of this member code was erased; register under a new code")
	// ErrTelephoneTaken: another person of the circle has the telephone.
	ErrTelephoneTaken = errors.New("another member of the circle has this telephone")
	// ErrTextChanged: consent was asked for with a text that is not in force.
	ErrTextChanged = errors.New("the text of this consent is another now; show the one in force and ask again")
	// ErrNoPayout: the member has named no account.
	ErrNoPayout = errors.New("the member has named no payout account")
)
