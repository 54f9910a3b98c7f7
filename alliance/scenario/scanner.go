package scenario

import (
	"fmt"
	"unicode/utf8"
)

// scanner walks over the tokens of a flat JSON object. The line has been found to
// be UTF-8 before.
type scanner struct {
	line []byte
	pos  int
}

// kind is the type of a JSON value, as an error would call it.
type kind string

const (
	nothing kind = ""
	aString kind = "a string"
	aNumber kind = "a number"
)

// next skips white space and returns the byte behind it, 0 at the end.
func (s *scanner) next() byte {
	for ; s.pos < len(s.line); s.pos++ {
		switch c := s.line[s.pos]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// take skips white space and the byte behind it, if it is c.
func (s *scanner) take(c byte) bool {
	if s.next() != c {
		return false
	}
	s.pos++
	return true
}

// end makes sure that nothing follows.
func (s *scanner) end() error {
	if s.next(); s.pos < len(s.line) {
		return s.unexpected("the end of the line")
	}
	return nil
}

// unexpected says what should stand here instead of what does. Bytes count from
// one.
func (s *scanner) unexpected(want string) error {
	s.next()
	if s.pos >= len(s.line) {
		return fmt.Errorf("not JSON: the line ends where %s should stand", want)
	}
	r, _ := utf8.DecodeRune(s.line[s.pos:])
	return fmt.Errorf("not JSON: %q at byte %d, where %s should stand", r, s.pos+1, want)
}

// kind tells by its first byte what the next value is.
func (s *scanner) kind() kind {
	switch c := s.next(); {
	case c == '"':
		return aString
	case c == '-' || (c >= '0' && c <= '9'):
		return aNumber
	case c == '{':
		return "an object"
	case c == '[':
		return "an array"
	case c == 'n':
		return "null"
	case c == 't' || c == 'f':
		return "true or false"
	}
	return nothing
}

// integer returns the digits of a whole number, with a minus if it is below zero.
func (s *scanner) integer() ([]byte, error) {
	start := s.pos
	if s.line[s.pos] == '-' {
		s.pos++
	}
	first := s.pos
	for s.pos < len(s.line) && s.line[s.pos] >= '0' && s.line[s.pos] <= '9' {
		s.pos++
	}
	digits := s.line[first:s.pos]
	switch {
	case len(digits) == 0:
		return nil, s.unexpected("a digit")
	case len(digits) > 1 && digits[0] == '0':
		return nil, fmt.Errorf("not JSON: a number at byte %d begins with 0", start+1)
	case s.pos < len(s.line) && (s.line[s.pos] == '.' || s.line[s.pos] == 'e' || s.line[s.pos] == 'E'):
		return nil, fmt.Errorf("a fraction or an exponent; it has to be a whole number of digits alone")
	case digits[0] == '0':
		return digits, nil // -0 is 0
	}
	return s.line[start:s.pos], nil
}
