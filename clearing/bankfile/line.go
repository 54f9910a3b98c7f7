package bankfile

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/clearing/reference"
)

// The longest texts of a line, in characters. Banks have 35 for an ID and a reference, 140 for a
// name, and 140 or a few times that for a purpose.
const (
	mostLineID = 128
	mostLine   = 2000
)

// fail notes why a line can't be booked. The first reason stays.
func (l *Line) fail(code, format string, values ...any) {
	if l.Problem == nil {
		l.Problem = &LineProblem{Code: code, Reason: fmt.Sprintf(format, values...)}
	}
}

// names reports whether a reference can be found in a line.
func (l *Line) names(wanted string) bool {
	return slices.ContainsFunc([]string{l.Reference, l.Text, l.Counterparty}, func(text string) bool {
		return slices.Contains(reference.Find(text), wanted)
	})
}

// bound cuts texts that are too long. What is cut off is replaced by a digest of the whole, so
// that lines that differ stay different.
func (l *Line) bound() {
	for _, field := range []struct {
		name string
		text *string
		most int
	}{
		{"the number of the line", &l.ID, mostLineID},
		{"the reference", &l.Reference, mostLineID},
		{"the text", &l.Text, mostLine},
		{"the name of the other side", &l.Counterparty, mostLineID},
		{"the code of the reason", &l.ReasonCode, mostLineID},
		{"the reason", &l.Reason, mostLine},
	} {
		n := utf8.RuneCountInString(*field.text)
		if n <= field.most {
			continue
		}
		l.fail(TextTooLong, "%s has %d characters; it may have %d", field.name, n, field.most)
		digest := sha256.Sum256([]byte(*field.text))
		end := "…" + hex.EncodeToString(digest[:8])
		*field.text = string([]rune(*field.text)[:field.most-utf8.RuneCountInString(end)]) + end
	}
}

// parseAmount reads an amount without sign, with a point and without separators of thousands. Zeros
// behind the decimals of the currency are no more than that. It returns what is wrong.
func parseAmount(text string, c money.Currency) (money.Amount, string) {
	whole, fraction, pointed := strings.Cut(text, ".")
	if pointed && len(fraction) > c.Digits() {
		fraction = fraction[:c.Digits()] + strings.TrimRight(fraction[c.Digits():], "0")
		text = whole
		if fraction != "" {
			text += "." + fraction
		}
	}
	amount, err := money.Parse(text, c)
	switch {
	case errors.Is(err, money.ErrDecimals):
		return c.Zero(), fmt.Sprintf("has more than the %d decimals of %s", c.Digits(), c.Code())
	case errors.Is(err, money.ErrTooLarge):
		return c.Zero(), "is " + money.ErrTooLarge.Error()
	case err != nil:
		return c.Zero(), "is " + money.ErrSyntax.Error()
	}
	return amount, ""
}

// currencyNames are what exports call currencies beside their codes.
var currencyNames = map[string][]string{
	"CNY": {"人民币", "人民币元", "元", "rmb", "156", "cnh"},
	"USD": {"美元", "美金", "840"},
	"EUR": {"欧元", "978"},
	"JPY": {"日元", "日圆", "392"},
	"HKD": {"港币", "港元", "344"},
	"GBP": {"英镑", "826"},
}

// sameCurrency reports whether a cell names a currency, by its code or by what it is called.
func sameCurrency(cell string, c money.Currency) bool {
	text := strings.ToLower(strings.Trim(width.Fold.String(cell), "()[] "))
	if slices.Contains(currencyNames[c.Code()], text) {
		return true
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '/' || r == '-' || r == '(' || r == ')' })
	for _, w := range words {
		if w != strings.ToLower(c.Code()) && !slices.Contains(currencyNames[c.Code()], w) {
			return false
		}
	}
	return len(words) > 0
}
