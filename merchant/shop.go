package merchant

import (
	"time"

	"lianka/clearing/money"
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

// Sells reports whether the shop may sell cards and top them up.
func (s *Shop) Sells() bool { return !s.Suspended && s.LeavesAt.IsZero() }
