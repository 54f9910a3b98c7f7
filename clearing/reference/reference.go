package reference

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// MaxNumber is the highest number of a transfer within a month.
const MaxNumber = 9_999_999

const (
	monthLength  = 6 // YYYYMM
	tagLength    = 8
	leastDigits  = 5 // of the number
	numberAt     = checkedAt + monthLength + tagLength
	shortest     = numberAt + leastDigits
	longest      = 25 // of any creditor reference
	monthWritten = "2006-01"
	monthInside  = "200601"
	tagBase      = 36
	tags         = 2_821_109_907_456 // 36^8
)

var (
	// ErrCharacters: there is something other than A to Z, digits, and the spaces between
	// printed groups.
	ErrCharacters = errors.New("a reference is made of capital letters A to Z and digits")
	// ErrPrefix: the text does not begin with RF.
	ErrPrefix = errors.New("a reference begins with RF and two check digits")
	// ErrLength: the text is too short or too long to be one of these references.
	ErrLength = fmt.Errorf("a reference has %d to %d characters without spaces", shortest, longest)
	// ErrCheckDigits: a character is wrong, or two are swapped.
	ErrCheckDigits = errors.New("the check digits don't belong to the rest: a character is wrong or two are swapped")
	// ErrLayout: it is a creditor reference, but not one of this clearing house.
	ErrLayout = errors.New("a creditor reference, but not one of this clearing house: RF, two check digits, the month as YYYYMM, " +
		"eight characters of the circle, and the number with at least five digits")
)

// Reference is what a payment reference says.
type Reference struct {
	// Alliance is the tag of the circle, see [Tag].
	Alliance string
	// Period is the settled month, "2026-10".
	Period string
	// Number is that of the transfer within the circle's month, 1 to MaxNumber.
	Number int
}

// Tag returns the eight characters by which references name a circle: the last eight digits
// of its number in base 36. There are 2.8 × 10^12 tags and circles' numbers are spread
// evenly, so two circles practically never share one. If they did, each would still find
// only its own transfers.
func Tag(allianceID int64) string {
	digits := strings.ToUpper(strconv.FormatUint(uint64(allianceID)%tags, tagBase))
	return strings.Repeat("0", tagLength-len(digits)) + digits
}

// New returns the reference of a transfer, without spaces: circle is the circle's number, not
// below 0, period its month such as "2026-10", and number the transfer's number in it, from 1
// to [MaxNumber]. The error says which of the three is out of range.
func New(allianceID int64, period string, number int) (string, error) {
	if allianceID < 0 {
		return "", fmt.Errorf("%d is no circle: its number is never negative", allianceID)
	}
	month, err := time.Parse(monthWritten, period)
	if err != nil {
		return "", fmt.Errorf("%q is no month: write it like 2026-10", period)
	}
	if number < 1 || number > MaxNumber {
		return "", fmt.Errorf("%d is no number of a transfer: it is from 1 to %d", number, MaxNumber)
	}
	body := month.Format(monthInside) + Tag(allianceID) + fmt.Sprintf("%0*d", leastDigits, number)
	return prefix + checkDigits(body) + body, nil
}

// Parse parses a reference as New or Print write it; spaces are ignored. The error wraps
// ErrCharacters, ErrPrefix, ErrLength, ErrCheckDigits or ErrLayout, and has the text.
func Parse(text string) (Reference, error) {
	r, err := parse(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		return Reference{}, fmt.Errorf("%q: %w", clip(text), err)
	}
	return r, nil
}

// parse reads a reference without spaces.
func parse(text string) (Reference, error) {
	switch {
	case !wellWritten(text):
		return Reference{}, ErrCharacters
	case !prefixed(text):
		return Reference{}, ErrPrefix
	case len(text) < shortest || len(text) > longest:
		return Reference{}, ErrLength
	case checkDigits(text[checkedAt:]) != text[len(prefix):checkedAt]:
		return Reference{}, ErrCheckDigits
	}
	month, err := time.Parse(monthInside, text[checkedAt:checkedAt+monthLength])
	if err != nil {
		return Reference{}, ErrLayout
	}
	digits := text[numberAt:]
	number, err := strconv.Atoi(digits)
	if err != nil || number < 1 || len(digits) > leastDigits && digits[0] == '0' {
		return Reference{}, ErrLayout
	}
	return Reference{
		Alliance: text[checkedAt+monthLength : numberAt],
		Period:   month.Format(monthWritten),
		Number:   number,
	}, nil
}

// Print returns a reference in groups of four, as on an invoice, because these are easier to
// read and type.
func Print(reference string) string {
	var b strings.Builder
	for i, r := range []byte(strings.ReplaceAll(reference, " ", "")) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(r)
	}
	return b.String()
}

// clip keeps an error message short when the offending text is not.
func clip(text string) string {
	const most = 60
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}
