package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/attempts"
)

// How often what could be guessed may be wrong, by the server's clock.
var (
	// wrongCodes are those that a till shows: codes that there are not, and PINs.
	wrongCodes = []attempts.Limit{
		{Name: "wrong codes", Most: 5, Within: time.Minute, Lock: 5 * time.Minute},
		{Name: "wrong codes of a day", Most: 100, Within: 24 * time.Hour},
	}
	// wrongPINs are those of a card, at whatever till.
	wrongPINs = attempts.Limit{Name: "wrong PINs", Most: 5, Within: 15 * time.Minute, Lock: 15 * time.Minute}
	// unknownCards are those that a till names and that there are not.
	unknownCards = []attempts.Limit{
		{Name: "unknown cards", Most: 30, Within: 10 * time.Minute, Lock: 10 * time.Minute},
		{Name: "unknown cards of a day", Most: 300, Within: 24 * time.Hour},
	}
	// newCodes are those of a card.
	newCodes = attempts.Limit{Name: "new codes", Most: 30, Within: 10 * time.Minute}
)

// wrongCodePause is how long a till waits for the answer to a wrong code.
const wrongCodePause = time.Second

// guessing slows down who guesses codes, PINs and the numbers of cards. What is right at once costs
// nothing but, of codes and PINs, a look at the count.
type guessing struct {
	pause   time.Duration
	turns   turns
	stopped stops
	hashing chan struct{} // as many as may hash a PIN at a time, which takes memory
}

