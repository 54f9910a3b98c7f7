package people

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

// memberCodeBytes is how many random bytes a code has.
const memberCodeBytes = 15

var memberEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newMemberCode returns a code that says nothing and can't be guessed: 120 random bits.
func newMemberCode() string {
	var random [memberCodeBytes]byte
	_, _ = rand.Read(random[:]) // never fails
	return "m_" + strings.ToLower(memberEncoding.EncodeToString(random[:]))
}
