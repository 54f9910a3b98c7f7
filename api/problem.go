package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/bankfile"

	json "github.com/go-json-experiment/json"

	"github.com/lianka/lianka/merchant/access"
)

// problem is an error on its way to a caller: a code of the table, and what is
// particular to this occurrence.
type problem struct {
	code     string
	detail   string
	path     string // the field that was wrong
	data     map[string]string
	replayed bool
	cause    error // for the log alone
}

func (p *problem) Error() string {
	if p.cause != nil {
		return p.code + ": " + p.cause.Error()
	}
	return p.code + ": " + p.detail
}

func (p *problem) Unwrap() error { return p.cause }

// malformed is the problem of a request that is wrong at a field or parameter.
func malformed(path, detail string) error {
	if path != "" {
		detail = path + " " + detail
	}
	return &problem{code: codeInvalidRequest, path: path, detail: detail}
}

// absent is the problem of something that is not there, or belongs to others.
func absent(what string) error {
	return &problem{code: codeNotFound, detail: "there is no such " + what}
}

// asProblem finds the problem that an error is. What the table does not know is
// an internal error, of which the caller learns nothing more.
func asProblem(err error) *problem {
	var p *problem
	var refusal *clearing.Refusal
	var denied *access.DeniedError
	var field *alliance.FieldError
	var inFile *bankfile.FileError
	var account *bankfile.FieldError
	var routing *echo.HTTPError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refusal):
		return &problem{code: refusal.Code, detail: refusal.Detail, data: refusal.Data}
	case errors.As(err, &denied):
		return &problem{code: denied.Code, path: denied.Path, detail: denied.Detail}
	case errors.As(err, &field):
		path := bodyPath(field.Path)
		return &problem{code: codeInvalidDocument, path: path, detail: path + ": " + field.Reason}
	case errors.As(err, &inFile):
		return &problem{code: codeInvalidDocument, path: inFile.Path, detail: inFile.Error()}
	case errors.As(err, &account):
		return &problem{code: codeInvalidDocument, path: account.Field, detail: account.Error()}
	case errors.As(err, &routing):
		return fromEcho(routing)
	}
	for _, s := range sentinels {
		if !errors.Is(err, s.err) {
			continue
		}
		if kindOf(s.code).Status >= http.StatusInternalServerError {
			return &problem{code: s.code, detail: s.err.Error(), cause: err}
		}
		return &problem{code: s.code, detail: err.Error()}
	}
	return &problem{code: codeInternalError, cause: err}
}

// bodyPath turns a path of a document of the domain into one of the request's
// body.
func bodyPath(path string) string {
	_, rest, found := strings.Cut(path, ".")
	if !found {
		return path
	}
	return rest
}

// fromEcho translates errors of the router and of the generated code, which
// reads parameters.
func fromEcho(err *echo.HTTPError) *problem {
	switch err.Code {
	case http.StatusNotFound:
		return &problem{code: codeNotFound, detail: "there is nothing at this path"}
	case http.StatusMethodNotAllowed:
		return &problem{code: codeMethodNotAllowed, detail: "this path does not answer this method; the header Allow says which it does"}
	case http.StatusBadRequest:
		detail, _ := err.Message.(string)
		return &problem{code: codeInvalidRequest, detail: detail}
	}
	return &problem{code: codeInternalError, cause: err}
}

// problemDocument is the written form of a problem.
type problemDocument struct {
	Type      string            `json:"type"`
	Title     string            `json:"title"`
	Status    int               `json:"status"`
	Code      string            `json:"code"`
	Detail    string            `json:"detail,omitempty"`
	Path      string            `json:"path,omitempty"`
	Data      map[string]string `json:"data,omitempty"`
	RequestID string            `json:"request_id"`
}

// document returns what a request is told of the problem.
func (p *problem) document(sc *scope) ([]byte, error) {
	k := kindOf(p.code)
	title := k.Title.EN
	if sc.chinese() {
		title = k.Title.ZH
	}
	return json.Marshal(problemDocument{
		Type: "/docs/problems#" + k.Code, Title: title, Status: k.Status, Code: k.Code,
		Detail: p.detail, Path: p.path, Data: p.data, RequestID: sc.requestID,
	}, json.Deterministic(true))
}

// write answers a request with the problem.
func (p *problem) write(c echo.Context, sc *scope) error {
	k := kindOf(p.code)
	header := c.Response().Header()
	switch k.Status {
	case http.StatusUnauthorized:
		header.Set(echo.HeaderWWWAuthenticate, `Bearer realm="lianka"`)
	case http.StatusServiceUnavailable:
		header.Set(echo.HeaderRetryAfter, "1")
	}
	if p.replayed {
		header.Set(headerReplayed, "true")
	}
	sc.sayLanguage(header)
	body, err := p.document(sc)
	if err != nil {
		return err
	}
	return c.Blob(k.Status, "application/problem+json", body)
}

// sayLanguage says in the headers of an answer which language its titles have.
func (s *scope) sayLanguage(header http.Header) {
	header.Set(echo.HeaderVary, "Accept-Language")
	if s.chinese() {
		header.Set("Content-Language", "zh")
	}
}

func (s *scope) chinese() bool { return prefersChinese(s.language) }

// languages are those of the problems' titles; the first is the default.
var languages = language.NewMatcher([]language.Tag{language.English, language.Chinese})

func prefersChinese(accept string) bool {
	if accept == "" {
		return false
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return false
	}
	_, index, _ := languages.Match(wanted...)
	return index == 1
}
