package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/schema"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/merchant/access"
)

// Limits of a request's line and headers, in bytes.
const (
	maxHeaders = 16 << 10
	maxValue   = 1024 // of a parameter
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
			return problem.New(problem.CodeHeadersTooLarge, "", "the headers have %d bytes; at most %d are read", size, maxHeaders)
		}
		ctx, cancel := context.WithTimeout(c.Request().Context(), s.requestTimeout)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// admit lets a request through to an operation if its key is in force, its
// principal may call the operation, and its parameters are as the document says.
func (s *Server) admit(op *operation) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx := c.Request().Context()
			sc := scopeOf(ctx)
			sc.operation = op
			if err := s.authenticate(ctx, sc, c.Request()); err != nil {
				return err
			}
			var err error
			if sc.grant, err = sc.Principal.For(op.id); err != nil {
				return err
			}
			if err := checkContentHeaders(c.Request().Header); err != nil {
				return err
			}
			if err := checkFileType(c.Request().Header, op); err != nil {
				return err
			}
			if err := checkParameters(c, op); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// authenticate finds out whose key or whose session a request carries. Callers don't learn what
// is wrong with one, only that it is not in force. If there is a key, the cookie is not looked
// at; of an operation that is open to anyone, neither is.
func (s *Server) authenticate(ctx context.Context, sc *scope, request *http.Request) error {
	header := request.Header
	if access.Public(sc.operation.id) {
		sc.Principal = access.Principal{Role: access.Nobody}
		if cookies := request.CookiesNamed(tillCookie); len(cookies) == 1 {
			sc.till = cookies[0].Value
		}
		return s.checkOrigin(request)
	}
	if len(header.Values(echo.HeaderAuthorization)) > 1 {
		return problem.New(problem.CodeUnauthenticated, "", "the header Authorization is given twice; send it once")
	}
	if header.Get(echo.HeaderAuthorization) == "" && len(request.CookiesNamed(sessionCookie)) > 0 {
		return s.authenticateSession(ctx, sc, request)
	}
	scheme, text, _ := strings.Cut(header.Get(echo.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return problem.New(problem.CodeUnauthenticated, "", "send the header Authorization: Bearer with your API key, or sign in")
	}
	key, err := s.keys.Authenticate(ctx, strings.TrimSpace(text))
	if errors.Is(err, access.ErrKeyMalformed) || errors.Is(err, access.ErrKeyUnknown) {
		return problem.New(problem.CodeUnauthenticated, "", "this API key is not in force; it may be mistyped, revoked or rotated")
	}
	if err != nil {
		return err
	}
	sc.Credential = key.Credential()
	sc.alliance, err = s.alliance(ctx, sc.AllianceID)
	return err
}

// alliance returns what never changes about a circle, which is read once.
func (s *Server) alliance(ctx context.Context, id int64) (clearing.Alliance, error) {
	if known, ok := s.alliances.Load(id); ok {
		if alliance, ok := known.(clearing.Alliance); ok {
			return alliance, nil
		}
	}
	alliance, err := clearing.FindAlliance(ctx, s.pool, id)
	if err == nil {
		s.alliances.Store(id, alliance)
	}
	return alliance, clearing.Unavailable(err)
}

// checkContentHeaders refuses a body that is compressed, which nothing here reads, and two media types, of
// which another reader may take the other.
func checkContentHeaders(header http.Header) error {
	for _, coding := range header.Values(echo.HeaderContentEncoding) {
		if !strings.EqualFold(strings.TrimSpace(coding), "identity") {
			return problem.New(problem.CodeUnsupportedMediaType, "", "bodies are read as they are; send it without Content-Encoding")
		}
	}
	if len(header.Values(echo.HeaderContentType)) > 1 {
		return problem.New(problem.CodeUnsupportedMediaType, "", "the header Content-Type is given twice; send it once")
	}
	return nil
}

// fileTypes are the types that the file of a bank may be sent as. What it is, its content tells.
var fileTypes = []string{
	mediaTypeFile, "text/csv", "application/xml", "text/xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// checkFileType refuses a file that is sent as another type, which would be read with what stands around it.
func checkFileType(header http.Header, op *operation) error {
	if !op.file {
		return nil
	}
	media, _, err := mime.ParseMediaType(header.Get(echo.HeaderContentType))
	switch {
	case media == mediaTypeForm:
		return problem.New(problem.CodeUnsupportedMediaType, "", "a form is not read; send the file itself as the body, as %s", mediaTypeFile)
	case err != nil || !slices.Contains(fileTypes, media):
		return problem.New(problem.CodeUnsupportedMediaType, "", "the Content-Type of a file is one of %s", strings.Join(fileTypes, ", "))
	}
	return nil
}

// checkParameters checks the parameters of a request, each against its schema.
func checkParameters(c echo.Context, op *operation) error {
	if err := checkPath(c, op); err != nil {
		return err
	}
	for name, p := range op.header {
		if err := checkHeader(c.Request().Header.Values(name), p); err != nil {
			return err
		}
	}
	return checkQuery(c, op)
}

// checkPath checks the parameters of a path. A code or an id that none can be names
// nothing: 404. A wrong word or number is a malformed request: 400.
func checkPath(c echo.Context, op *operation) error {
	values := slices.Clone(c.ParamValues())
	for i, name := range c.ParamNames() {
		value, err := values[i], error(nil)
		if c.Request().URL.RawPath != "" {
			value, err = url.PathUnescape(value)
		}
		if err != nil || value == "" || !sane(value, maxValue) {
			return problem.At(name, problem.CodeNotFound, "there is no such %s", problem.Word(name))
		}
		scopeOf(c.Request().Context()).hide(value)
		p := op.path[name]
		if p == nil {
			return fmt.Errorf("the path parameter %s of %s is not in the document", name, op.id)
		}
		read, err := p.Check(value, name)
		if err != nil {
			if p.IsName() {
				hidden := *problem.Of(err)
				hidden.Code, hidden.Path = problem.CodeNotFound, name
				return &hidden
			}
			return err
		}
		if read != value {
			scopeOf(c.Request().Context()).hide(read)
			if c.Request().URL.RawPath != "" {
				read = url.PathEscape(read)
			}
			values[i] = read
		}
	}
	c.SetParamValues(values...)
	return nil
}

// checkQuery checks the parameters of a query. Unknown, repeated and empty ones are
// refused too.
func checkQuery(c echo.Context, op *operation) error {
	query, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return problem.Malformed("", "the query is not encoded as it should be")
	}
	folded := false
	for name, values := range query {
		p := op.query[name]
		switch {
		case p == nil:
			return problem.Malformed(schema.Clipped(name), "is not a query parameter here; there are: %s", op.queryNames())
		case len(values) > 1:
			return problem.Malformed(name, "is given twice")
		case values[0] == "":
			return problem.Malformed(name, "is empty; leave it out")
		case !sane(values[0], maxValue):
			return problem.Malformed(name, "is too long or contains what is not text")
		}
		read, err := p.Check(values[0], "")
		if err != nil {
			return err
		}
		folded = folded || read != values[0]
		values[0] = read
	}
	if folded {
		c.Request().URL.RawQuery = query.Encode()
	}
	for name, p := range op.query {
		if p.Required && len(query[name]) == 0 {
			return problem.Malformed(name, "is missing")
		}
	}
	return nil
}

func checkHeader(values []string, p *schema.Parameter) error {
	switch {
	case len(values) > 1:
		return problem.Malformed(p.Name, "is given twice")
	case len(values) == 1 && values[0] != "":
		_, err := p.Check(values[0], "") // codes stand in no header
		return err
	case p.Required && p.Name == headerIdemKey:
		return problem.At(headerIdemKey, problem.CodeIdempotencyMissing, "send the header Idempotency-Key with a name of your choice for this request")
	case p.Required:
		return problem.Malformed(p.Name, "is missing")
	}
	return nil
}

// sane reports whether a text can be stored and compared as it is.
func sane(value string, most int) bool {
	return len(value) <= most && utf8.ValidString(value) && !strings.ContainsFunc(value, unicode.IsControl)
}

// binder reads JSON bodies for the generated code, each by its schema.
type binder struct{}

// Bind reads the body of a request into a value.
func (binder) Bind(into any, c echo.Context) error {
	op := scopeOf(c.Request().Context()).operation
	body, err := readBody(c, op)
	if err != nil {
		return err
	}
	return op.body.Read(body, "", into)
}

// readBody returns the body of a request, which says that it is JSON and is not too
// large.
func readBody(c echo.Context, op *operation) ([]byte, error) {
	media, parameters, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if charset := parameters["charset"]; err != nil || media != mediaTypeJSON || (charset != "" && charset != "utf-8" && charset != "UTF-8") {
		return nil, problem.New(problem.CodeUnsupportedMediaType, "", "the Content-Type must be %s", mediaTypeJSON)
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, op.maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, problem.New(problem.CodeBodyTooLarge, "", "the body is larger than allowed here")
	case err != nil:
		return nil, problem.Malformed("", "the body could not be read to its end")
	}
	return body, nil
}
