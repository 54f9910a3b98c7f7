package presentation

import (
	"crypto/rand"
	"crypto/subtle"

	"golang.org/x/crypto/argon2"
)

// pinSize is how many digits a PIN has that the server makes.
const pinSize = 6

// The cost of hashing a PIN, the least that OWASP's Password Storage Cheat Sheet advises for
// Argon2id.
const (
	pinTime   = 2
	pinMemory = 19 << 10 // KiB
)

// hashedPIN is a PIN as it is kept.
type hashedPIN struct {
	salt Salt
	hash Digest
}

func hashPIN(pin string) hashedPIN {
	var salt Salt
	rand.Read(salt[:]) // it never fails
	return hashedPIN{salt, digestPIN(salt, pin)}
}

func (h hashedPIN) is(pin string) bool {
	digest := digestPIN(h.salt, pin)
	return subtle.ConstantTimeCompare(digest[:], h.hash[:]) == 1
}

func digestPIN(salt Salt, pin string) Digest {
	return Digest(argon2.IDKey([]byte(pin), salt[:], pinTime, pinMemory, 1, uint32(len(Digest{}))))
}
