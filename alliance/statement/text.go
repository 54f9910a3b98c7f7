package statement

import (
	"strings"
	"unicode/utf8"

	"github.com/lianka/lianka/clearing/ledger"
)

// cell returns a text as every table can hold it and no spreadsheet runs it.
func cell(text string) string { return visible(inert(text)) }

// inert returns a text as a cell of a table that a spreadsheet will not take for
// a formula: one that begins like a formula, or with a character that a
// spreadsheet skips, gets an apostrophe before it. Amounts are numbers and don't
// come here.
func inert(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	switch first {
	case '=', '+', '-', '@', '\t', '\r', '\n', 0, '＝', '＋', '－', '＠':
		if text != "" {
			return "'" + text
		}
	}
	return text
}

// visible returns a text with U+FFFD in place of control characters and of what
// is no character at all, which neither XML nor RFC 4180 has room for.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F || r == 0xFFFE || r == 0xFFFF {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(text, string(utf8.RuneError)))
}

// transactionID returns the name of a transaction, and "" for none.
func transactionID(seq int64) string {
	if seq == 0 {
		return ""
	}
	return ledger.ID(seq)
}
