package problem

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	json "github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/alliance/people"
	"github.com/lianka/lianka/api/schema"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/bankfile"
	"github.com/lianka/lianka/clearing/message"
	"github.com/lianka/lianka/merchant/access"
	"github.com/lianka/lianka/merchant/attempts"
	"github.com/lianka/lianka/merchant/legal"
)

// Problem is an error on its way to a caller: a code of the table, and the
// particulars of this occurrence.
type Problem struct {
	Code     string
	Detail   string           // in English
	Message  *message.Message // Detail, to be said in other languages
	Subject  string           // what Detail says Message of, as it is named in other languages; "" if it is a whole sentence
	Path     string           // the field that was wrong
	Data     map[string]string
	Replayed bool      // it was answered before, to the same idempotency key
	RetryAt  time.Time // of what was tried too often: when it may be tried again
	Cause    error     // for the log; callers don't see it
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

// New returns a problem that says a sentence. At a path, "" for none, the sentence
// goes on from the path's name.
func New(code, path, format string, args ...any) *Problem {
	m := message.New(format, args...)
	detail := m.English()
	if path != "" {
		detail = path + " " + detail
	}
	return &Problem{Code: code, Path: path, Detail: detail, Message: &m, Subject: path}
}

// At returns a problem that says a whole sentence because of what is at a path.
func At(path, code, format string, args ...any) *Problem {
	p := New(code, "", format, args...)
	p.Path = path
	return p
}

// Malformed returns the problem of a request that is wrong at a field or parameter,
// "" for the request as a whole.
func Malformed(path, format string, args ...any) error {
	return New(CodeInvalidRequest, path, format, args...)
}

// Absent returns the problem of something that doesn't exist, or belongs to others.
func Absent(what string) error {
	return New(CodeNotFound, "", "there is no such %s", Word(what))
}

// Word is what languages have their own word for.
type Word string

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
	var person *people.FieldError
	var tooMany *attempts.TooManyError
	var routing *echo.HTTPError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refusal):
		return &Problem{Code: refusal.Code, Detail: refusal.Detail, Message: refusal.Message, Data: refusal.Data}
	case errors.As(err, &wrong):
		return &Problem{Code: CodeInvalidRequest, Path: wrong.Path, Detail: wrong.Error(), Message: wrong.Message, Subject: wrong.Path}
	case errors.As(err, &denied):
		return &Problem{Code: denied.Code, Path: denied.Path, Detail: denied.Detail, Message: denied.Message}
	case errors.As(err, &field):
		path := bodyPath(field.Path)
		return &Problem{Code: CodeInvalidDocument, Path: path, Detail: path + ": " + field.Reason, Message: field.Message, Subject: path}
	case errors.As(err, &inFile):
		return &Problem{Code: CodeInvalidDocument, Path: inFile.Path, Detail: inFile.Error(), Message: inFile.Message, Subject: placeInFile(inFile)}
	case errors.As(err, &account):
		return &Problem{Code: CodeInvalidDocument, Path: account.Field, Detail: account.Error(), Message: account.Message, Subject: account.Field}
	case errors.As(err, &entity):
		return &Problem{Code: CodeInvalidDocument, Path: entity.Field, Detail: entity.Error(), Message: entity.Message, Subject: entity.Field}
	case errors.As(err, &person):
		return &Problem{Code: CodeInvalidDocument, Path: person.Field, Detail: person.Error(), Message: person.Message, Subject: person.Field}
	case errors.As(err, &tooMany):
		tried := New(CodeTooManyAttempts, "", "too many attempts; try again after %s", tooMany.RetryAt.UTC().Format(time.RFC3339))
		tried.RetryAt = tooMany.RetryAt
		return tried
	case errors.As(err, &routing):
		return fromEcho(routing)
	}
	for _, s := range sentinels {
		if !errors.Is(err, s.err) {
			continue
		}
		if KindOf(s.code).Status >= http.StatusInternalServerError {
			m := message.New("%v", s.err)
			return &Problem{Code: s.code, Detail: s.err.Error(), Message: &m, Cause: err}
		}
		m := message.New("%v", err)
		var said *message.Error
		if errors.As(err, &said) {
			m = said.Message
		}
		return &Problem{Code: s.code, Detail: err.Error(), Message: &m}
	}
	return &Problem{Code: CodeInternalError, Cause: err}
}

// placeInFile returns in Chinese where a bank's file is wrong, "" for the whole file.
func placeInFile(e *bankfile.FileError) string {
	var places []string
	if e.Line > 0 {
		places = append(places, fmt.Sprintf("第 %d 行", e.Line))
	}
	if e.Path != "" {
		places = append(places, e.Path)
	}
	return strings.Join(places, "：")
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
		return New(CodeNotFound, "", "there is nothing at this path")
	case http.StatusMethodNotAllowed:
		return New(CodeMethodNotAllowed, "", "this path does not answer this method; the header Allow says which it does")
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

// detail returns Detail in Chinese, as far as there are words for it.
func (p *Problem) detail(inChinese bool) string {
	if !inChinese || p.Message == nil {
		return p.Detail
	}
	if _, translated := chinese.Sentences[p.Message.Format]; !translated {
		return p.Detail
	}
	said := p.Message.In(&chinese)
	if p.Subject == "" {
		return said
	}
	return p.Subject + "：" + said
}

// Document returns the problem as JSON, with its title and detail in Chinese or
// English.
func (p *Problem) Document(requestID string, chinese bool) ([]byte, error) {
	k := KindOf(p.Code)
	title := k.Title.EN
	if chinese {
		title = k.Title.ZH
	}
	return json.Marshal(document{
		Type: "/docs/problems#" + k.Code, Title: title, Status: k.Status, Code: k.Code,
		Detail: p.detail(chinese), Path: p.Path, Data: p.Data, RequestID: requestID,
	}, json.Deterministic(true))
}

// languages are those that problems are told in; the first is the default.
var languages = language.NewMatcher([]language.Tag{language.English, language.Chinese})

// PrefersChinese reports whether an Accept-Language header asks for Chinese.
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
