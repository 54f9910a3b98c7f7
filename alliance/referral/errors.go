package referral

import "errors"

var (
	// ErrLinkUnknown: there is no link of that code that the caller may see, or, for joining,
	// none in force.
	ErrLinkUnknown = errors.New("there is no such link")
	// ErrLinksTooMany: the member has MaxLinks in force.
	ErrLinksTooMany = errors.New("the member has as many links as a member may have; revoke one first")
	// ErrMemberAlready: who was to join has bought a card before, so its referrer is settled.
	ErrMemberAlready = errors.New("this member has bought a card before; a link is for those who have not")
	// ErrJoinedAlready: who was to join has joined by another link.
	ErrJoinedAlready = errors.New("this member has joined by another link already, and the first one counts")
)
