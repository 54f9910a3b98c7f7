package bankfile

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gosimple/unidecode"
)

// sepaCountries are those whose IBANs belong to accounts that SEPA credit transfers reach: the European Payments
// Council's list of countries (EPC409-09) of 2025. Guernsey, Jersey and the Isle of Man have IBANs of GB.
const sepaCountries = "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK SM VA"

// mostSEPA is the largest credit transfer of SEPA, in cents.
const mostSEPA = 99_999_999_999

// inSEPA reports whether an account is one that SEPA credit transfers go to and come from.
func (a Account) inSEPA() bool {
	number := CompactAccount(a.Number)
	return validIBAN(number) && strings.Contains(sepaCountries, number[:2])
}

// sepa reports of each payment whether it is a SEPA credit transfer: in euros, between two accounts in SEPA.
func (i Instruction) sepa() (each []bool, all, some bool) {
	each, all = make([]bool, len(i.Payments)), true
	for n, p := range i.Payments {
		each[n] = p.Amount.Currency().Code() == "EUR" && i.Debtor.inSEPA() && p.Payee.inSEPA()
		all, some = all && each[n], some || each[n]
	}
	return each, all, some
}

// checkSEPA refuses what SEPA doesn't take, beside what no bank takes.
func (i Instruction) checkSEPA(each []bool) error {
	for _, party := range []struct{ field, name string }{{"initiating_party", i.InitiatingParty}, {"debtor.holder", i.Debtor.Holder}} {
		if e := checkLatinName(party.field, party.name); e != nil {
			return e
		}
	}
	if e := checkSlashes("id", i.ID); e != nil {
		return e
	}
	for n, p := range i.Payments {
		if !each[n] {
			continue
		}
		name := fmt.Sprintf("payments[%d]", n)
		if e := checkSlashes("id", p.id()); e != nil {
			return within(name, e)
		}
		if e := checkLatinName("payee.holder", p.Payee.Holder); e != nil {
			return within(name, e)
		}
		if p.Amount.Minor() > mostSEPA {
			return within(name, fieldError("amount", "is more than 999999999.99, the most that a SEPA credit transfer may be; split it"))
		}
	}
	return nil
}

func checkSlashes(field, id string) *FieldError {
	if strings.HasPrefix(id, "/") || strings.HasSuffix(id, "/") || strings.Contains(id, "//") {
		return fieldError(field, "begins and ends without a slash, and has no two together: SEPA doesn't take them")
	}
	return nil
}

func checkLatinName(field, name string) *FieldError {
	if strings.Trim(latin(name, mostName), "/-?:().,'+ ") == "" {
		return fieldError(field, "can't be written in Latin letters, as SEPA wants it")
	}
	return nil
}

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
