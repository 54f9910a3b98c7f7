package api

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	// repeatTime is how long the openings of a link by one browser count once, at least. It is
	// at most twice as long.
	repeatTime = 30 * time.Minute
	// missesMost is how many links that there are not may be asked for from one block of
	// addresses within missTime.
	missesMost = 30
	missTime   = time.Minute
	// maxRemembered bounds what is in memory of each.
	maxRemembered = 100_000
)

// openings knows which pages of links were opened lately, in memory alone: nothing of a
// browser or an address is stored. It keeps digests under keys that are as short-lived.
type openings struct {
	mu          sync.Mutex
	now, before seenOpenings
	misses      map[netip.Prefix]int
	missesSince time.Time
}

// seenOpenings is what was opened in a time.
type seenOpenings struct {
	key   [32]byte
	since time.Time
	seen  map[[sha256.Size]byte]struct{}
}

func (s *seenOpenings) digest(link string, from netip.Prefix, browser string) (digest [sha256.Size]byte) {
	mac := hmac.New(sha256.New, s.key[:])
	for _, part := range []string{link, from.String(), browser} {
		mac.Write([]byte(part + "\n"))
	}
	mac.Sum(digest[:0])
	return digest
}

// counts reports whether an opening is to be counted: it is not a repetition.
func (o *openings) counts(c echo.Context, link string, now time.Time) bool {
	from, browser := addressBlock(c), c.Request().UserAgent()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.now.seen == nil || now.Sub(o.now.since) >= repeatTime || len(o.now.seen) >= maxRemembered {
		o.before = o.now
		if now.Sub(o.now.since) >= 2*repeatTime {
			o.before = seenOpenings{}
		}
		o.now = seenOpenings{since: now, seen: make(map[[sha256.Size]byte]struct{})}
		_, _ = rand.Read(o.now.key[:]) // never fails
	}
	digest := o.now.digest(link, from, browser)
	_, seen := o.now.seen[digest]
	if !seen {
		_, seen = o.before.seen[o.before.digest(link, from, browser)]
	}
	o.now.seen[digest] = struct{}{}
	return !seen
}

// locked returns when somebody may ask again who has asked for too many links that there are
// not, or zero.
func (o *openings) locked(c echo.Context, now time.Time) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.Sub(o.missesSince) >= missTime || o.misses[addressBlock(c)] < missesMost {
		return time.Time{}
	}
	return o.missesSince.Add(missTime)
}

// missed counts that somebody has asked for a link that there is not.
func (o *openings) missed(c echo.Context, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.misses == nil || now.Sub(o.missesSince) >= missTime {
		o.misses, o.missesSince = make(map[netip.Prefix]int), now
	}
	from := addressBlock(c)
	if _, known := o.misses[from]; known || len(o.misses) < maxRemembered {
		o.misses[from]++
	}
}
