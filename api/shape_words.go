package api

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// kindNames are the words for JSON's types.
var kindNames = map[jsontext.Kind]string{
	'{': "an object", '[': "a list", '"': "a string", '0': "a number", 't': "a boolean",
	'}': "missing", ']': "missing",
}

// unknown says that a field is not of the shape, and which one may be meant.
func (s *shape) unknown(path, name string) error {
	known := make([]string, 0, len(s.fields))
	for field := range s.fields {
		if strings.EqualFold(field, name) {
			return malformed(join(path, clipped(name)), fmt.Sprintf("is unknown; keys are case-sensitive, write %s", field))
		}
		known = append(known, field)
	}
	slices.Sort(known)
	return malformed(join(path, clipped(name)), "is unknown; the fields here are "+strings.Join(known, ", "))
}

// syntaxError is the error of a decoder that does not know what comes next.
func syntaxError(decoder *jsontext.Decoder, path string) error {
	_, err := decoder.ReadToken()
	if err == nil {
		return malformed(place(path), "is no JSON")
	}
	return malformed(place(path), "is no JSON: "+plain(err))
}

// plain says in words what a decoder found.
func plain(err error) string {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) && syntax.Err != nil {
		return fmt.Sprintf("%v at byte %d", syntax.Err, syntax.ByteOffset)
	}
	return "it ends too early"
}

// place names the whole body where there is no field to name.
func place(path string) string {
	if path == "" {
		return "the body"
	}
	return path
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// clipped keeps a name that others chose short.
func clipped(name string) string {
	const most = 40
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}
