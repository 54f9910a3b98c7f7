package bankfile

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"

	"github.com/lianka/lianka/clearing/money"
)

// cleanCell returns what stands in a cell in one line, without what banks add so that a
// spreadsheet takes it for text (a tab, an apostrophe, a backtick, ="…"), and without
// characters that can't be seen.
func cleanCell(cell string) string {
	cell = oneLine(visible(cell))
	if inside, ok := strings.CutPrefix(cell, `="`); ok && strings.HasSuffix(inside, `"`) {
		cell = strings.TrimSuffix(inside, `"`)
	}
	if len(cell) > 1 && (cell[0] == '\'' || cell[0] == '`') {
		cell = cell[1:]
	}
	return strings.TrimSpace(cell)
}

// visible makes spaces of control characters, and leaves out characters of format such as
// zero-width spaces and those that turn the direction of writing.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case ' ' <= r && r <= '~':
			return r
		case unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
}

// filler reports whether a cell says nothing.
func filler(cell string) bool {
	switch strings.ToLower(cell) {
	case "", "-", "--", "---", "/", "\\", "无", "null", "n/a":
		return true
	}
	return false
}

var (
	dateLayouts = [...]string{"2006-1-2", "2006/1/2", "2006.1.2", "20060102", "2006年1月2日", "2.1.2006"}
	timeLayouts = [...]string{
		"", " 15:04:05", " 15:04", " 150405", "T15:04:05", "150405", " 15:04:05.999999", " 15时04分05秒", "T15:04:05Z07:00", " 15:04:05 -0700",
	}
	// Times that an export may have beside a date, in a cell of their own, are not read.
	dateShape = regexp.MustCompile(`^[0-9]{1,4}[-/.年0-9]`)
)

// Banks had no exports before, and nothing is booked so far ahead.
const (
	firstYear = 1990
	lastYear  = 2199
)

// longestValue is how many bytes a cell has at most that is read as a date or a number. A parser's time grows with each form that
// it tries on a text; so what is longer is none, untried.
const longestValue = 200

// parseDate reads the date of a cell, as midnight UTC.
func parseDate(cell string) (time.Time, bool) {
	if len(cell) > longestValue {
		return time.Time{}, false
	}
	text := width.Fold.String(cell)
	if !dateShape.MatchString(text) {
		return time.Time{}, false
	}
	for _, date := range dateLayouts {
		for _, clock := range timeLayouts {
			if on, err := time.Parse(date+clock, text); err == nil {
				return midnight(on), on.Year() >= firstYear && on.Year() <= lastYear
			}
		}
	}
	return time.Time{}, false
}

var (
	minus        = strings.NewReplacer("−", "-", "–", "-", "—", "-", "﹣", "-")
	digitsAlone  = regexp.MustCompile(`^[0-9]+$`)
	pointNumber  = regexp.MustCompile(`^(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?$`)
	commaNumber  = regexp.MustCompile(`^(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+)(?:,[0-9]+)?$`)
	provesPoint  = regexp.MustCompile(`^(?:[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})|[0-9]{4,}\.[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+|[0-9]{1,3}(?:,[0-9]{3}){2,})$`)
	provesComma  = regexp.MustCompile(`^(?:[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})|[0-9]{4,},[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]{1,3}(?:\.[0-9]{3}){2,})$`)
	mayBeGrouped = regexp.MustCompile(`^[1-9][0-9]{0,2}\.[0-9]{3}$`)
)

// marks are what may stand beside an amount and says nothing but its currency.
var marks = map[string][]string{
	"CNY": {"人民币", "CNY", "RMB", "¥", "元"},
	"JPY": {"JPY", "¥", "日元", "円"},
	"EUR": {"EUR", "€", "欧元"},
	"USD": {"USD", "US$", "$", "美元"},
	"HKD": {"HKD", "HK$", "$", "港币", "港元"},
	"GBP": {"GBP", "£", "英镑"},
}

// figure is what an amount's cell says: a number, and its sign if there is one.
type figure struct {
	number string
	sign   int  // -1, +1, or 0 if none is written
	empty  bool // nothing, or a dash
}

// figureOf takes a cell of an amount apart. The number may still be none.
func figureOf(cell, currency string) figure {
	if len(cell) > longestValue {
		return figure{}
	}
	text := minus.Replace(strings.ReplaceAll(width.Fold.String(cell), " ", ""))
	if filler(text) {
		return figure{empty: true}
	}
	upper := strings.ToUpper(text)
	f := figure{number: upper}
	switch {
	case strings.HasSuffix(upper, "CR"):
		f.sign, f.number = 1, strings.TrimSuffix(upper, "CR")
	case strings.HasSuffix(upper, "DR"):
		f.sign, f.number = -1, strings.TrimSuffix(upper, "DR")
	case strings.HasPrefix(upper, "(") && strings.HasSuffix(upper, ")"):
		f.sign, f.number = -1, upper[1:len(upper)-1]
	}
	f.unsign()
	known, ok := marks[currency]
	if !ok {
		known = []string{currency}
	}
	for _, mark := range known {
		f.number = strings.TrimSuffix(strings.TrimPrefix(f.number, mark), mark)
	}
	f.unsign()
	return f
}

// unsign takes one sign from the number, before or behind it, unless it had one already.
func (f *figure) unsign() {
	if f.sign != 0 || f.number == "" {
		return
	}
	switch first, last := f.number[0], f.number[len(f.number)-1]; {
	case first == '-':
		f.sign, f.number = -1, f.number[1:]
	case first == '+':
		f.sign, f.number = 1, f.number[1:]
	case last == '-':
		f.sign, f.number = -1, f.number[:len(f.number)-1]
	case last == '+':
		f.sign, f.number = 1, f.number[:len(f.number)-1]
	}
}

// decimals says how the amounts of a file are written.
type decimals int

const (
	unproven decimals = iota // a point, but nothing shows that it doesn't group thousands
	byPoint
	byComma
	byBoth
)

// seen returns how the amounts are written after a further one was seen.
func (d decimals) seen(number string) decimals {
	point, comma := provesPoint.MatchString(number), provesComma.MatchString(number)
	switch {
	case point && d == byComma, comma && d == byPoint:
		return byBoth
	case point && d == unproven:
		return byPoint
	case comma && d == unproven:
		return byComma
	}
	return d
}

// plain returns a number with a point and without separators of thousands, or says that it
// can't be told what it is.
func (d decimals) plain(number string, c money.Currency) (string, bool) {
	const grouped = 3
	comma := d == byComma
	if d == byBoth {
		if comma = provesComma.MatchString(number); !comma && !provesPoint.MatchString(number) && !digitsAlone.MatchString(number) {
			return "", false
		}
	}
	switch {
	case comma && commaNumber.MatchString(number):
		return strings.ReplaceAll(strings.ReplaceAll(number, ".", ""), ",", "."), true
	case comma, !pointNumber.MatchString(number), d == unproven && c.Digits() < grouped && mayBeGrouped.MatchString(number):
		return "", false
	}
	return strings.ReplaceAll(number, ",", ""), true
}
