package presentation

import (
	"github.com/lianka/lianka/clearing/money"
)

// Mode says what a redemption needs.
type Mode string

// The modes.
const (
	ModeNumber    Mode = "number"     // the card's number
	ModeCode      Mode = "code"       // a code
	ModeCodeAbove Mode = "code_above" // a code for what is worth more than an amount
)

// Offline says what a late upload needs where a code would be asked for: at a till without a
// network nobody can check one.
type Offline string

// What a late upload needs.
const (
	OfflinePIN    Offline = "pin"    // the card's number and its PIN
	OfflineNumber Offline = "number" // the card's number
)

// Setting is what a circle asks to be shown. The zero setting asks for the number alone.
type Setting struct {
	Mode    Mode // "": ModeNumber
	Above   money.Amount
	Offline Offline // "": OfflinePIN
}

// Asks reports whether the circle asks for a code at all.
func (s *Setting) Asks() bool { return s.Mode == ModeCode || s.Mode == ModeCodeAbove }

// asksFor reports whether what is worth an amount, in minor units, needs a code.
func (s *Setting) asksFor(worth int64) bool {
	return s.Mode == ModeCode || s.Mode == ModeCodeAbove && worth > s.Above.Minor()
}
