package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"math/big"
	"strings"

	"github.com/lianka/lianka/clearing"
)

// A key's text is a prefix, which tells test keys from live ones, and in base 62
// the circle (every look-up goes by circle and key), the key's number, the secret,
// and a checksum over all of that.
const (
	prefixLive = "lk_live_"
	prefixTest = "lk_test_"

	allianceSize = 8
	idSize       = 8
	secretSize   = 20 // 160 bits from the system's generator
	sumSize      = 4
	bodySize     = allianceSize + idSize + secretSize + sumSize

	bodyDigits = 54 // the least n with 62^n > 256^bodySize
	idDigits   = 11
	idPrefix   = "key_"
)

// newKeyText makes a key for a circle and returns its ID and its text.
func newKeyText(alliance clearing.Alliance) (id, text string) {
	prefix := prefixLive
	if alliance.Mode == clearing.Test {
		prefix = prefixTest
	}
	body := binary.BigEndian.AppendUint64(make([]byte, 0, bodySize), uint64(alliance.ID))
	body = body[:bodySize-sumSize]
	// Read never fails: the program ends if the system has no random numbers.
	_, _ = rand.Read(body[allianceSize:])
	body = binary.BigEndian.AppendUint32(body, checksum(prefix, body))
	return keyID(body), prefix + base62(body, bodyDigits)
}

// readKeyText returns the circle and the ID in a key's text, or ErrKeyMalformed.
func readKeyText(text string) (allianceID int64, id string, err error) {
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
	return idPrefix + base62(body[allianceSize:allianceSize+idSize], idDigits)
}

func checksum(prefix string, payload []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE([]byte(prefix)), crc32.IEEETable, payload)
}

// hashKey returns what is stored of a key. The secret is 160 random bits, so a
// slow hash would add nothing.
func hashKey(text string) [sha256.Size]byte { return sha256.Sum256([]byte(text)) }

// base62 writes a number in digits, lower-case and upper-case letters, padded with
// zeros to a width.
func base62(number []byte, width int) string {
	digits := new(big.Int).SetBytes(number).Text(62)
	return strings.Repeat("0", width-len(digits)) + digits
}

// unbase62 reads what base62 wrote into size bytes.
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