func newGuessing(pause time.Duration) guessing {
	if pause == 0 {
		pause = wrongCodePause
	}
	return guessing{pause: pause, hashing: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// guesser is a caller of a circle, or all tills of a shop, who may be guessing.
type guesser struct {
	allianceID   int64
	caller, shop string // one of the two
}

func (s *scope) guesser() guesser { return guesser{allianceID: s.alliance.ID, caller: s.Caller} }

// turns lets each till have one code or PIN checked at a time in this process. Else it could have
// many wrong ones looked at before the first is counted.
type turns struct {
	mu    sync.Mutex
	queue map[guesser]*turn
}

type turn struct {
	free  chan struct{} // holds one token
	users int
}

// take waits for the till's turn, which the returned function ends.
func (t *turns) take(ctx context.Context, key guesser) (end func(), err error) {
	t.mu.Lock()
	if t.queue == nil {
		t.queue = make(map[guesser]*turn)
	}
	q := t.queue[key]
	if q == nil {
		q = &turn{free: make(chan struct{}, 1)}
		q.free <- struct{}{}
		t.queue[key] = q
	}
	q.users++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if q.users--; q.users == 0 {
			delete(t.queue, key)
		}
	}
	select {
	case <-q.free:
		return func() { q.free <- struct{}{}; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

// stops remembers the tills that have named too many unknown cards, so that what names a known
// one costs no look at the count. Another process stops such a till as soon as it names an unknown
// card there.
type stops struct {
	count atomic.Int64
	mu    sync.Mutex
	until map[guesser]time.Time
}

// stop stops a till until an instant.
func (s *stops) stop(key guesser, until, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until == nil {
		s.until = make(map[guesser]time.Time)
	}
	for other, end := range s.until {
		if !end.After(now) {
			delete(s.until, other)
		}
	}
	s.until[key] = until
	s.count.Store(int64(len(s.until)))
}

// check returns a *attempts.TooManyError if the till is stopped.
func (s *stops) check(key guesser, now time.Time) error {
	if s.count.Load() == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if until := s.until[key]; until.After(now) {
		return &attempts.TooManyError{RetryAt: until}
	}
	return nil
}

// mayName returns a *attempts.TooManyError if the caller may name no card now. The organiser, who
// has a list of them, may always.
func (s *Server) mayName(sc *scope) error {
	if sc.Principal.Role == access.Organiser {
		return nil
	}
	err := s.guessing.stopped.check(sc.guesser(), sc.now)
	if shop := sc.Principal.Merchant; err == nil && shop != "" {
		err = s.guessing.stopped.check(guesser{allianceID: sc.alliance.ID, shop: shop}, sc.now)
	}
	return err
}

// unknownCard counts that the caller has named a card that there is not, or tried whether there is
// one. It returns an error if that was once too often, or can't be counted.
func (s *Server) unknownCard(ctx context.Context, sc *scope) error {
	if sc.Principal.Role == access.Organiser {
		return nil
	}
	if err := s.mayName(sc); err != nil {
		return err
	}
	err := s.take(ctx, sc, unknownCards...)
	var tooMany *attempts.TooManyError
	if err == nil || errors.As(err, &tooMany) { // perhaps it was the last
		if failed := s.stopGuesser(ctx, sc); failed != nil {
			err = failed
		}
	}
	return clearing.Unavailable(err)
}

// stopGuesser remembers whether the caller, or its shop, has named too many unknown cards.
func (s *Server) stopGuesser(ctx context.Context, sc *scope) error {
	subjects := map[guesser]string{sc.guesser(): sc.Caller}
	limits := map[guesser][]attempts.Limit{sc.guesser(): unknownCards}
	if shop := sc.shopSubject(); shop != "" {
		all := guesser{allianceID: sc.alliance.ID, shop: sc.Principal.Merchant}
		subjects[all], limits[all] = shop, ofShop(unknownCards)
	}
	for who, subject := range subjects {
		err := attempts.Check(ctx, s.pool, sc.alliance.ID, subject, sc.now, limits[who]...)
		var tooMany *attempts.TooManyError
		switch {
		case errors.As(err, &tooMany):
			s.guessing.stopped.stop(who, tooMany.RetryAt, sc.now)
		case err != nil:
			return err
		}
	}
	return nil
}

// countUnknown is unknownCard if that is what an error says. It returns the error, or one that
// says that it was once too often.
func (s *Server) countUnknown(ctx context.Context, err error) error {
	var denied *access.DeniedError
	var refusal *clearing.Refusal
	switch {
	case errors.Is(err, alliance.ErrCardUnknown):
	case errors.As(err, &denied) && denied.Code == access.CodeHidden:
	case errors.As(err, &refusal) && namesUnknown(refusal):
	default:
		return err
	}
	sc := scopeOf(ctx)
	if tooMany := s.unknownCard(ctx, sc); tooMany != nil {
		return tooMany
	}
	if sc.grant.Member() != "" && (refusal == nil || refusal.Code == alliance.CodeUnknownCard) {
		return sc.grant.CheckMember("card", "") // to a member a card that there is not is as one that another holds
	}
	return err
}

// namesUnknown reports whether a refusal tells whether there is a card.
func namesUnknown(r *clearing.Refusal) bool {
	return r.Code == alliance.CodeUnknownCard || r.Code == alliance.CodeCardExists
}

// countOutcome is unknownCard if that is what came of an order, which is not a retry.
func (s *Server) countOutcome(ctx context.Context, sc *scope, o *sequencer.Outcome) error {
	if o.Refusal == nil || o.Replayed || !namesUnknown(o.Refusal) {
		return nil
	}
	return s.unknownCard(ctx, sc)
}

// wrongCode counts a wrong code or PIN of a till, lets it wait, and returns an error if it was
// once too often, or can't be counted.
func (s *Server) wrongCode(ctx context.Context, sc *scope) error {
	if err := s.take(ctx, sc, wrongCodes...); err != nil {
		return clearing.Unavailable(err)
	}
	select {
	case <-time.After(s.guessing.pause):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// mayShow returns a *attempts.TooManyError if the caller is locked because of wrong codes.
func (s *Server) mayShow(ctx context.Context, sc *scope) error {
	return s.mayTry(ctx, sc, wrongCodes...)
}

// cardSubject is a card as the count of attempts knows it.
func cardSubject(card string) string {
	digest := sha256.Sum256([]byte(card))
	return "card:" + hex.EncodeToString(digest[:16])
}
