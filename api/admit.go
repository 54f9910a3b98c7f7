package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
)

// Limits of what stands in a request's line and headers, in bytes.
const (
	maxHeaders        = 16 << 10
	maxValue          = 1024 // of a parameter
	maxIdempotencyKey = 255
)

// limit bounds the headers of a request and the time that it may take.
func (s *Server) limit(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		size := len(c.Request().RequestURI)
		for name, values := range c.Request().Header {
			for _, value := range values {
				size += len(name) + len(value) + len(": \r\n")
			}
		}
		if size > maxHeaders {
			return &problem{code: codeHeadersTooLarge, detail: fmt.Sprintf("the headers have %d bytes; at most %d are read", size, maxHeaders)}
		}
		ctx, cancel := context.WithTimeout(c.Request().Context(), s.requestTimeout)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// admit lets a request through to an operation: its parameters are known, its key
// is in force and of the right role, and it has an Idempotency-Key if one is
// needed.
func (s *Server) admit(op *operation) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx := c.Request().Context()
			sc := scopeOf(ctx)
			sc.operation = op
			if err := s.authenticate(ctx, sc, c.Request().Header); err != nil {
				return err
			}
			var err error
			if sc.grant, err = sc.Principal.For(op.id); err != nil {
				return err
			}
			if err := checkParameters(c, op); err != nil {
				return err
			}
			if op.idempotent {
				if err := checkIdempotencyHeader(c.Request().Header.Values(headerIdemKey)); err != nil {
					return err
				}
			}
			return next(c)
		}
	}
}

// authenticate finds out whose key a request carries. What is wrong with a key
// is not told, only that it is not in force.
func (s *Server) authenticate(ctx context.Context, sc *scope, header http.Header) error {
	scheme, text, _ := strings.Cut(header.Get(echo.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return &problem{code: codeUnauthenticated, detail: "send the header Authorization: Bearer with your API key"}
	}
	key, err := s.keys.Authenticate(ctx, strings.TrimSpace(text))
	if errors.Is(err, access.ErrKeyMalformed) || errors.Is(err, access.ErrKeyUnknown) {
		return &problem{code: codeUnauthenticated, detail: "this API key is not in force; it may be mistyped, revoked or rotated"}
	}
	if err != nil {
		return err
	}
	sc.Credential = key.Credential()
	sc.circle, err = s.circle(ctx, sc.CircleID)
	return err
}

// circle returns what never changes about a circle, and so is read once.
func (s *Server) circle(ctx context.Context, id int64) (clearing.Circle, error) {
	if known, ok := s.circles.Load(id); ok {
		if circle, ok := known.(clearing.Circle); ok {
			return circle, nil
		}
	}
	circle, err := clearing.FindCircle(ctx, s.pool, id)
	if err == nil {
		s.circles.Store(id, circle)
	}
	return circle, clearing.Unavailable(err)
}

// checkParameters refuses parameters that the operation does not know, that are
// given twice, or that no text of the circle could be.
func checkParameters(c echo.Context, op *operation) error {
	for i, name := range c.ParamNames() {
		value, err := c.ParamValues()[i], error(nil)
		if c.Request().URL.RawPath != "" {
			value, err = url.PathUnescape(value)
		}
		if err != nil || value == "" || !sane(value, maxValue) {
			return absent(name)
		}
		scopeOf(c.Request().Context()).hide(value)
	}
	query, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return malformed("", "the query is not encoded as it should be")
	}
	for name, values := range query {
		switch {
		case !slices.Contains(op.query, name):
			return malformed(clipped(name), "is no query parameter of this; they are: "+strings.Join(op.query, ", "))
		case len(values) > 1:
			return malformed(name, "is given twice")
		case values[0] == "":
			return malformed(name, "is empty; leave it out")
		case !sane(values[0], maxValue):
			return malformed(name, "is too long or contains what is no text")
		}
	}
	return nil
}

func checkIdempotencyHeader(values []string) error {
	switch {
	case len(values) == 0 || values[0] == "":
		return &problem{code: codeIdempotencyMissing, path: headerIdemKey, detail: "send the header Idempotency-Key with a name of your choice for this request"}
	case len(values) > 1:
		return malformed(headerIdemKey, "is given twice")
	}
	return checkIdempotencyKey(values[0], headerIdemKey)
}

// checkIdempotencyKey refuses a key that could not be kept; path is where it
// stands.
func checkIdempotencyKey(key, path string) error {
	if !sane(key, maxIdempotencyKey) {
		return malformed(path, fmt.Sprintf("has at most %d bytes of UTF-8 and no control characters", maxIdempotencyKey))
	}
	return nil
}

// sane reports whether a text can be kept and compared as it is.
func sane(value string, most int) bool {
	return len(value) <= most && utf8.ValidString(value) && !strings.ContainsFunc(value, unicode.IsControl)
}
