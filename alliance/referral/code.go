package referral

import (
	"crypto/rand"
	"strings"
)

// alphabet is that of Crockford's base 32: digits and capitals without I, L, O and U, so
// that a code can be read out and typed, and spells no words.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Length is how many characters a code has. Each is 5 random bits.
const Length = 10

// newCode returns a random code.
func newCode() string {
	var code [Length]byte
	_, _ = rand.Read(code[:]) // never fails
	for i, b := range code {
		code[i] = alphabet[b%byte(len(alphabet))]
	}
	return string(code[:])
}

// ReadCode reads a code as somebody typed it: small letters, spaces, hyphens, and letters that
// are taken for digits. It reports whether it can be a code.
func ReadCode(text string) (string, bool) {
	var code strings.Builder
	for _, c := range strings.ToUpper(text) {
		switch c {
		case ' ', '-':
			continue
		case 'O':
			c = '0'
		case 'I', 'L':
			c = '1'
		}
		if c > 'Z' || !strings.ContainsRune(alphabet, c) || code.Len() == Length {
			return "", false
		}
		code.WriteRune(c)
	}
	return code.String(), code.Len() == Length
}
