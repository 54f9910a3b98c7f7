package presentation

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"math/big"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
)

// Life is how long a code is good.
const Life = 60 * time.Second

const (
	scheme     = "LK:" // so that a till knows what it has scanned
	secretSize = 16    // bytes
	digits     = 8
)

// Digest is the hash under which a code is kept.
type Digest [32]byte

// Salt is what the digits of a circle's codes are hashed with.
type Salt [16]byte

// Secret is a new code, to be shown once.
type Secret struct {
	Text   string // of the QR code
	Digits string
}

// encoding has letters and digits that a QR code packs closely, and no padding.
var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// newSecret returns a code that nobody can foretell.
func newSecret() (Secret, error) {
	var bits [secretSize]byte
	rand.Read(bits[:]) // it never fails
	number, err := randomDigits(digits)
	return Secret{Text: scheme + encoding.EncodeToString(bits[:]), Digits: number}, err
}

// randomDigits returns n random digits.
func randomDigits(n int) (string, error) {
	text := make([]byte, n)
	for i := range text {
		digit, err := rand.Int(rand.Reader, big.NewInt(10))
		if err != nil {
			return "", err
		}
		text[i] = '0' + byte(digit.Int64())
	}
	return string(text), nil
}

// IsDigits reports whether a text is a code's digits, and not that of its QR code.
func IsDigits(text string) bool { return len(text) == digits }

// digestText returns the hash of a QR code's text, and false if it is none. Scanners may change
// the case.
func digestText(text string) (Digest, bool) {
	rest, ok := strings.CutPrefix(strings.ToUpper(text), scheme)
	if !ok {
		return Digest{}, false
	}
	bits, err := encoding.DecodeString(rest)
	if err != nil || len(bits) != secretSize {
		return Digest{}, false
	}
	return sha256.Sum256(append([]byte("lianka card code\n"), bits...)), true
}

// The cost of hashing a code's digits: some milliseconds, of which a till that types one notices
// nothing, and all 10^8 of them are days.
const (
	digitsTime   = 1
	digitsMemory = 8 << 10 // KiB
)

// digestDigits returns the hash of a code's digits.
func digestDigits(salt Salt, text string) Digest {
	return Digest(argon2.IDKey([]byte(text), salt[:], digitsTime, digitsMemory, 1, uint32(len(Digest{}))))
}
