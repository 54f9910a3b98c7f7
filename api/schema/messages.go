package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// noun is a word that languages have their own for.
type noun string

// kindNames are what messages call the types of JSON.
var kindNames = map[jsontext.Kind]noun{
	'{': "an object", '[': "a list", '"': "a string", '0': "a number", 't': "a boolean",
	'}': "missing", ']': "missing",
}

// unknown says that there is no such field, and which one may be meant.
func (s *Schema) unknown(path, name string) error {
	known := make([]string, 0, len(s.fields))
	for field := range s.fields {
		if strings.EqualFold(field, name) {
			return fieldError(Join(path, Clipped(name)), "is unknown; keys are case-sensitive, write %s", field)
		}
		known = append(known, field)
	}
	slices.Sort(known)
	return fieldError(Join(path, Clipped(name)), "is unknown; the fields here are %s", strings.Join(known, ", "))
}

// syntaxError is the error of a decoder that can't make out the next token.
func syntaxError(decoder *reader, path string) error {
	_, err := decoder.ReadToken()
	if err == nil {
		return fieldError(place(path), "is not JSON")
	}
	return fieldError(place(path), "is not JSON: %s", plain(err))
}

// plain returns what a decoder found, without the words that it puts around it.
func plain(err error) string {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) && syntax.Err != nil {
		return fmt.Sprintf("%v at byte %d", syntax.Err, syntax.ByteOffset)
	}
	return "it ends too early"
}

// place names the body where there is no field to name.
func place(path string) string {
	if path == "" {
		return "the body"
	}
	return path
}

// Join returns the path of a field within another.
func Join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// Clipped shortens a name that a caller made up, for use in a message.
func Clipped(name string) string {
	const most = 40
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}
