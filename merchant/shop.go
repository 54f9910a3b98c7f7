package merchant

import (
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// Shop is a merchant of a circle.
type Shop struct {
	Code     string
	Name     string
	Category string
	DebitCap money.Amount // how far below zero its own acts may lower its position, if Capped
	Capped   bool

	Suspended bool      // it did not pay, and neither sells nor tops up
	LeavesAt  time.Time // notice was given; zero: it stays
	Left      bool      // that instant has come
}

// Standing is how a shop stands in its circle, in a word.
type Standing string

// The standings.
const (
	Active    Standing = "active"
	Suspended Standing = "suspended" // it did not pay
	Leaving   Standing = "leaving"   // it gave notice
	Left      Standing = "left"
)

// Standing returns how the shop stands. One that leaves and is suspended too is
// leaving.
func (s *Shop) Standing() Standing {
	switch {
	case s.Left:
		return Left
	case !s.LeavesAt.IsZero():
		return Leaving
	case s.Suspended:
		return Suspended
	}
	return Active
}
