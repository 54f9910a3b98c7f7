package signin

import (
	"errors"

	"github.com/lianka/lianka/clearing/message"
)

// errNoCashier says why somebody gets no PIN.
var errNoCashier = message.Wrap("%v: a PIN is for a cashier", ErrStaffSpec)

var (
	// ErrSessionUnknown: there is no such session, or it is over.
	ErrSessionUnknown = errors.New("this session is over; sign in again")
	// ErrRefused: a link, a code, a PIN or a passkey does not open a session. What is wrong with it is not said.
	ErrRefused = errors.New("that opens no session: it is wrong, was used, or has expired")
	// ErrStaffUnknown: there is nobody of that ID, or not any more.
	ErrStaffUnknown = errors.New("there is nobody of that ID on the staff")
	// ErrStaffExists: the name is taken in that role and shop.
	ErrStaffExists = errors.New("somebody of that name has this role there already; give another name")
	// ErrStaffSpec: the parts of a description contradict each other.
	ErrStaffSpec = errors.New("such staff can't be added")
	// ErrPIN: a PIN that is not taken.
	ErrPIN = errors.New("a PIN has 6 to 12 digits, which are not all the same and don't just count up or down")
	// ErrLink: a link is not made.
	ErrLink = errors.New("this link is not made")
	// ErrTillUnknown: there is no such paired till.
	ErrTillUnknown = errors.New("there is no such paired till")
	// ErrPasskeyUnknown: there is no such passkey.
	ErrPasskeyUnknown = errors.New("there is no such passkey")
)
