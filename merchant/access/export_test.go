package access

import (
	"encoding/binary"
	"strings"

	"github.com/lianka/lianka/clearing"
)

// Forge returns a key of the same circle and number as another, with another
// secret and the checksum that goes with it.
func Forge(text string) string {
	digits := strings.TrimPrefix(text, prefixTest)
	body, _ := unbase62(digits, bodySize)
	body[allianceSize+idSize]++
	payload := body[:bodySize-sumSize]
	return prefixTest + base62(binary.BigEndian.AppendUint32(payload, checksum(prefixTest, payload)), bodyDigits)
}

// ForgeAny returns a key that was never issued, in a circle that need not exist,
// with the right checksum.
func ForgeAny(allianceID int64) string {
	_, text := newKeyText(clearing.Alliance{ID: allianceID, Mode: clearing.Test})
	return text
}

// The limits of a cache.
const (
	MaxWaiting    = maxWaiting
	MaxRemembered = maxRemembered
)

// Remembered returns how many keys a cache remembers.
func (c *KeyCache) Remembered() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.remembered.entries)
}

// NewLRU returns a map of limited size.
func NewLRU(limit int) *lru[int, string] { return newLRU[int, string](limit) }

// Put, Touch and Has are for tests.
func (l *lru[K, V]) Put(key K, value V) { l.put(key, value) }

// Touch uses a key.
func (l *lru[K, V]) Touch(key K) { l.touch(key) }

// Has reports whether a key is in the map.
func (l *lru[K, V]) Has(key K) bool {
	_, ok := l.peek(key)
	return ok
}
