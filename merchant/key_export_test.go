package merchant

import (
	"encoding/binary"
	"strings"
)

// Forge returns a key of the same circle and number as another, with another
// secret and the checksum that goes with it.
func Forge(text string) string {
	digits := strings.TrimPrefix(text, prefixTest)
	body, _ := unbase62(digits, bodySize)
	body[circleSize+idSize]++
	payload := body[:bodySize-sumSize]
	return prefixTest + base62(binary.BigEndian.AppendUint32(payload, checksum(prefixTest, payload)), bodyDigits)
}
