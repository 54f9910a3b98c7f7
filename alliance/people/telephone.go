package people

import (
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/width"

	"github.com/lianka/lianka/clearing"
)

// maxTelephone is the longest text that is read as a telephone number, in bytes.
const maxTelephone = 64

// ReadTelephone returns a telephone number in the form of E.164, such as +8613800138000. The
// text is as it is typed: with spaces, hyphens, full-width digits. A number without the code
// of its country is one of the region, such as CN; if that is "" the code is required.
// The error is a *[FieldError] that doesn't quote the number.
//
// All digits of the text are the number's. Attempts are counted by the last of them, so a text
// that has others, such as a subaddress, or digits of another script would have a count of its own.
func ReadTelephone(text, region string) (string, error) {
	if len(text) > maxTelephone {
		return "", fieldError("telephone", "is longer than any telephone number")
	}
	text = strings.Map(withoutMarks, width.Fold.String(text))
	number, err := phonenumbers.Parse(strings.TrimSpace(text), region)
	none := err != nil || strings.ContainsFunc(text, foreign)
	switch {
	case none && region == "":
		return "", fieldError("telephone", "is no telephone number; write it with the code of its country, such as +8613800138000")
	case none || !phonenumbers.IsValidNumber(number) || number.GetExtension() != "":
		return "", fieldError("telephone", "is no telephone number that exists; write all of its digits, and the code of its country if that is another, such as +8613800138000")
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
}

// foreign reports whether a character has no place in a telephone number.
func foreign(r rune) bool {
	return !strings.ContainsRune("0123456789+().", r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Dash, r)
}

// withoutMarks leaves out what is not seen: telephones copy numbers with marks of the direction of
// writing.
func withoutMarks(r rune) rune {
	if unicode.Is(unicode.Cf, r) {
		return -1
	}
	return r
}

// regions are where a currency is paid, for numbers without the code of a country. The euro is
// paid in many.
var regions = map[string]string{
	"CNY": "CN", "HKD": "HK", "MOP": "MO", "TWD": "TW", "JPY": "JP", "KRW": "KR", "SGD": "SG", "MYR": "MY", "THB": "TH", "VND": "VN",
	"PHP": "PH", "IDR": "ID", "INR": "IN", "AUD": "AU", "NZD": "NZ", "USD": "US", "CAD": "CA", "GBP": "GB", "CHF": "CH",
}

// Region returns the country whose telephone numbers need no code in a circle, or "".
func Region(al clearing.Alliance) string { return regions[al.Currency.Code()] }

// lastDigits returns the end of a number, by which who knows the number recognises it.
func lastDigits(number string) string {
	number = strings.NewReplacer(" ", "", "-", "").Replace(number)
	const shown = 4
	if len(number) <= shown {
		return ""
	}
	return number[len(number)-shown:]
}
