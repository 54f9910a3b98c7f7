package scenario

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	errNUL       = errors.New(`a string contains a NUL character, \u0000`)
	errSurrogate = errors.New("a string contains half of a surrogate pair, which is no character")
)

// text returns what the string at the scanner's place says. Without escapes that
// is a part of the line.
func (s *scanner) text() ([]byte, error) {
	start := s.pos + 1
	for i := start; i < len(s.line); i++ {
		switch c := s.line[i]; {
		case c == '"':
			s.pos = i + 1
			return s.line[start:i], nil
		case c == '\\':
			s.pos = i
			return s.escapedText(start)
		case c < 0x20:
			return nil, controlCharacter(c, i)
		}
	}
	return nil, errors.New("not JSON: a string has no closing quote")
}

// escapedText is text from the first escape on, which stands at the scanner's
// place; start is where the string began.
func (s *scanner) escapedText(start int) ([]byte, error) {
	text := append(make([]byte, 0, 64), s.line[start:s.pos]...)
	for s.pos < len(s.line) {
		switch c := s.line[s.pos]; {
		case c == '"':
			s.pos++
			return text, nil
		case c == '\\':
			r, err := s.escape()
			if err != nil {
				return nil, err
			}
			text = utf8.AppendRune(text, r)
		case c < 0x20:
			return nil, controlCharacter(c, s.pos)
		default:
			text = append(text, c)
			s.pos++
		}
	}
	return nil, errors.New("not JSON: a string has no closing quote")
}

func controlCharacter(c byte, at int) error {
	return fmt.Errorf("not JSON: a string contains the control character %U at byte %d; JSON writes it as an escape", c, at+1)
}

// escape returns the character that an escape, or a pair of them, stands for.
func (s *scanner) escape() (rune, error) {
	at := s.pos
	if r, ok := s.unit(); ok {
		switch {
		case r == 0:
			return 0, errNUL
		case !utf16.IsSurrogate(r):
			return r, nil
		}
		if low, ok := s.unit(); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, nil
			}
		}
		return 0, errSurrogate
	}
	if at+1 < len(s.line) {
		s.pos = at + 2
		switch c := s.line[at+1]; c {
		case '"', '\\', '/':
			return rune(c), nil
		case 'b':
			return '\b', nil
		case 'f':
			return '\f', nil
		case 'n':
			return '\n', nil
		case 'r':
			return '\r', nil
		case 't':
			return '\t', nil
		}
	}
	return 0, fmt.Errorf("not JSON: no such escape at byte %d", at+1)
}

// unit reads an escape of the form \u0041.
func (s *scanner) unit() (rune, bool) {
	if s.pos+6 > len(s.line) || s.line[s.pos] != '\\' || s.line[s.pos+1] != 'u' {
		return 0, false
	}
	digits := s.line[s.pos+2 : s.pos+6]
	for _, c := range digits {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return 0, false
		}
	}
	unit, _ := strconv.ParseUint(string(digits), 16, 16)
	s.pos += 6
	return rune(unit), true
}
