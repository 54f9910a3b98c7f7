package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/merchant/signin"
)

// Cookies. The prefix makes browsers take them over a secure connection alone, for this host
// alone and for all of its paths, so that no other host of the domain can plant one.
const (
	sessionCookie = "__Host-lianka"
	tillCookie    = "__Host-lianka-till" // of a device on which cashiers sign in with a PIN
)

// defaultPublicURL is an address on which browsers give what they give to https.
const defaultPublicURL = "http://localhost:8080"

// setPublicURL sets where people reach the server, and from which pages requests may come.
func (s *Server) setPublicURL(given *url.URL) error {
	s.publicURL = given
	if given == nil {
		s.publicURL, _ = url.Parse(defaultPublicURL)
	}
	s.crossOrigin = http.NewCrossOriginProtection()
	if err := s.crossOrigin.AddTrustedOrigin(s.publicURL.Scheme + "://" + s.publicURL.Host); err != nil {
		return fmt.Errorf("the public address: %w", err)
	}
	var err error
	s.passkeys, err = signin.NewPasskeys(s.pool, s.publicURL)
	return err
}

// keepsCookies reports whether browsers keep the cookies of sessions at the public address:
// over https, and on the machine itself.
func (s *Server) keepsCookies() bool {
	host := s.publicURL.Hostname()
	address := net.ParseIP(host)
	return s.publicURL.Scheme == "https" || host == "localhost" || strings.HasSuffix(host, ".localhost") || address != nil && address.IsLoopback()
}

// checkOrigin refuses what a page of another site sends with somebody's cookies, or to give
// somebody a session that is not theirs. Reading is let through: the page can't see the answer.
func (s *Server) checkOrigin(request *http.Request) error {
	if err := s.crossOrigin.Check(request); err != nil {
		return problem.New(problem.CodeCrossSite, "", "this comes from a page of another site; open it at %s", s.publicURL.String())
	}
	return nil
}

// authenticateSession finds out whose session the cookie of a request is.
func (s *Server) authenticateSession(ctx context.Context, sc *scope, request *http.Request) error {
	cookies := request.CookiesNamed(sessionCookie)
	if len(cookies) > 1 {
		return problem.New(problem.CodeUnauthenticated, "", "the cookie of the session is given twice; send it once")
	}
	session, err := signin.Authenticate(ctx, s.pool, cookies[0].Value, sc.now)
	if errors.Is(err, signin.ErrSessionUnknown) {
		return problem.New(problem.CodeUnauthenticated, "", "this session is over; sign in again")
	}
	if err != nil {
		return err
	}
	sc.Credential, sc.session = session.Credential(), &session
	if sc.alliance, err = s.alliance(ctx, sc.AllianceID); err != nil {
		return err
	}
	return s.checkOrigin(request)
}

// newCookie returns a cookie as the header Set-Cookie says it. One without a value deletes it.
func newCookie(name, value string, maxAge time.Duration) string {
	cookie := http.Cookie{Name: name, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(maxAge.Seconds())}
	if value == "" {
		cookie.MaxAge = -1
	}
	return cookie.String()
}
