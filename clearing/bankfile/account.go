package bankfile

import (
	"strings"
)

// The lengths that ISO 20022 and banks allow, in characters.
const (
	mostIdentifier = 35
	mostName       = 70
	mostBank       = 140
	mostRemittance = 140
	leastNumber    = 5
	mostNumber     = 34
)

// Account is an account at a bank, and whose it is. One of Bank, BIC and CNAPS is
// required; a Chinese bank wants CNAPS for an account at another bank.
type Account struct {
	// Holder is the name that the account is kept under, at most 70 characters.
	Holder string `json:"holder"`
	// Number is 5 to 34 letters, digits, spaces and hyphens. Spaces are for the eye
	// and are not written. It may be an IBAN.
	Number string `json:"number"`
	// Bank is the name of the bank and branch (开户行), at most 140 characters.
	Bank string `json:"bank,omitempty"`
	// BIC is the bank's code at SWIFT, 8 or 11 characters.
	BIC string `json:"bic,omitempty"`
	// CNAPS is the bank code of China's payment system (联行号), 12 digits of which
	// the last one checks the others.
	CNAPS string `json:"cnaps,omitempty"`
}

// Validate returns a [*FieldError] naming the first field that a bank would refuse:
// "holder", "number", "bank", "bic" or "cnaps". It is stricter than what is checked of an
// instruction: an account that was accepted before is still written, so that one doubtful number
// doesn't keep a whole run from being paid.
func (a Account) Validate() error {
	if e := a.check(); e != nil {
		return e
	}
	if e := checkNumber(a.Number); e != nil {
		return e
	}
	if e := checkName("holder", a.Holder); e != nil {
		return e
	}
	if a.Bank == "" {
		return nil
	}
	if e := checkName("bank", a.Bank); e != nil {
		return e
	}
	return nil
}

func (a Account) check() *FieldError {
	if e := checkText("holder", a.Holder, true, mostName); e != nil {
		return e
	}
	if !wellNumbered(a.Number) {
		return fieldError("number", "an account number is 5 to 34 letters, digits, spaces and hyphens, and begins and ends with a letter or digit")
	}
	if e := checkText("bank", a.Bank, false, mostBank); e != nil {
		return e
	}
	switch {
	case a.BIC != "" && !wellFormedBIC(a.BIC):
		return fieldError("bic", "a BIC is 8 or 11 capitals and digits: four for the bank, two letters for the country, two for the place, three for the branch, such as ICBKCNBJ")
	case a.CNAPS != "" && !wellFormedCNAPS(a.CNAPS):
		return fieldError("cnaps", "a CNAPS code (联行号) is 12 digits")
	case a.CNAPS != "" && !checkedCNAPS(a.CNAPS):
		return fieldError("cnaps", "the last digit of the CNAPS code (联行号) doesn't belong to the others: a digit is wrong or two are swapped")
	case a.Bank == "" && a.BIC == "" && a.CNAPS == "":
		return fieldError("bank", "one of the bank's name, BIC and CNAPS code is required")
	}
	return nil
}

func wellNumbered(number string) bool {
	if len(number) > mostNumber || number == "" || strings.Trim(number, " -") != number {
		return false
	}
	figures := 0
	for i := range len(number) {
		switch c := number[i]; {
		case isDigit(c) || isLetter(c):
			figures++
		case c != ' ' && c != '-':
			return false
		}
	}
	return figures >= leastNumber
}

func wellFormedBIC(bic string) bool {
	if len(bic) != 8 && len(bic) != 11 {
		return false
	}
	for i := range len(bic) {
		letter := bic[i] >= 'A' && bic[i] <= 'Z'
		if !letter && (!isDigit(bic[i]) || i == 4 || i == 5) {
			return false
		}
	}
	return true
}

func wellFormedCNAPS(code string) bool {
	for i := range len(code) {
		if !isDigit(code[i]) {
			return false
		}
	}
	return len(code) == 12
}

// checkedCNAPS reports whether the last digit is the ISO 7064 MOD 11,10 (GB/T 17710) check
// digit of the eleven before it: bank, place and branch.
func checkedCNAPS(code string) bool {
	product := 10
	for i := range len(code) - 1 {
		sum := (product + int(code[i]-'0')) % 10
		if sum == 0 {
			sum = 10
		}
		product = sum * 2 % 11
	}
	return (11-product)%10 == int(code[len(code)-1]-'0')
}
