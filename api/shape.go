package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// shape is the form that the document gives a body, made ready for a walk over
// its tokens. It is stricter than decoding into a struct: a field that is
// missing, null, unknown, written twice or in another case is an error that names
// the field.
type shape struct {
	kind       jsontext.Kind // '{', '[', '"', '0' or 't'
	fields     map[string]*shape
	required   []string
	items      *shape
	minItems   int
	maxItems   int // 0: no limit
	enum       []string
	identifier bool // no control characters, not empty
	instant    bool
	maxBytes   int // 0: no limit but the body's

	apart bool // any value: it is checked by itself, by who reads it
	parts bool // something in it is apart
}

func newShape(s *openapi3.Schema) (*shape, error) {
	switch {
	case len(s.OneOf) > 0:
		return &shape{apart: true, parts: true}, nil
	case s.Type.Is(openapi3.TypeObject):
		return newObject(s)
	case s.Type.Is(openapi3.TypeArray):
		items, err := newShape(s.Items.Value)
		if err != nil {
			return nil, err
		}
		array := &shape{kind: '[', items: items, minItems: int(s.MinItems), parts: items.parts}
		if s.MaxItems != nil {
			array.maxItems = int(*s.MaxItems)
		}
		return array, nil
	case s.Type.Is(openapi3.TypeString):
		return newText(s), nil
	case s.Type.Is(openapi3.TypeInteger):
		return &shape{kind: '0'}, nil
	case s.Type.Is(openapi3.TypeBoolean):
		return &shape{kind: 't'}, nil
	}
	return nil, fmt.Errorf("a body can't have the type %v", s.Type)
}

func newObject(s *openapi3.Schema) (*shape, error) {
	if s.AdditionalProperties.Has == nil || *s.AdditionalProperties.Has {
		return nil, errors.New("an object in a body must have additionalProperties: false")
	}
	object := &shape{kind: '{', fields: make(map[string]*shape, len(s.Properties)), required: s.Required}
	for name, property := range s.Properties {
		field, err := newShape(property.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		object.fields[name] = field
		object.parts = object.parts || field.parts
	}
	return object, nil
}

func newText(s *openapi3.Schema) *shape {
	text := &shape{kind: '"', identifier: s.Format == "identifier", instant: s.Format == "date-time"}
	for _, value := range s.Enum {
		if name, ok := value.(string); ok {
			text.enum = append(text.enum, name)
		}
	}
	if s.MaxLength != nil {
		text.maxBytes = int(*s.MaxLength)
	}
	return text
}

// read reads some bytes, which are one JSON value of the shape and nothing else,
// into a value of Go. path is where they stand in the request's body. The error
// is a malformed one.
func (s *shape) read(body []byte, path string, into any) error {
	if err := s.check(body, path); err != nil {
		return err
	}
	if err := json.Unmarshal(body, into, json.RejectUnknownMembers(true), anyNames, jsontext.AllowInvalidUTF8(s.parts)); err != nil {
		return &problem{code: codeInternalError, cause: err} // the shape and the type differ
	}
	return nil
}

// anyNames leaves it to the walk to find names that are written twice: it does so
// where it reads them, and not in what is apart.
var anyNames = jsontext.AllowDuplicateNames(true)

// decoders are kept for the next body: one is larger than most bodies.
var decoders = sync.Pool{New: func() any { return new(jsontext.Decoder) }}

func (s *shape) check(body []byte, path string) error {
	decoder, _ := decoders.Get().(*jsontext.Decoder)
	defer decoders.Put(decoder)
	decoder.Reset(bytes.NewBuffer(body), anyNames, jsontext.AllowInvalidUTF8(s.parts))
	if decoder.PeekKind() == 0 && len(bytes.TrimSpace(body)) == 0 {
		return malformed("", "the body is empty; send a JSON object")
	}
	if err := s.walk(decoder, path); err != nil {
		return err
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return malformed("", "the body goes on after the JSON value; send one value and nothing else")
	}
	return nil
}

func (s *shape) walk(decoder *jsontext.Decoder, path string) error {
	if s.apart {
		if err := decoder.SkipValue(); err != nil {
			return malformed(place(path), "is no JSON: "+plain(err))
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
		return malformed(place(path), "is null; leave a field out that has no value")
	case kind != s.kind:
		return malformed(place(path), fmt.Sprintf("is %s and should be %s", kindNames[kind], kindNames[s.kind]))
	}
	switch s.kind {
	case '{':
		return s.walkObject(decoder, path)
	case '[':
		return s.walkArray(decoder, path)
	}
	token, err := decoder.ReadToken()
	if err != nil {
		return malformed(path, "is no JSON: "+plain(err))
	}
	switch s.kind {
	case '"':
		return s.checkText(token.String(), path)
	case '0':
		if _, err := strconv.ParseInt(token.String(), 10, 64); err != nil {
			return malformed(path, "is no whole number of 64 bits, written without point and exponent")
		}
	}
	return nil
}

func (s *shape) walkObject(decoder *jsontext.Decoder, path string) error {
	if _, err := decoder.ReadToken(); err != nil {
		return malformed(path, plain(err))
	}
	given := make([]string, 0, len(s.fields))
	for {
		switch decoder.PeekKind() {
		case '}':
			_, err := decoder.ReadToken()
			for _, name := range s.required {
				if !slices.Contains(given, name) {
					return malformed(join(path, name), "is missing")
				}
			}
			return err
		case '"':
		default:
			return syntaxError(decoder, path)
		}
		token, err := decoder.ReadToken()
		if err != nil {
			return malformed(place(path), plain(err))
		}
		name := token.String()
		field := s.fields[name]
		if field == nil {
			return s.unknown(path, name)
		}
		if slices.Contains(given, name) {
			return malformed(place(path), fmt.Sprintf("has the key %q twice", name))
		}
		given = append(given, name)
		if err := field.walk(decoder, join(path, name)); err != nil {
			return err
		}
	}
}

func (s *shape) walkArray(decoder *jsontext.Decoder, path string) error {
	if _, err := decoder.ReadToken(); err != nil {
		return malformed(path, plain(err))
	}
	if decoder.PeekKind() == ']' && s.minItems > 0 {
		return malformed(path, "is empty; send at least "+strconv.Itoa(s.minItems))
	}
	for i := 0; decoder.PeekKind() != ']'; i++ {
		if s.maxItems > 0 && i == s.maxItems {
			return malformed(path, fmt.Sprintf("has more than %d items", s.maxItems))
		}
		if err := s.items.walk(decoder, path+"["+strconv.Itoa(i)+"]"); err != nil {
			return err
		}
	}
	_, err := decoder.ReadToken()
	return err
}

func (s *shape) checkText(value, path string) error {
	switch {
	case s.identifier && value == "":
		return malformed(path, "is empty; leave a field out that has no value")
	case s.maxBytes > 0 && len(value) > s.maxBytes:
		return malformed(path, fmt.Sprintf("is longer than %d bytes", s.maxBytes))
	case s.identifier && strings.ContainsFunc(value, unicode.IsControl):
		return malformed(path, "contains a control character")
	case len(s.enum) > 0 && !slices.Contains(s.enum, value):
		return malformed(path, "is none of "+strings.Join(s.enum, ", "))
	}
	if s.instant {
		if _, err := time.Parse(time.RFC3339, value); err != nil {
			return malformed(path, "is no time such as 2026-10-05T09:00:00+08:00")
		}
	}
	return nil
}
