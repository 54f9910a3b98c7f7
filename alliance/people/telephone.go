package people

import (
	"strings"

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
func ReadTelephone(text, region string) (string, error) {
	if len(text) > maxTelephone {
		return "", fieldError("telephone", "is longer than any telephone number")
	}
	number, err := phonenumbers.Parse(strings.TrimSpace(width.Fold.String(text)), region)
	switch {
	case err != nil && region == "":
		return "", fieldError("telephone", "is no telephone number; write it with the code of its country, such as +8613800138000")
	case err != nil || !phonenumbers.IsValidNumber(number) || number.GetExtension() != "":
		return "", fieldError("telephone", "is no telephone number that exists; write all of its digits, and the code of its country if that is another, such as +8613800138000")
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
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
