package bankfile

import (
	"unicode"
	"unicode/utf8"

	"github.com/lianka/lianka/clearing/message"
)

// FieldError says which field of an instruction or account a bank would refuse, and what
// would be right.
type FieldError struct {
	Field  string // such as "payments[2].payee.number", counted from 0
	Reason string
	// Message is Reason, to be said in other languages.
	Message *message.Message
}

// fieldError returns the error of a field.
func fieldError(field, format string, values ...any) *FieldError {
	m := message.New(format, values...)
	return &FieldError{field, m.English(), &m}
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Reason }

// within prefixes the field of an error.
func within(name string, e *FieldError) *FieldError {
	if e == nil {
		return nil
	}
	inside := *e
	inside.Field = name + "." + e.Field
	return &inside
}

// checkText refuses what can't be one line of text in a file for a bank.
func checkText(field, text string, required bool, most int) *FieldError {
	switch {
	case text == "" && required:
		return fieldError(field, "is required")
	case !utf8.ValidString(text):
		return fieldError(field, "is no UTF-8")
	case most > 0 && utf8.RuneCountInString(text) > most:
		return fieldError(field, "has %d characters, and a bank takes %d", utf8.RuneCountInString(text), most)
	}
	for _, r := range text {
		// XML can't represent most control characters, nor noncharacters. Line ends and
		// tabs would break a name or a table.
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufffe' || r == '\uffff' {
			return fieldError(field, "has the character %U, which is no text; it is one line without control characters", r)
		}
	}
	for _, r := range text {
		if !unicode.IsSpace(r) {
			return nil
		}
	}
	if text != "" {
		return fieldError(field, "is nothing but spaces")
	}
	return nil
}

// checkName refuses a name that a bank doesn't take, or that people can't tell from another: with
// characters that can't be seen or that turn the direction of writing, with pictures, with
// spaces at its ends or several in a row, or without a letter or digit.
func checkName(field, text string) *FieldError {
	said := false
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector), r == '\u2800':
			return fieldError(field, "has the character %U, which can't be seen; write the name without it", r)
		case unicode.In(r, unicode.So, unicode.Sk) && r > unicode.MaxLatin1:
			return fieldError(field, "has the character %q, which is no letter, digit or punctuation mark; a bank doesn't take it", r)
		case unicode.IsLetter(r), unicode.IsDigit(r):
			said = true
		}
	}
	switch {
	case oneLine(text) != text:
		return fieldError(field, "begins and ends without a space, and has single spaces between its words")
	case !said:
		return fieldError(field, "has no letter and no digit")
	}
	return nil
}

// checkIdentifier refuses an identification that banks don't pass on unchanged: more than 35
// characters, or characters that are not in the SWIFT set.
func checkIdentifier(field, text string) *FieldError {
	if e := checkText(field, text, true, mostIdentifier); e != nil {
		return e
	}
	for i := range len(text) {
		if !swiftCharacter(text[i]) {
			return fieldError(field, "is made of letters A to Z, digits, spaces and / - ? : ( ) . , ' + alone")
		}
	}
	if text[0] == ' ' || text[len(text)-1] == ' ' {
		return fieldError(field, "begins and ends without a space")
	}
	return nil
}

func swiftCharacter(c byte) bool {
	switch c {
	case ' ', '/', '-', '?', ':', '(', ')', '.', ',', '\'', '+':
		return true
	}
	return isDigit(c) || isLetter(c)
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }
