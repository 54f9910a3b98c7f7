package bankfile

import (
	"errors"
	"regexp"
	"strings"
	"unicode"

	"github.com/jbub/banking/country"
	"github.com/jbub/banking/iban"
	"golang.org/x/text/width"

	"github.com/lianka/lianka/clearing/reference"
)

// CompactAccount returns the number of an account as it is compared: in capitals and half width,
// without spaces, hyphens and characters that can't be seen.
func CompactAccount(number string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Pd, unicode.Cf) || r == '\u2212' {
			return -1
		}
		return r
	}, strings.ToUpper(width.Fold.String(number)))
}

// SameAccount reports whether two spellings are of one account: with and without spaces or
// hyphens, in small letters or capitals, or with words around the number, as in "IBAN DE89 3704 0044
// 0532 0130 00" and "账号：1202020209900112233". Nothing is the account of nobody.
func SameAccount(a, b string) bool {
	first, second := coreOf(a), coreOf(b)
	return first != "" && first == second
}

// longNumber is a number long enough to be an account's.
var longNumber = regexp.MustCompile(`[0-9]{8,}`)

// coreOf returns the number in a spelling of an account: the IBAN in it, or the only long number that
// stands between words, or all of it.
func coreOf(spelling string) string {
	compact := CompactAccount(spelling)
	for at := range len(compact) {
		end := at + ibanLength(compact[at:])
		if end == at || end > len(compact) || end < len(compact) && isDigit(compact[end]) { // a digit more is another number
			continue
		}
		if validIBAN(compact[at:end]) {
			return compact[at:end]
		}
	}
	// A number with single letters before or behind it is a number of its own.
	if numbers := longNumber.FindAllString(compact, -1); len(numbers) == 1 && aroundIt(compact, numbers[0]) {
		return numbers[0]
	}
	return compact
}

// aroundIt reports whether all that stands around a number are words that people write beside an account.
func aroundIt(compact, number string) bool {
	around := strings.Replace(compact, number, "", 1)
	for _, word := range [...]string{"ACCOUNT", "NUMBER", "ACC", "A/C", "NO", "IBAN", "CNY", "RMB", "EUR", "USD", "账号", "帐号", "账户", "卡号", "人民币"} {
		around = strings.ReplaceAll(around, word, "")
	}
	return strings.Trim(around, ":;.,()[]#/") == ""
}

// ibanLength returns how long an IBAN is that begins with the country of a text, or 0 if the
// text begins with no country that has IBANs, and check digits.
func ibanLength(text string) int {
	const beforeBBAN = 4
	if len(text) < beforeBBAN || !isDigit(text[2]) || !isDigit(text[3]) {
		return 0
	}
	structure, ok := country.GetBbanStructure(text[:2])
	if !ok {
		return 0
	}
	return beforeBBAN + structure.Length()
}

// validIBAN reports whether a number, as it is compared, is an IBAN: of the length of its country,
// and with its check digits. Of a country that has come to IBANs lately only the check digits are known.
func validIBAN(number string) bool {
	const shortest, longest = 15, 34
	if len(number) < shortest || len(number) > longest || !capital(number[0]) || !capital(number[1]) || !isDigit(number[2]) || !isDigit(number[3]) {
		return false
	}
	if ibanLength(number) > 0 {
		return iban.Validate(number) == nil
	}
	remainder, ok := reference.Remainder97(number[4:] + number[:4])
	return ok && remainder == 1
}

func capital(c byte) bool { return c >= 'A' && c <= 'Z' }

// written returns the number without the spaces between its groups.
func (a Account) written() string { return strings.ReplaceAll(a.Number, " ", "") }

// checkNumber refuses a number that can't be an account's because its check digits are wrong.
func checkNumber(number string) *FieldError {
	compact := CompactAccount(number)
	if length := ibanLength(compact); length > 0 {
		err := iban.Validate(compact)
		switch {
		case err == nil:
		case len(compact) != length:
			return fieldError("number", "begins like an IBAN of %s, which has %d characters; this has %d", compact[:2], length, len(compact))
		case errors.Is(err, iban.ErrInvalidCheckDigit), errors.Is(err, iban.ErrInvalidIbanModulo):
			return fieldError("number", "is an IBAN whose check digits (the third and fourth character) don't belong to the rest: a character is wrong or two are swapped")
		default:
			return fieldError("number", "begins like an IBAN of %s, but has letters where that has digits, or the other way round", compact[:2])
		}
	}
	if unionPayCard(compact) && !luhn(compact) {
		return fieldError("number", "is a bank card's (it begins with 62) whose last digit doesn't belong to the others: a digit is wrong or two are swapped")
	}
	return nil
}

// unionPayCard reports whether a number is that of a Chinese bank card, whose last digit checks
// the others (Luhn; ISO/IEC 7812-1): 16 to 19 digits that begin with 62, which is UnionPay's. Accounts of
// companies are no cards: banks number them each in its own way, in 9 to 22 digits that don't
// begin so, and none of those has a check digit that others could compute.
func unionPayCard(number string) bool {
	const shortest, longest = 16, 19
	return len(number) >= shortest && len(number) <= longest && strings.HasPrefix(number, "62") && digitsAlone.MatchString(number)
}

func luhn(digits string) bool {
	sum := 0
	for n := range len(digits) {
		d := int(digits[len(digits)-1-n] - '0')
		if n%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
