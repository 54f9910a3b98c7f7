package schema

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/lianka/lianka/clearing/identifier"
	"github.com/lianka/lianka/clearing/message"
)

// Schema is a schema of the document, compiled.
type Schema struct {
	kind jsontext.Kind // '{', '[', '"', '0' or 't'

	fields   map[string]*Schema // of an object
	required []string

	items    *Schema // of a list
	minItems int
	maxItems int // 0: no limit

	enum       []string // of a text; none: any
	minLength  int      // in characters
	maxLength  int      // in characters; 0: no limit
	maxBytes   int      // 0: no limit
	pattern    *regexp.Regexp
	example    string // of what matches the pattern
	identifier bool   // a code of somebody or something: not empty, and read by package identifier
	opaque     bool   // a name that only its giver understands: not empty, no control characters
	text       bool   // people read it: nothing that can't be seen
	instant    bool
	unstored   bool // it may hold what the database can't

	minimum *int64 // of a number
	maximum *int64

	deferred bool // any value: whoever reads it checks it
	partly   bool // it is deferred, or something in it is
}

// Error says which field or parameter is wrong, and how.
type Error struct {
	Path   string // "" for the body as a whole
	Reason string // completes a sentence that begins with the path

	Message *message.Message // Reason, to be said in other languages
}

// Error returns the path and the reason.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Reason
	}
	return e.Path + " " + e.Reason
}

func fieldError(path, format string, args ...any) error {
	m := message.New(format, args...)
	return &Error{path, m.English(), &m}
}

// Read checks a JSON text, which must be one value and nothing else, and decodes it.
// path is where it stands in the body, "" for all of it. What is wrong with the
// text is an *Error; any other error means that the schema and the type differ.
func (s *Schema) Read(body []byte, path string, into any) error {
	body, err := s.check(body, path)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into, json.RejectUnknownMembers(true), anyNames, jsontext.AllowInvalidUTF8(s.partly))
}

// Field is a field of an object whose values are texts, numbers and booleans.
type Field struct {
	Name string
	Text string // as it says; of a number its digits
}

// ReadFields is Read for an object whose values are texts, whole numbers and booleans.
// It returns the fields in the order of their names.
func (s *Schema) ReadFields(body []byte, path string) ([]Field, error) {
	body, err := s.check(body, path)
	if err != nil {
		return nil, err
	}
	decoder, _ := decoders.Get().(*reader)
	defer decoders.Put(decoder)
	decoder.Reset(bytes.NewBuffer(body), anyNames)
	if _, err := decoder.ReadToken(); err != nil {
		return nil, err
	}
	fields := make([]Field, 0, 8)
	for decoder.PeekKind() != '}' {
		name, err := decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		f := Field{Name: name.String()}
		value, err := decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		f.Text = value.String()
		fields = append(fields, f)
	}
	slices.SortFunc(fields, func(x, y Field) int { return strings.Compare(x.Name, y.Name) })
	return fields, nil
}

// anyNames lets the walk find duplicate names itself, so that it doesn't look for
// them in values that are checked later.
var anyNames = jsontext.AllowDuplicateNames(true)

// decoders are pooled because one is larger than most bodies.
var decoders = sync.Pool{New: func() any { return &reader{Decoder: new(jsontext.Decoder)} }}

// reader is a walk over a body.
type reader struct {
	*jsontext.Decoder
	folded []folding // the identifiers that the body writes otherwise than they are stored
}

// folding is a value of a body that another takes the place of.
type folding struct {
	begin, end int64 // in the body
	value      []byte
}

// check checks a body, and returns it with its identifiers as they are stored and compared.
func (s *Schema) check(body []byte, path string) ([]byte, error) {
	decoder, _ := decoders.Get().(*reader)
	defer decoders.Put(decoder)
	decoder.folded = decoder.folded[:0]
	if err := s.checkWhole(decoder, body, path); err != nil || len(decoder.folded) == 0 {
		return body, err
	}
	var read []byte
	from := int64(0)
	for _, f := range decoder.folded {
		read = append(append(read, body[from:f.begin]...), f.value...)
		from = f.end
	}
	return append(read, body[from:]...), nil
}

func (s *Schema) checkWhole(decoder *reader, body []byte, path string) error {
	decoder.Reset(bytes.NewBuffer(body), anyNames, jsontext.AllowInvalidUTF8(s.partly))
	if decoder.PeekKind() == 0 && len(bytes.TrimSpace(body)) == 0 {
		return fieldError("", "the body is empty; send a JSON object")
	}
	if err := s.walk(decoder, path); err != nil {
		return err
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return fieldError("", "the body goes on after the JSON value; send one value and nothing else")
	}
	return nil
}

func (s *Schema) walk(decoder *reader, path string) error {
	if s.deferred {
		if err := decoder.SkipValue(); err != nil {
			return fieldError(place(path), "is not JSON: %s", plain(err))
		}
		return nil
	}
	kind := decoder.PeekKind()
	if kind == 'f' {
		kind = 't'
	}
	switch {
	case kind == 0:
		return syntaxError(decoder, path)
	case kind == 'n':
		return fieldError(place(path), "is null; leave a field out that has no value")
	case kind != s.kind:
		return fieldError(place(path), "is %s and should be %s", kindNames[kind], kindNames[s.kind])
	}
	switch s.kind {
	case '{':
		return s.walkObject(decoder, path)
	case '[':
		return s.walkArray(decoder, path)
	}
	if s.kind == '"' {
		return s.walkText(decoder, path)
	}
	token, err := decoder.ReadToken()
	if err != nil {
		return fieldError(path, "is not JSON: %s", plain(err))
	}
	if s.kind == '0' {
		n, err := strconv.ParseInt(token.String(), 10, 64)
		if err != nil {
			return fieldError(path, "is not a whole number of 64 bits, written without point and exponent")
		}
		return s.checkInteger(n, path)
	}
	return nil
}

