package reference

import "fmt"

const (
	prefix    = "RF"
	checkedAt = len(prefix) + 2 // where the part that the check digits belong to begins
)

// Valid reports whether text, without spaces and in capitals, is a creditor reference of
// ISO 11649, whoever issued it: RF, two correct check digits, and 1 to 21 letters and
// digits.
func Valid(text string) bool {
	return wellWritten(text) && prefixed(text) && len(text) > checkedAt && len(text) <= longest &&
		checkDigits(text[checkedAt:]) == text[len(prefix):checkedAt]
}

// Remainder97 returns the remainder of ISO 7064 MOD 97-10, in which the letters A to Z are
// the numbers 10 to 35. Creditor references and IBANs are checked with it. It returns false
// if the text has anything but capitals and digits.
func Remainder97(text string) (int, bool) {
	remainder := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			remainder = (remainder*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			remainder = (remainder*100 + int(c-'A') + 10) % 97
		default:
			return 0, false
		}
	}
	return remainder, true
}

// checkDigits returns the two check digits of a body of capitals and digits. To check a
// reference they are computed and compared: several pairs leave the right remainder, but only
// one is valid.
func checkDigits(body string) string {
	remainder, _ := Remainder97(body + prefix + "00")
	return fmt.Sprintf("%02d", 98-remainder)
}

func wellWritten(text string) bool {
	_, ok := Remainder97(text)
	return ok && text != ""
}

func prefixed(text string) bool {
	return len(text) >= checkedAt && text[:len(prefix)] == prefix && isDigit(text[2]) && isDigit(text[3])
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
