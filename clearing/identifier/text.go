package identifier

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// CheckText refuses in a text that people read, such as a name or a note, what is not seen or turns what is beside it: control
// characters, zero-width and bidirectional ones, variation selectors, private and unassigned ones. A name could else look like
// another, or its line like another line. Spaces of any width may stand in it. An emoji that is joined of several is refused with
// its joiner.
func CheckText(text string) error {
	if !utf8.ValidString(text) {
		return ErrEncoding
	}
	for _, r := range text {
		switch {
		case unicode.IsControl(r):
			return ErrControl
		case r == utf8.RuneError:
			return ErrEncoding
		case !unicode.Is(unicode.Zs, r) && !isVisible(r):
			return fmt.Errorf("%w: %U", ErrInvisible, r)
		}
	}
	return nil
}
