package signin

import (
	"time"

	"github.com/lianka/lianka/merchant/access"
)

// Person is who signs in: one of the two is given.
type Person struct {
	Staff  string // "stf_" and 16 hexadecimal digits
	Member string // the member's code
}

// Way is how a session was opened.
type Way string

// The ways in.
const (
	ByLink    Way = "link"
	ByCode    Way = "code"
	ByPasskey Way = "passkey"
	ByPIN     Way = "pin"
)

// How long a session lasts unused, and at most. A member's is on the member's own telephone;
// staff share devices, and can move more.
const (
	memberIdle = 30 * 24 * time.Hour
	memberAge  = 180 * 24 * time.Hour
	staffIdle  = 12 * time.Hour
	staffAge   = 7 * 24 * time.Hour
)

// seenEvery is how exactly it is known when a session was last used.
const seenEvery = time.Minute

// Session is an open session without its token.
type Session struct {
	ID         string // "ses_" and 16 hexadecimal digits
	AllianceID int64
	Person     Person
	Role       access.Role
	Merchant   string // of an owner, a cashier or a leaver
	Till       string // at which a cashier acts
	OpenedWith Way
	OpenedAt   time.Time
	SeenAt     time.Time // to the minute
	EndsAt     time.Time // if it is not used from now on
	age        time.Time // when it ends however often it is used
}

// idle returns how long the session lasts unused.
func (s *Session) idle() time.Duration {
	if s.Person.Member != "" {
		return memberIdle
	}
	return staffIdle
}

// Lasts returns how long the session lasts at most.
func (s *Session) Lasts() time.Duration { return s.age.Sub(s.OpenedAt) }

// ageOf returns how long a session of a person lasts at most.
func ageOf(p Person) time.Duration {
	if p.Member != "" {
		return memberAge
	}
	return staffAge
}

// lasting sets when the session ends, and reports whether it is open at an instant.
func (s *Session) lasting(now time.Time) bool {
	s.EndsAt = s.SeenAt.Add(s.idle())
	if s.EndsAt.After(s.age) {
		s.EndsAt = s.age
	}
	return now.Before(s.EndsAt)
}

// Principal returns who acts in the session. A role that this version doesn't know may do
// nothing.
func (s *Session) Principal() access.Principal {
	return access.Principal{Role: s.Role, Merchant: s.Merchant, Member: s.Person.Member, Staff: s.Person.Staff}
}

// callerOf returns the caller that a member is.
func callerOf(member string) string { return "member:" + member }

// Caller returns the name under which idempotency keys are kept: of a cashier the till's, which
// the till's API key has too; of an owner its own; of an organiser the organiser's.
func (s *Session) Caller() string {
	switch {
	case s.Person.Member != "":
		return callerOf(s.Person.Member)
	case s.Merchant != "":
		till := s.Till
		if till == "" {
			till = s.Person.Staff
		}
		return access.Key{Role: access.MerchantKey, Merchant: s.Merchant, Till: till}.Caller()
	}
	return access.Key{Role: access.OrganiserKey}.Caller()
}

// Credential returns what the session proves about a request.
func (s *Session) Credential() access.Credential {
	return access.Credential{ID: s.ID, AllianceID: s.AllianceID, Principal: s.Principal(), Caller: s.Caller()}
}

// roleOf returns the role of staff. When its shop has left, an owner only reads, and a cashier
// does nothing, as with keys.
func roleOf(role access.Role, left bool) access.Role {
	switch {
	case role == access.Owner && left:
		return access.Leaver
	case role == access.Cashier && left:
		return ""
	}
	return role
}
