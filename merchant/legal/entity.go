package legal

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"github.com/lianka/lianka/clearing/identifier"
	"github.com/lianka/lianka/clearing/message"
	"github.com/lianka/lianka/clearing/money"
)

// Entity is a party as the law knows it. Either field may be empty, but not both.
type Entity struct {
	Name      string // as on its licence: 江边火锅有限公司
	TaxNumber string // where yuan are paid, the unified social credit code (统一社会信用代码)
}

// MaxName is the longest name, in characters.
const MaxName = 100

// FieldError says what is wrong with a field of an entity.
type FieldError struct {
	Field, Reason string
	Message       *message.Message // Reason, to be said in other languages
}

// fieldError returns the error of a field.
func fieldError(field, format string, values ...any) *FieldError {
	m := message.New(format, values...)
	return &FieldError{field, m.English(), &m}
}

// Error returns field and reason.
func (e *FieldError) Error() string { return e.Field + ": " + e.Reason }

// New returns an entity with its texts as they are kept: composed, and the number in plain
// capitals without spaces and hyphens. It returns a *[FieldError] for what is no name or
// number. In a circle of yuan the number is a unified social credit code, elsewhere any.
func New(name, taxNumber string, currency money.Currency) (Entity, error) {
	e := Entity{Name: norm.NFC.String(strings.TrimSpace(name)), TaxNumber: plain(taxNumber)}
	if e.Name == "" && e.TaxNumber == "" {
		return e, fieldError("legal_name", "is empty, and so is tax_number; give one of them, or delete the entry")
	}
	if n := utf8.RuneCountInString(e.Name); n > MaxName {
		return e, fieldError("legal_name", "has %d characters; at most %d are kept", n, MaxName)
	}
	if i := strings.IndexFunc(e.Name, unprintable); i >= 0 {
		r, _ := utf8.DecodeRuneInString(e.Name[i:])
		return e, fieldError("legal_name", "holds %U, which can't be seen in print; write it without", r)
	}
	if e.TaxNumber == "" {
		return e, nil
	}
	if currency.Code() == "CNY" {
		return e, checkCreditCode(e.TaxNumber)
	}
	return e, checkTaxNumber(e.TaxNumber)
}

// unprintable reports whether a character can't be seen, or changes how others are seen.
// Ordinary spaces may stand within a name.
func unprintable(r rune) bool {
	return r == utf8.RuneError || r != ' ' && identifier.CheckText(string(r)) != nil
}

// plain returns a number as it is compared: a keyboard's full-width characters folded,
// in capitals, without the spaces and hyphens that make it readable.
func plain(number string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, width.Fold.String(number)))
}

// creditAlphabet are the characters of a unified social credit code by their values. I, O,
// S, V and Z are left out, because they look like digits or each other.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// checkCreditCode checks a unified social credit code after GB 32100-2015: 18 characters,
// of which the last makes the sum of all, weighted with powers of 3, a multiple of 31.
func checkCreditCode(code string) error {
	const length = 18
	if n := utf8.RuneCountInString(code); n != length {
		return fieldError("tax_number", "has %d characters; a unified social credit code (统一社会信用代码) has %d", n, length)
	}
	sum, weight := 0, 1
	for i, r := range code {
		value := strings.IndexRune(creditAlphabet, r)
		if value < 0 {
			return fieldError("tax_number", "holds %q; a unified social credit code has digits and capitals but I, O, S, V and Z", r)
		}
		if i == length-1 {
			weight = 1
		}
		sum += value * weight
		weight = weight * 3 % len(creditAlphabet)
	}
	if sum%len(creditAlphabet) != 0 {
		return fieldError("tax_number", "is not a unified social credit code: its last character does not fit the others; compare it with the licence")
	}
	return nil
}

// checkTaxNumber checks the tax number of another country, whose rules are many.
func checkTaxNumber(number string) error {
	if len(number) > 30 || len(number) < 4 {
		return fieldError("tax_number", "has 4 to 30 letters and digits")
	}
	for _, r := range number {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && r != '.' && r != '/' {
			return fieldError("tax_number", "holds %q; write letters and digits", r)
		}
	}
	return nil
}
