package statement

import (
	"strings"
	"unicode"

	"github.com/lianka/lianka/clearing"
)

// FileName returns the name of a file with the statement in a form: circle, shop and month,
// as people call them, such as 结算单-江边联盟-江边火锅-2026-10.pdf. plain is the same by the
// codes, in letters that every program can read.
func (s *Statement) FileName(f Format) (name, plain string) {
	party := s.PartyName()
	switch {
	case s.Party == clearing.Organiser:
		party = "盟主"
	case party == "":
		party = s.Party
	}
	circle := s.Alliance.Name
	if circle == "" {
		circle = s.Alliance.Code
	}
	ending := "-" + s.Window.Period + f.Extension
	return "结算单-" + inFileName(circle) + "-" + inFileName(party) + ending,
		"statement-" + lettersOf(s.Alliance.Code) + "-" + lettersOf(s.Party) + ending
}

// mostOfAName is how many characters of a name go into a file's. File systems allow 255
// bytes, and a Chinese character takes three.
const mostOfAName = 30

// inFileName returns a name without what a file system or a shell would not take.
func inFileName(name string) string {
	text := []rune(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r), strings.ContainsRune(`/\:*?"<>|`, r), r == unicode.ReplacementChar:
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_")))
	if len(text) > mostOfAName {
		text = text[:mostOfAName]
	}
	return strings.Trim(string(text), " .")
}

// lettersOf returns a code in letters, digits, points, hyphens and underscores of ASCII.
func lettersOf(code string) string {
	text := []rune(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '_'
	}, code))
	if len(text) > mostOfAName {
		text = text[:mostOfAName]
	}
	return strings.Trim(string(text), ".")
}
