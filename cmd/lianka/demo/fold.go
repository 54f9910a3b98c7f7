package demo

import (
	"strings"

	"github.com/rivo/uniseg"
)

// Screen is how many columns of a terminal the story takes at most.
const Screen = 80

// Fold breaks a text at spaces into lines that fit the screen; all but the first begin with an
// indent. A word that is wider than that stays whole.
func Fold(text string, indent int) string {
	var out strings.Builder
	at, begun := 0, false // the column, and whether a word stands in the line
	for i, word := range strings.Split(text, " ") {
		width := uniseg.StringWidth(word)
		switch {
		case i > 0 && begun && at+1+width > Screen:
			out.WriteString("\n" + strings.Repeat(" ", indent))
			at, begun = indent, false
		case i > 0:
			out.WriteByte(' ')
			at++
		}
		out.WriteString(word)
		at += width
		begun = begun || width > 0
	}
	return out.String()
}
