package merchant

import "lianka/clearing/money"

// Shop is a merchant of a circle.
type Shop struct {
	Code     string
	Name     string
	Category string
	DebitCap money.Amount // how far below zero its own acts may lower its position, if Capped
	Capped   bool
}
