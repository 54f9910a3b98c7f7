package api

import (
	"context"
	"time"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant"
)

// scope is what is known of a request while it is served: who asks, and about
// which circle.
type scope struct {
	requestID string
	language  string // the header Accept-Language
	operation *operation
	key       merchant.Key
	speaksFor string // see caller
	circle    clearing.Circle
	now       time.Time // the server's clock when the request came
	hidden    []string  // what must not get into the log
	commands  int       // of a batch: how many it has
	booked    int       // of a batch: how many of them were booked
}

type scopeKey struct{}

// scopeOf returns the scope of a request. Every request has one.
func scopeOf(ctx context.Context) *scope {
	s, _ := ctx.Value(scopeKey{}).(*scope)
	return s
}

// hide keeps codes of cards and members out of the log.
func (s *scope) hide(codes ...string) { s.hidden = append(s.hidden, codes...) }

// shop returns the shop that the request is confined to, or "" for an organiser.
func (s *scope) shop() string { return s.key.Shop }

// caller returns whose idempotency keys those of the request are. It is worked out
// once, for however many commands.
func (s *scope) caller() string {
	if s.speaksFor == "" {
		s.speaksFor = s.key.Caller()
	}
	return s.speaksFor
}

// organiser reports whether the request may see all of the circle.
func (s *scope) organiser() bool { return s.key.Role == merchant.RoleOrganiser }

// acting returns the merchant at which a command acts, of which the body may name
// one: a shop acts at itself alone.
func (s *scope) acting(named *string) (*string, error) {
	if s.organiser() {
		return named, nil
	}
	if shop := s.shop(); named == nil || *named == shop {
		return &shop, nil
	}
	return nil, &problem{code: codeForbiddenMerchant, path: "merchant", detail: "this key acts at " + s.shop() + "; leave merchant out"}
}

// actingSomewhere is acting for a command that happens at a merchant.
func (s *scope) actingSomewhere(named *string) (string, error) {
	at, err := s.acting(named)
	if err != nil {
		return "", err
	}
	if at == nil {
		return "", malformed("merchant", "is missing; an organiser key names the merchant where this happens")
	}
	return *at, nil
}
