package merchant

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/big"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/lianka/lianka/clearing"
)

// Role says what an API key may do.
type Role string

// The roles of keys.
const (
	RoleOrganiser Role = "organiser" // sets the circle up, reads all, acts at any shop
	RoleShop      Role = "shop"      // acts at one till of one shop, and sees that shop's own
)

var (
	// ErrKeyMalformed: the text is no key. Its checksum shows that without a look
	// into the database.
	ErrKeyMalformed = errors.New("that is no API key; check that it was copied whole")
	// ErrKeyUnknown: the key was never issued, or was revoked.
	ErrKeyUnknown = errors.New("there is no such API key, or it was revoked")
	// ErrKeyRevoked: a revoked key was to be rotated.
	ErrKeyRevoked = errors.New("the API key was revoked already; issue a new one")
	// ErrKeySpec: what was asked of a new key does not go together.
	ErrKeySpec = errors.New("such an API key can't be issued")
	// ErrLastOrganiserKey: without the key nobody could set the circle up.
	ErrLastOrganiserKey = errors.New("the last organiser key can't be revoked; rotate it, or issue another one first")
)

// KeySpec is what a key is issued for. Shop and Till belong to RoleShop.
type KeySpec struct {
	Role  Role
	Shop  string
	Till  string
	Label string // what people know the key by
}

// Key is an API key as it is listed: all but the key itself, which is shown once
// and never stored.
type Key struct {
	ID         string // "key_" and 11 letters and digits
	CircleID   int64
	Role       Role
	Shop       string
	Till       string
	Label      string
	CreatedAt  time.Time
	RevokedAt  time.Time // zero: it is in force
	ReplacedBy string    // the ID of the key that it was rotated to
}

// Caller returns who the key speaks for: the name under which idempotency keys
// are kept. It is the till's, not the key's, so that a retry is known after a
// rotation. A slash in the shop's code is escaped, so that no two tills have one
// name.
func (k Key) Caller() string {
	if k.Role == RoleOrganiser {
		return clearing.Organiser
	}
	return "shop:" + strings.ReplaceAll(strings.ReplaceAll(k.Shop, "%", "%25"), "/", "%2F") + "/" + k.Till
}

// Limits of a key's parts, in bytes.
const (
	maxTill  = 128
	maxLabel = 256
)

func (s KeySpec) check() error {
	switch {
	case s.Role == RoleOrganiser && (s.Shop != "" || s.Till != ""):
		return fmt.Errorf("%w: an organiser key is bound to no shop and no till", ErrKeySpec)
	case s.Role == RoleShop && (s.Shop == "" || s.Till == ""):
		return fmt.Errorf("%w: a shop key is bound to a shop and one of its tills; name both", ErrKeySpec)
	case s.Role != RoleOrganiser && s.Role != RoleShop:
		return fmt.Errorf("%w: the role is organiser or shop, not %q", ErrKeySpec, s.Role)
	case len(s.Till) > maxTill || !printable(s.Till):
		return fmt.Errorf("%w: a till has at most %d bytes and no control characters", ErrKeySpec, maxTill)
	case len(s.Label) > maxLabel || !printable(s.Label):
		return fmt.Errorf("%w: a label has at most %d bytes and no control characters", ErrKeySpec, maxLabel)
	}
	return nil
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// A key is a prefix that tells a test key from a live one, and in base 62 the
// circle (so that the look-up is by circle and key), the key's number, the
// secret, and a checksum over all before it.
const (
	prefixLive = "lk_live_"
	prefixTest = "lk_test_"

	circleSize = 8
	idSize     = 8
	secretSize = 20 // 160 bits from the system's generator
	sumSize    = 4
	bodySize   = circleSize + idSize + secretSize + sumSize

	bodyDigits = 54 // the least n with 62^n > 256^bodySize
	idDigits   = 11
	idPrefix   = "key_"
)

// newKeyText makes a key for a circle, and returns its ID and its text.
func newKeyText(circle clearing.Circle) (id, text string) {
	prefix := prefixLive
	if circle.Mode == clearing.Test {
		prefix = prefixTest
	}
	body := binary.BigEndian.AppendUint64(make([]byte, 0, bodySize), uint64(circle.ID))
	body = body[:bodySize-sumSize]
	// Read never fails: the program ends if the system has no random numbers.
	_, _ = rand.Read(body[circleSize:])
	body = binary.BigEndian.AppendUint32(body, checksum(prefix, body))
	return keyID(body), prefix + base62(body, bodyDigits)
}

// readKeyText returns the circle and the ID in a key's text, or ErrKeyMalformed.
func readKeyText(text string) (circle int64, id string, err error) {
	prefix := prefixLive
	if strings.HasPrefix(text, prefixTest) {
		prefix = prefixTest
	}
	digits, ok := strings.CutPrefix(text, prefix)
	if !ok || len(digits) != bodyDigits {
		return 0, "", ErrKeyMalformed
	}
	body, ok := unbase62(digits, bodySize)
	if !ok {
		return 0, "", ErrKeyMalformed
	}
	payload, sum := body[:bodySize-sumSize], body[bodySize-sumSize:]
	if binary.BigEndian.Uint32(sum) != checksum(prefix, payload) {
		return 0, "", ErrKeyMalformed
	}
	return int64(binary.BigEndian.Uint64(body)), keyID(body), nil
}

func keyID(body []byte) string {
	return idPrefix + base62(body[circleSize:circleSize+idSize], idDigits)
}

func checksum(prefix string, payload []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE([]byte(prefix)), crc32.IEEETable, payload)
}

// hashKey returns what is stored of a key. A key is as long as a hash and as
// random, so that a slow hash would add nothing.
func hashKey(text string) [sha256.Size]byte { return sha256.Sum256([]byte(text)) }

// base62 writes a number in digits, lower-case and upper-case letters, with
// zeros before it up to a width.
func base62(number []byte, width int) string {
	digits := new(big.Int).SetBytes(number).Text(62)
	return strings.Repeat("0", width-len(digits)) + digits
}

// unbase62 reads back what base62 wrote, into so many bytes.
func unbase62(digits string, size int) ([]byte, bool) {
	for i := range len(digits) {
		c := digits[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return nil, false // big.Int would take a sign
		}
	}
	number, ok := new(big.Int).SetString(digits, 62)
	if !ok || number.BitLen() > 8*size {
		return nil, false
	}
	return number.FillBytes(make([]byte, size)), true
}
