package signin

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"strings"
)

// Prefixes of tokens. They begin as API keys do, so that whatever keeps keys out of logs keeps
// these out too.
const (
	sessionPrefix = "lk_session_"
	linkPrefix    = "lk_link_"
	tillPrefix    = "lk_till_"
)

// A token is its prefix, and in base64 the circle, the number of its row, the secret and a
// checksum, which tells a token that was not copied whole without asking the database.
const (
	allianceSize = 8
	numberSize   = 8
	secretSize   = 32 // 256 bits from the system's generator
	sumSize      = 4
	bodySize     = allianceSize + numberSize + secretSize + sumSize
)

// newToken makes a token and returns the number of its row in hex.
func newToken(prefix string, allianceID int64) (number, text string) {
	body := binary.BigEndian.AppendUint64(make([]byte, 0, bodySize), uint64(allianceID))
	body = body[:bodySize-sumSize]
	_, _ = rand.Read(body[allianceSize:]) // never fails
	body = binary.BigEndian.AppendUint32(body, checksum(prefix, body))
	return numberOf(body), prefix + base64.RawURLEncoding.EncodeToString(body)
}

// readToken returns the circle and the number of the row that a token names.
func readToken(prefix, text string) (allianceID int64, number string, ok bool) {
	digits, ok := strings.CutPrefix(text, prefix)
	if !ok || len(digits) != base64.RawURLEncoding.EncodedLen(bodySize) {
		return 0, "", false
	}
	body, err := base64.RawURLEncoding.Strict().DecodeString(digits)
	if err != nil || binary.BigEndian.Uint32(body[bodySize-sumSize:]) != checksum(prefix, body[:bodySize-sumSize]) {
		return 0, "", false
	}
	return int64(binary.BigEndian.Uint64(body)), numberOf(body), true
}

func numberOf(body []byte) string {
	return hex.EncodeToString(body[allianceSize : allianceSize+numberSize])
}

func checksum(prefix string, body []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE([]byte(prefix)), crc32.IEEETable, body)
}

// hashToken returns what is kept of a secret that is random: a slow hash would add nothing.
func hashToken(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// newID returns a new ID of a kind: the prefix and 64 random bits.
func newID(prefix string) string {
	var number [numberSize]byte
	_, _ = rand.Read(number[:])
	return prefix + hex.EncodeToString(number[:])
}

// typed are the characters of codes that people type: Crockford's, without I, L, O and U.
var typed = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// newPairingCode returns a code of 60 random bits, in groups of four: nobody guesses it in the
// minutes that it is valid, so attempts need no limit, by which others could be kept out.
func newPairingCode() string {
	var random [8]byte
	_, _ = rand.Read(random[:])
	code := typed.EncodeToString(random[:])[:12]
	return code[:4] + "-" + code[4:8] + "-" + code[8:]
}

// readPairingCode returns a pairing code as it was made: letters of either case, hyphens and
// spaces left out, and what looks alike taken for what it looks like.
func readPairingCode(text string) string {
	code := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(text))
	if len(code) != 12 {
		return ""
	}
	return code[:4] + "-" + code[4:8] + "-" + code[8:]
}

// newCeremony returns the ID of a ceremony: 128 random bits.
func newCeremony() string {
	var random [16]byte
	_, _ = rand.Read(random[:])
	return hex.EncodeToString(random[:])
}
