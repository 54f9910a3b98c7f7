package presentation

// A number that is printed on a card has sixteen digits: a 9, which in ISO/IEC 7812-1 is left to
// national use, so that it is no bank card's; fourteen random ones, so that numbers can't be
// walked through; and the check digit of ISO/IEC 7812-1, annex B (Luhn), which finds each single
// wrong digit, and two neighbours changed round but for 0 and 9.
const (
	numberPrefix = "9"
	numberRandom = 14
	numberSize   = len(numberPrefix) + numberRandom + 1
)

// newNumber returns a number to be printed on a card.
func newNumber() (string, error) {
	random, err := randomDigits(numberRandom)
	if err != nil {
		return "", err
	}
	body := numberPrefix + random
	return body + string('0'+luhn(body)), nil
}

// luhn returns the check digit of some digits.
func luhn(body string) byte {
	sum := 0
	for i := range len(body) {
		n := int(body[len(body)-1-i] - '0')
		if i%2 == 0 { // every second digit, beginning beside the check digit
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return byte((10 - sum%10) % 10)
}

// Mistyped reports whether a text looks like a number that was made to be printed, and its check
// digit says that it is none. Other codes of cards have no check digit.
func Mistyped(text string) bool {
	if len(text) != numberSize || text[:len(numberPrefix)] != numberPrefix {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text[numberSize-1] != '0'+luhn(text[:numberSize-1])
}
