package reference

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// mostSeparators is how many spaces, hyphens and dots in a row may be inside a reference: a
// bank that wraps long texts puts a line break and an indent there.
const mostSeparators = 6

// Found is a reference that a text names.
type Found struct {
	// Reference is without separators and in capitals.
	Reference string
	// Attempt is the number of the attempt to pay it, or 0 if the text names none.
	Attempt int64
}

// Find returns the references of this clearing house in a bank's remittance text, without
// spaces and in capitals, each once, in the order of the text. It finds them inside Chinese
// text, in lower case, in full-width characters, in groups with spaces, hyphens or dots between
// them, and across line breaks. It does not find references with wrong check digits, nor one
// directly followed by another digit, because its end would be a guess.
func Find(text string) []string {
	var found []string
	for _, f := range FindAttempts(text) {
		if !slices.Contains(found, f.Reference) {
			found = append(found, f.Reference)
		}
	}
	return found
}

// FindAttempts is Find with the attempts that the references name, see [Attempt]. Each pair
// is returned once.
func FindAttempts(text string) []Found {
	if !strings.ContainsAny(text, "RrＲｒ") { // most cells of a statement
		return nil
	}
	runes := []rune(strings.ToUpper(width.Fold.String(text)))
	var found []Found
	for at := 0; at < len(runes); {
		reference, end := begins(runes, at)
		if reference == "" {
			at++
			continue
		}
		f := Found{Reference: reference}
		f.Attempt, end = attemptAt(runes, reference, end)
		if !slices.Contains(found, f) {
			found = append(found, f)
		}
		at = end
	}
	return found
}

// begins returns the reference that begins at a position, and where it ends, or "".
//
// A number after a separator may or may not belong to it. Of the possible ends it takes the one
// that breaks the groups of four least often, and of those the last.
func begins(runes []rune, at int) (string, int) {
	if runes[at] != 'R' {
		return "", 0
	}
	var b strings.Builder
	best, bestEnd, bestMisplaced := "", 0, 0
	misplaced := 0 // separators that are not between groups of four
	for i := at; i < len(runes) && b.Len() < longest; {
		end := afterSeparators(runes, i)
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

// attemptAt returns the number of the attempt that follows a reference, and where it ends; or
// 0 and the end of the reference. Separators may stand anywhere, because the check letter says
// where the number ends.
func attemptAt(runes []rune, reference string, end int) (int64, int) {
	i := afterSeparators(runes, end)
	if i == len(runes) || runes[i] != attemptMark {
		return 0, end
	}
	var attempt int64
	for digits := 0; ; digits++ {
		i = afterSeparators(runes, i+1)
		switch {
		case i == len(runes) || !isLetterOrDigit(runes[i]):
			return 0, end
		case runes[i] >= 'A':
			last := i+1 == len(runes) || !isLetterOrDigit(runes[i+1])
			if attempt == 0 || !last || byte(runes[i]) != attemptCheck(reference, attempt) {
				return 0, end
			}
			return attempt, i + 1
		}
		if attempt = attempt*10 + int64(runes[i]-'0'); attempt == 0 || attempt > MaxAttempt {
			return 0, end
		}
	}
}

// afterSeparators returns the place of what follows the separators at a place.
func afterSeparators(runes []rune, at int) int {
	end := at
	for end < len(runes) && end-at <= mostSeparators && isSeparator(runes[end]) {
		end++
	}
	return end
}

// isSeparator reports whether people or banks put a character between the groups of a
// reference: spaces, hyphens and dashes, dots, and characters that can't be seen.
func isSeparator(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Pd, unicode.Cf) || r == '.' || r == '·' || r == '_' || r == '\u2212'
}

func isLetterOrDigit(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z'
}
