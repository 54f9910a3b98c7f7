package problem

import (
	"errors"
	"net/http"
	"strings"

	json "github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/api/schema"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/legal"
)

// Problem is an error on its way to a caller: a code of the table, and the
// particulars of this occurrence.
type Problem struct {
	Code     string
	Detail   string
	Path     string // the field that was wrong
	Data     map[string]string
	Replayed bool  // it was answered before, to the same idempotency key
	Cause    error // for the log; callers don't see it
}

// Error returns the code with the cause or the detail.
func (p *Problem) Error() string {
	if p.Cause != nil {
		return p.Code + ": " + p.Cause.Error()
	}
	return p.Code + ": " + p.Detail
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Cause }

// Malformed returns the problem of a request that is wrong at a field or parameter,
// "" for the request as a whole.
func Malformed(path, detail string) error {
	if path != "" {
		detail = path + " " + detail
	}
	return &Problem{Code: CodeInvalidRequest, Path: path, Detail: detail}
}

// Absent returns the problem of something that doesn't exist, or belongs to others.
func Absent(what string) error {
	return &Problem{Code: CodeNotFound, Detail: "there is no such " + what}
}

// Of returns the problem that an error is. What the table does not know is an
// internal error, of which the caller learns nothing more.
func Of(err error) *Problem {
	var p *Problem
	var refusal *clearing.Refusal
	var wrong *schema.Error
	var denied *access.DeniedError
	var field *alliance.FieldError
	var inFile *bankfile.FileError
	var account *bankfile.FieldError
	var entity *legal.FieldError
	var routing *echo.HTTPError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refusal):
		return &Problem{Code: refusal.Code, Detail: refusal.Detail, Data: refusal.Data}
	case errors.As(err, &wrong):
		return &Problem{Code: CodeInvalidRequest, Path: wrong.Path, Detail: wrong.Error()}
	case errors.As(err, &denied):
		return &Problem{Code: denied.Code, Path: denied.Path, Detail: denied.Detail}
	case errors.As(err, &field):
		path := bodyPath(field.Path)
		return &Problem{Code: CodeInvalidDocument, Path: path, Detail: path + ": " + field.Reason}
	case errors.As(err, &inFile):
		return &Problem{Code: CodeInvalidDocument, Path: inFile.Path, Detail: inFile.Error()}
	case errors.As(err, &account):
		return &Problem{Code: CodeInvalidDocument, Path: account.Field, Detail: account.Error()}
	case errors.As(err, &entity):
		return &Problem{Code: CodeInvalidDocument, Path: entity.Field, Detail: entity.Error()}
	case errors.As(err, &routing):
		return fromEcho(routing)
	}
	for _, s := range sentinels {
		if !errors.Is(err, s.err) {
			continue
		}
		if KindOf(s.code).Status >= http.StatusInternalServerError {
			return &Problem{Code: s.code, Detail: s.err.Error(), Cause: err}
		}
		return &Problem{Code: s.code, Detail: err.Error()}
	}
	return &Problem{Code: CodeInternalError, Cause: err}
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
func fromEcho(err *echo.HTTPError) *Problem {
	switch err.Code {
	case http.StatusNotFound:
		return &Problem{Code: CodeNotFound, Detail: "there is nothing at this path"}
	case http.StatusMethodNotAllowed:
		return &Problem{Code: CodeMethodNotAllowed, Detail: "this path does not answer this method; the header Allow says which it does"}
	case http.StatusBadRequest:
		detail, _ := err.Message.(string)
		return &Problem{Code: CodeInvalidRequest, Detail: detail}
	}
	return &Problem{Code: CodeInternalError, Cause: err}
}

// Status returns the HTTP status of the problem.
func (p *Problem) Status() int { return KindOf(p.Code).Status }

// document is the written form of a problem.
type document struct {
	Type      string            `json:"type"`
	Title     string            `json:"title"`
	Status    int               `json:"status"`
	Code      string            `json:"code"`
	Detail    string            `json:"detail,omitempty"`
	Path      string            `json:"path,omitempty"`
	Data      map[string]string `json:"data,omitempty"`
	RequestID string            `json:"request_id"`
}

// Document returns the problem as JSON, with its title in Chinese or English.
func (p *Problem) Document(requestID string, chinese bool) ([]byte, error) {
	k := KindOf(p.Code)
	title := k.Title.EN
	if chinese {
		title = k.Title.ZH
	}
	return json.Marshal(document{
		Type: "/docs/problems#" + k.Code, Title: title, Status: k.Status, Code: k.Code,
		Detail: p.Detail, Path: p.Path, Data: p.Data, RequestID: requestID,
	}, json.Deterministic(true))
}

// languages are those of the titles; the first is the default.
var languages = language.NewMatcher([]language.Tag{language.English, language.Chinese})

// PrefersChinese reports whether an Accept-Language header asks for Chinese titles.
func PrefersChinese(accept string) bool {
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
