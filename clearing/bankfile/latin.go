package bankfile

import (
	"strings"
	"unicode/utf8"

	"github.com/gosimple/unidecode"
)

// latin returns a text in the characters that every bank of the euro area takes: A to Z, digits,
// spaces and / - ? : ( ) . , ' + (the European Payments Council's EPC217-08). Other letters are written in Latin
// ones, Chinese in Pinyin; other signs become those that come nearest, or a point. A slash stands neither at the ends nor
// twice, which that rule forbids too. The text is cut behind the given number of characters.
func latin(text string, most int) string {
	var b strings.Builder
	for _, r := range unidecode.Unidecode(text) {
		switch {
		case r < utf8.RuneSelf && swiftCharacter(byte(r)):
			b.WriteRune(r)
		case r == '\t', r == '\n', r == '\r':
			b.WriteByte(' ')
		default:
			b.WriteString(nearest(r))
		}
	}
	short := oneLine(b.String())
	for strings.Contains(short, "//") {
		short = strings.ReplaceAll(short, "//", "/")
	}
	short = strings.Trim(short, "/ ")
	if len(short) > most {
		short = strings.TrimRight(short[:most], "/ ")
	}
	return short
}

func nearest(r rune) string {
	switch r {
	case '&':
		return "+"
	case '"', '`', '’':
		return "'"
	case '<', '[', '{':
		return "("
	case '>', ']', '}':
		return ")"
	case '_', '~':
		return "-"
	case ';':
		return ","
	case '\\', '|':
		return "/"
	}
	return "."
}
