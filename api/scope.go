package api

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
)

// scope is what is known of a request while it is served: who asks, and about
// which circle.
type scope struct {
	requestID string
	language  string // the header Accept-Language
	operation *operation
	access.Credential
	grant    access.Grant // for the operation
	circle   clearing.Circle
	now      time.Time // the server's clock when the request came
	hidden   []string  // what must not get into the log
	commands int       // of a batch: how many it has
	booked   int       // of a batch: how many of them were booked
}

type scopeKey struct{}

// scopeOf returns the scope of a request. Every request has one.
func scopeOf(ctx context.Context) *scope {
	s, _ := ctx.Value(scopeKey{}).(*scope)
	return s
}

// hide keeps codes of cards and members out of the log.
func (s *scope) hide(codes ...string) { s.hidden = append(s.hidden, codes...) }

// acting returns the merchant at which an operation acts, of which the body may
// name one; nil if the caller is confined to none and named none.
func (s *scope) acting(operation string, named *string) (*string, error) {
	grant, err := s.Principal.For(operation)
	if err != nil {
		return nil, err
	}
	return grant.At(named)
}

// actingSomewhere is acting for an operation that needs a merchant.
func (s *scope) actingSomewhere(operation string, named *string) (string, error) {
	at, err := s.acting(operation, named)
	if err != nil {
		return "", err
	}
	if at == nil {
		return "", problem.Malformed("merchant", "is missing; an organiser key names the merchant where this happens")
	}
	return *at, nil
}

// party returns the party that a request is about.
func (s *scope) party(named *string) (string, error) {
	party, err := s.grant.At(named)
	if err != nil {
		return "", err
	}
	if party == nil {
		return "", problem.Malformed("party", "is missing; an organiser key names the party")
	}
	return *party, nil
}

// chinese reports whether the caller prefers Chinese.
func (s *scope) chinese() bool { return problem.PrefersChinese(s.language) }

// sayLanguage tells in the headers of an answer the language of its titles.
func (s *scope) sayLanguage(header http.Header) {
	header.Set(echo.HeaderVary, "Accept-Language")
	if s.chinese() {
		header.Set("Content-Language", "zh")
	}
}
