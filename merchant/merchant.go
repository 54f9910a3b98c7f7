package merchant

import (
	"time"

	"github.com/lianka/lianka/clearing/money"
)

// Merchant is a shop of a circle.
type Merchant struct {
	Code     string
	Name     string
	Category string
	DebitCap money.Amount // if Capped, how far its own commands may take its position below zero
	Capped   bool

	Suspended bool      // for a payment default: it may neither sell nor top up
	LeavesAt  time.Time // the end of its notice; zero: it gave none
	Left      bool      // LeavesAt has passed
}

// Status is the status of a shop in its circle.
type Status string

// The statuses.
const (
	Active    Status = "active"
	Suspended Status = "suspended" // in payment default
	Leaving   Status = "leaving"   // it gave notice
	Left      Status = "left"
)

// Status returns the status of the shop. A suspended shop that gave notice is
// leaving.
func (s *Merchant) Status() Status {
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