// walkText reads a text as it is written, because a decoder that passes over
// deferred values would replace what is not UTF-8 instead of refusing it.
func (s *Schema) walkText(decoder *reader, path string) error {
	raw, err := decoder.ReadValue()
	if err != nil {
		return fieldError(path, "is not JSON: %s", plain(err))
	}
	var buffer [64]byte
	text, err := jsontext.AppendUnquote(buffer[:0], raw)
	if err != nil {
		return fieldError(path, "is not JSON: %s", plain(err))
	}
	given := string(text)
	read, err := s.checkText(given, path)
	if err != nil || read == given {
		return err
	}
	value, err := jsontext.AppendQuote(nil, read)
	end := decoder.InputOffset()
	decoder.folded = append(decoder.folded, folding{end - int64(len(raw)), end, value})
	return err
}

func (s *Schema) walkObject(decoder *reader, path string) error {
	if _, err := decoder.ReadToken(); err != nil {
		return fieldError(path, "is not JSON: %s", plain(err))
	}
	given := make([]string, 0, len(s.fields))
	for {
		switch decoder.PeekKind() {
		case '}':
			_, err := decoder.ReadToken()
			for _, name := range s.required {
				if !slices.Contains(given, name) {
					return fieldError(Join(path, name), "is missing")
				}
			}
			return err
		case '"':
		default:
			return syntaxError(decoder, path)
		}
		token, err := decoder.ReadToken()
		if err != nil {
			return fieldError(place(path), "is not JSON: %s", plain(err))
		}
		name := token.String()
		field := s.fields[name]
		if field == nil {
			return s.unknown(path, name)
		}
		if slices.Contains(given, name) {
			return fieldError(place(path), "has the key %q twice", name)
		}
		given = append(given, name)
		if err := field.walk(decoder, Join(path, name)); err != nil {
			return err
		}
	}
}

func (s *Schema) walkArray(decoder *reader, path string) error {
	if _, err := decoder.ReadToken(); err != nil {
		return fieldError(path, "is not JSON: %s", plain(err))
	}
	if decoder.PeekKind() == ']' && s.minItems > 0 {
		return fieldError(path, "is empty; send at least %d", s.minItems)
	}
	for i := 0; decoder.PeekKind() != ']'; i++ {
		if s.maxItems > 0 && i == s.maxItems {
			return fieldError(path, "has more than %d items", s.maxItems)
		}
		if err := s.items.walk(decoder, path+"["+strconv.Itoa(i)+"]"); err != nil {
			return err
		}
	}
	_, err := decoder.ReadToken()
	return err
}

func (s *Schema) checkInteger(n int64, path string) error {
	below, above := s.minimum != nil && n < *s.minimum, s.maximum != nil && n > *s.maximum
	switch {
	case (below || above) && s.minimum != nil && s.maximum != nil:
		return fieldError(path, "must be between %d and %d", *s.minimum, *s.maximum)
	case below:
		return fieldError(path, "must be at least %d", *s.minimum)
	case above:
		return fieldError(path, "must be at most %d", *s.maximum)
	}
	return nil
}

// checkText checks a text and returns it as it is stored and compared.
func (s *Schema) checkText(value, path string) (string, error) {
	if s.identifier {
		read, err := identifier.Read(value)
		if err != nil {
			return "", fieldError(path, "%v", err)
		}
		value = read
	}
	return value, s.checkRead(value, path)
}

func (s *Schema) checkRead(value, path string) error {
	switch {
	case value == "" && (s.identifier || s.opaque || s.minLength > 0):
		return fieldError(path, "is empty; leave a field out that has no value")
	case s.maxBytes > 0 && len(value) > s.maxBytes:
		return fieldError(path, "must be at most %d bytes of UTF-8", s.maxBytes)
	case s.maxLength > 0 && len(value) > s.maxLength && utf8.RuneCountInString(value) > s.maxLength:
		return fieldError(path, "is longer than %d characters", s.maxLength)
	case s.minLength > 1 && utf8.RuneCountInString(value) < s.minLength:
		return fieldError(path, "is shorter than %d characters", s.minLength)
	case !utf8.ValidString(value):
		return fieldError(path, "is not UTF-8")
	case s.opaque && strings.ContainsFunc(value, unicode.IsControl):
		return fieldError(path, "%v", identifier.ErrControl)
	case !s.unstored && strings.IndexByte(value, 0) >= 0:
		return fieldError(path, "contains a NUL character")
	case len(s.enum) > 0 && !slices.Contains(s.enum, value):
		return fieldError(path, "is not one of %s", strings.Join(s.enum, ", "))
	case s.pattern != nil && !s.pattern.MatchString(value):
		return fieldError(path, "is not written like %s", s.example)
	}
	if s.text {
		if err := identifier.CheckText(value); err != nil {
			return fieldError(path, "%v", err)
		}
	}
	if s.instant {
		if _, err := time.Parse(time.RFC3339, value); err != nil {
			return fieldError(path, "is not a time such as 2026-10-05T09:00:00+08:00")
		}
	}
	return nil
}
