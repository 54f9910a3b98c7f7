package reference

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// mostSpaces is how many spaces in a row may be inside a reference: a bank that wraps long
// texts puts a line break and an indent there.
const mostSpaces = 6

// Find returns the references of this clearing house in a bank's remittance text, without
// spaces and in capitals, each once, in the order of the text. It finds them inside Chinese
// text, in lower case, in full-width characters, in groups with spaces, and across line
// breaks. It does not find references with wrong check digits, nor one directly followed by
// another digit, because its end would be a guess.
func Find(text string) []string {
	runes := []rune(strings.ToUpper(width.Fold.String(text)))
	var found []string
	for at := 0; at < len(runes); {
		reference, end := begins(runes, at)
		if reference == "" {
			at++
			continue
		}
		if !slices.Contains(found, reference) {
			found = append(found, reference)
		}
		at = end
	}
	return found
}

// begins returns the reference that begins at a position, and where it ends, or "".
//
// A number after a space may or may not belong to it. Of the possible ends it takes the one
// that breaks the groups of four least often, and of those the last.
func begins(runes []rune, at int) (string, int) {
	if runes[at] != 'R' {
		return "", 0
	}
	var b strings.Builder
	best, bestEnd, bestMisplaced := "", 0, 0
	misplaced := 0 // spaces that are not between groups of four
	for i := at; i < len(runes) && b.Len() < longest; {
		end := i
		for end < len(runes) && end-i <= mostSpaces && unicode.IsSpace(runes[end]) {
			end++
		}
		if end == len(runes) || !isLetterOrDigit(runes[end]) {
			break
		}
		if end > i && b.Len()%4 != 0 {
			misplaced++
		}
		b.WriteByte(byte(runes[end]))
		i = end + 1
		if b.Len() < shortest || i < len(runes) && runes[i] >= '0' && runes[i] <= '9' {
			continue
		}
		if _, err := parse(b.String()); err == nil && (best == "" || misplaced <= bestMisplaced) {
			best, bestEnd, bestMisplaced = b.String(), i, misplaced
		}
	}
	return best, bestEnd
}

func isLetterOrDigit(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z'
}
