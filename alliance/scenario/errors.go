package scenario

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// FileError says where and why a file is refused.
type FileError struct {
	File   string
	Line   int    // from 1; 0 if the file as a whole is meant
	Path   string // the key in circle.yaml, written like rules.referral.levels[1]; else ""
	Reason string
	Cause  error // of a file that couldn't be read; nil if what it says is wrong
}

// Error returns "circle.yaml:12: rules.sale.seller: is missing".
func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	b.WriteString(": ")
	if e.Path != "" {
		b.WriteString(e.Path + ": ")
	}
	b.WriteString(e.Reason)
	return b.String()
}

// Unwrap returns the cause, so that a missing file is fs.ErrNotExist.
func (e *FileError) Unwrap() error { return e.Cause }

// Limits of quotations from a file in a reason, in bytes.
const (
	maxQuote  = 64
	maxReason = 1024
)

// clip shortens a text that an error quotes.
func clip(text string) string { return cut(text, maxQuote) }

func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
