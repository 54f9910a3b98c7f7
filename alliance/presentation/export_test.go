package presentation

// What the tests of the package look into.
var (
	DigestText   = digestText
	DigestDigits = digestDigits
	NewNumber    = newNumber
	NewSecret    = newSecret
)
