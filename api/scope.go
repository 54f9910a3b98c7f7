package api

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/signin"
)

// scope is what is known of a request: who sent it, and about which circle.
type scope struct {
	requestID string
	language  string // the header Accept-Language
	operation *operation
	access.Credential
	grant    access.Grant // for the operation
	alliance clearing.Alliance
	now      time.Time       // the server's clock when the request came
	hidden   []string        // what must not get into the log
	till     string          // the token of the device, if it is a paired till and nobody is asked for
	session  *signin.Session // whose cookie it was; nil: it has a key, or nothing
	secure   bool            // it came over https, to the server or to a proxy that is trusted
	commands int             // of a batch: how many it has
	booked   int             // of a batch: how many of them were booked
}

type scopeKey struct{}

// scopeOf returns the scope of a request. Every request has one.
func scopeOf(ctx context.Context) *scope {
	s, _ := ctx.Value(scopeKey{}).(*scope)
	return s
}

// hide keeps codes of cards and members out of the log.
func (s *scope) hide(codes ...string) { s.hidden = append(s.hidden, codes...) }

// chinese reports whether the caller prefers Chinese.
func (s *scope) chinese() bool { return problem.PrefersChinese(s.language) }

// sayLanguage tells in the headers of an answer the language of its titles.
func (s *scope) sayLanguage(header http.Header) {
	header.Set(echo.HeaderVary, "Accept-Language")
	if s.chinese() {
		header.Set("Content-Language", "zh")
	}
}
