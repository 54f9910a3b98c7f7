package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Identifier is the format of a code of somebody or something, which package identifier reads.
const Identifier = "identifier"

// MaxBytes is the keyword that limits a text's length in bytes of UTF-8;
// maxLength counts characters.
const MaxBytes = "x-max-bytes"

// The formats that are enforced, or need nothing more than their type.
const (
	formatOpaque   = "opaque" // a name that only its giver understands: not empty, no control characters
	formatText     = "text"   // for people: nothing that is not seen or turns what is beside it
	formatDateTime = "date-time"
	formatInt64    = "int64"
	formatBinary   = "binary"
	formatAmount   = "amount" // the rule book reads and refuses it; it is never stored as text
)

// annotations are keywords that describe a value and restrict nothing.
var annotations = []string{"type", "description", "example", "default", "x-enum-varnames"}

// keywords are those that are enforced, by the type of the schema.
var keywords = map[string][]string{
	openapi3.TypeObject:  {"properties", "required", "additionalProperties"},
	openapi3.TypeArray:   {"items", "minItems", "maxItems"},
	openapi3.TypeString:  {"enum", "format", "minLength", "maxLength", "pattern", MaxBytes},
	openapi3.TypeInteger: {"format", "minimum", "maximum"},
	openapi3.TypeBoolean: {},
}

// Compile makes a schema of the document ready to check values. It returns an
// error if the schema asks for anything that would not be enforced.
func Compile(s *openapi3.Schema) (*Schema, error) {
	if len(s.OneOf) > 0 {
		return compileOneOf(s)
	}
	if s.Type == nil || len(*s.Type) != 1 {
		return nil, errors.New("a schema has exactly one type, or oneOf")
	}
	kind := (*s.Type)[0]
	enforced, ok := keywords[kind]
	if !ok {
		return nil, fmt.Errorf("values of the type %s are not checked", kind)
	}
	if err := onlyKeywords(s, slices.Concat(annotations, enforced)); err != nil {
		return nil, err
	}
	switch kind {
	case openapi3.TypeObject:
		return compileObject(s)
	case openapi3.TypeArray:
		return compileArray(s)
	case openapi3.TypeString:
		return compileText(s)
	case openapi3.TypeInteger:
		return compileInteger(s)
	}
	return &Schema{kind: 't'}, nil
}

// onlyKeywords returns an error if a part of the document has other keywords.
func onlyKeywords(part any, known []string) error {
	text, err := json.Marshal(part)
	if err != nil {
		return err
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil {
		return err
	}
	for keyword := range given {
		if !slices.Contains(known, keyword) {
			return fmt.Errorf("the keyword %q is not enforced here", keyword)
		}
	}
	return nil
}

// compileOneOf returns a schema that defers the check to whoever reads the value,
// and therefore knows which alternative it is. The alternatives must be enforceable
// nevertheless.
func compileOneOf(s *openapi3.Schema) (*Schema, error) {
	if err := onlyKeywords(s, []string{"oneOf", "discriminator", "description"}); err != nil {
		return nil, err
	}
	for i, alternative := range s.OneOf {
		if _, err := Compile(alternative.Value); err != nil {
			return nil, fmt.Errorf("oneOf[%d]: %w", i, err)
		}
	}
	return Deferred(), nil
}

func compileObject(s *openapi3.Schema) (*Schema, error) {
	if s.AdditionalProperties.Has == nil || *s.AdditionalProperties.Has || s.AdditionalProperties.Schema != nil {
		return nil, errors.New("an object must have additionalProperties: false")
	}
	fields := make(map[string]*Schema, len(s.Properties))
	for name, property := range s.Properties {
		field, err := Compile(property.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		fields[name] = field
	}
	return Object(fields, s.Required...), nil
}

func compileArray(s *openapi3.Schema) (*Schema, error) {
	items, err := Compile(s.Items.Value)
	if err != nil {
		return nil, fmt.Errorf("items: %w", err)
	}
	array := &Schema{kind: '[', items: items, minItems: int(s.MinItems), partly: items.partly}
	if s.MaxItems != nil {
		array.maxItems = int(*s.MaxItems)
	}
	return array, nil
}

func compileText(s *openapi3.Schema) (*Schema, error) {
	text := &Schema{kind: '"', minLength: int(s.MinLength)}
	switch s.Format {
	case "", formatBinary:
	case Identifier:
		text.identifier = true
	case formatOpaque:
		text.opaque = true
	case formatText:
		text.text = true
	case formatAmount:
		text.unstored = true
	case formatDateTime:
		text.instant = true
	default:
		return nil, fmt.Errorf("the format %q is not enforced", s.Format)
	}
	for _, value := range s.Enum {
		name, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("the enum has %v, which is no string", value)
		}
		text.enum = append(text.enum, name)
	}
	if s.MaxLength != nil {
		text.maxLength = int(*s.MaxLength)
	}
	if limit := s.Extensions[MaxBytes]; limit != nil {
		bytes, ok := limit.(float64)
		if !ok || bytes < 1 {
			return nil, fmt.Errorf("%s is %v, which is no number above zero", MaxBytes, limit)
		}
		text.maxBytes = int(bytes)
	}
	if s.Pattern != "" {
		pattern, err := regexp.Compile(s.Pattern)
		if err != nil {
			return nil, err
		}
		text.pattern = pattern
		text.example = fmt.Sprint(s.Example)
		if s.Example == nil {
			return nil, errors.New("a schema with a pattern needs an example, which errors quote")
		}
	}
	return text, nil
}

func compileInteger(s *openapi3.Schema) (*Schema, error) {
	if s.Format != "" && s.Format != formatInt64 {
		return nil, fmt.Errorf("the format %q is not enforced", s.Format)
	}
	number := &Schema{kind: '0'}
	for _, limit := range []struct {
		given *float64
		kept  **int64
	}{{s.Min, &number.minimum}, {s.Max, &number.maximum}} {
		if limit.given == nil {
			continue
		}
		whole := int64(*limit.given)
		if float64(whole) != *limit.given {
			return nil, fmt.Errorf("the limit %v is no whole number", *limit.given)
		}
		*limit.kept = &whole
	}
	return number, nil
}

// Object returns the schema of an object with some fields.
func Object(fields map[string]*Schema, required ...string) *Schema {
	object := &Schema{kind: '{', fields: fields, required: required}
	for _, field := range fields {
		object.partly = object.partly || field.partly
	}
	return object
}

// Text returns the schema of any text, or of one of some words.
func Text(words ...string) *Schema { return &Schema{kind: '"', enum: words} }

// Deferred returns the schema of a value that is checked later, by whoever reads
// it. Until then it need not even be valid UTF-8.
func Deferred() *Schema { return &Schema{deferred: true, partly: true} }
