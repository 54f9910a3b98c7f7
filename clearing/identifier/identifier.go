// Package identifier says what a code of a member, card, shop, till, product, benefit or circle may be, and which codes are
// the same.
//
// Codes are compared byte by byte, everywhere. So every door (the API, files, the command line) reads them with [Read] first: what a
// keyboard makes by accident is folded, and what can't be seen is refused. Without that "bob " would be a second bob, who could
// refer bob, and ８８０１ another card than 8801.
package identifier

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The reasons for which a code is refused. Each completes a sentence that begins with the code's name.
var (
	ErrControl   = errors.New("contains a control character; no control characters are taken")
	ErrEncoding  = errors.New("is not UTF-8, or was not where it comes from")
	ErrInvisible = errors.New("contains a character that can't be seen; write it without")
	ErrSpace     = errors.New("begins or ends with a space; write it without")
)

// Read returns a code as it is stored and compared: composed (NFC), and with the full-width forms of ASCII, which Chinese and Japanese
// keyboards make, folded to ASCII. It refuses spaces at the ends, and characters that are not seen or that turn what is beside
// them: control characters, zero-width and bidirectional ones, variation selectors, private and unassigned ones, and spaces but
// the plain one. Case is kept: A1 and a1 are two codes. Reading what Read returned changes nothing.
func Read(text string) (string, error) {
	if isPlain(text) {
		return text, nil
	}
	if !utf8.ValidString(text) {
		return "", ErrEncoding
	}
	text = norm.NFC.String(strings.Map(narrow, text))
	for _, r := range text {
		switch {
		case unicode.IsControl(r):
			return "", ErrControl
		case r == utf8.RuneError: // written where a program could not read a character: two codes may have become one
			return "", ErrEncoding
		case r != ' ' && !isVisible(r):
			return "", fmt.Errorf("%w: %U", ErrInvisible, r)
		}
	}
	if strings.HasPrefix(text, " ") || strings.HasSuffix(text, " ") {
		return "", ErrSpace
	}
	return text, nil
}

// isPlain reports whether a text is ASCII with nothing to fold or refuse, as most codes are.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' {
			return false
		}
	}
	return text == "" || text[0] != ' ' && text[len(text)-1] != ' '
}

// The full-width forms of '!' to '~' stand in the order of ASCII.
const (
	firstFullWidth = '\uff01'
	lastFullWidth  = '\uff5e'
	wideSpace      = '\u3000'
)

// narrow returns the ASCII form of a full-width character, and others as they are.
func narrow(r rune) rune {
	switch {
	case firstFullWidth <= r && r <= lastFullWidth:
		return r - firstFullWidth + '!'
	case r == wideSpace:
		return ' '
	}
	return r
}

// blankBraille is a symbol to Unicode, but nothing is seen of it.
const blankBraille = '\u2800'

func isVisible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != blankBraille &&
		!unicode.In(r, unicode.Zs, unicode.Cf, unicode.Co, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}
