package scenario

import (
	"crypto/sha256"
	"fmt"
	"math"
	"strconv"
)

// object is the JSON object of a line. Texts lie in the line or in a buffer of
// their own, and are good until the next line is read.
type object struct {
	given fieldSet
	texts [fields][]byte // strings without escapes; integers as they are written
}

// parse reads a line. The error says why it is no object of known fields.
func (o *object) parse(line []byte) error {
	*o = object{}
	s := scanner{line: line}
	if !s.take('{') {
		return s.unexpected("the { of an event")
	}
	if s.take('}') {
		return s.end()
	}
	for {
		if err := o.pair(&s); err != nil {
			return err
		}
		if s.take(',') {
			continue
		}
		if s.take('}') {
			return s.end()
		}
		return s.unexpected("a comma or the closing }")
	}
}

// pair reads a key and its value.
func (o *object) pair(s *scanner) error {
	if s.next() != '"' {
		return s.unexpected("a key in double quotes")
	}
	key, err := s.text()
	if err != nil {
		return err
	}
	if !s.take(':') {
		return s.unexpected("a colon after the key")
	}
	f, known := findField(key)
	switch {
	case !known:
		return unknownKey(s.line, string(key))
	case o.given.has(f):
		return fmt.Errorf("key %q is given twice", fieldNames[f])
	}
	o.given |= setOf(f)
	kind := s.kind()
	switch {
	case kind == nothing:
		return s.unexpected("a value")
	case f.whole() && kind != aNumber:
		return fmt.Errorf("%s is %s; it has to be a whole number without quotes", fieldNames[f], kind)
	case f.whole():
		o.texts[f], err = s.integer()
	case kind != aString:
		return fmt.Errorf("%s is %s; it has to be a string in double quotes", fieldNames[f], kind)
	default:
		o.texts[f], err = s.text()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", fieldNames[f], err)
	}
	return nil
}

// text returns a field, "" if it is not given.
func (o *object) text(f field) string { return string(o.texts[f]) }

// optional returns a field, nil if it is not given.
func (o *object) optional(f field) *string {
	if !o.given.has(f) {
		return nil
	}
	text := string(o.texts[f])
	return &text
}

// integer returns a field; what passes 64 bits becomes the largest or smallest
// of them, which no rule admits either.
func (o *object) integer(f field) int64 {
	number, err := strconv.ParseInt(string(o.texts[f]), 10, 64)
	if err != nil && o.texts[f][0] != '-' {
		return math.MaxInt64
	}
	if err != nil {
		return math.MinInt64
	}
	return number
}

// hash digests what is given, in the order of the names: for each field its name,
// the length of its text and its text. The lengths keep one content from being
// read as another. A field is always a string or always an integer, so that its
// name says which. The buffer is scratch; it is returned for the next use.
func (o *object) hash(buffer []byte) ([sha256.Size]byte, []byte) {
	buffer = buffer[:0]
	for f, name := range fieldNames {
		if !o.given.has(field(f)) {
			continue
		}
		text := o.texts[f]
		buffer = append(buffer, name...)
		buffer = append(buffer, ' ')
		buffer = strconv.AppendInt(buffer, int64(len(text)), 10)
		buffer = append(buffer, ' ')
		buffer = append(buffer, text...)
	}
	return sha256.Sum256(buffer), buffer
}
