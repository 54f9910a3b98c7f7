package bankfile

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// The words by which a column says which way an amount went, seen from the holder of the
// account: what the bank credits came in.
var (
	creditWords = []string{
		"credit", "crdt", "cr", "haben", "incoming", "deposit", "received", "贷", "贷方", "贷记", "收", "收入", "收款", "转入", "存入", "存", "来账", "汇入", "进账",
	}
	debitWords = []string{
		"debit", "dbit", "dr", "soll", "outgoing", "withdrawal", "paid", "借", "借方", "借记", "支", "付", "支出", "付款", "转出", "支取", "取", "取出", "往账", "汇出",
	}
	// These mean a direction only in a column that is there to tell it: 入账 may say as well
	// that a line is booked.
	shortCreditWords = []string{"c", "h", "in", "入账", "入", "+"}
	shortDebitWords  = []string{"d", "s", "out", "出账", "出", "-"}
)

// directionOf understands a cell that says which way an amount went. Each of its words must be
// understood, and mean the same: 贷 Cr, 1-贷, or D.
func directionOf(cell string, more map[string]bool, named bool) (credit, ok bool) {
	text := directionWord(cell)
	if credit, ok := more[text]; ok {
		return credit, true
	}
	if named && (text == "+" || text == "-") {
		return text == "+", true
	}
	found, sides := 0, map[bool]bool{}
	for _, word := range wordsOf(text) {
		credit, ok := wordMeans(word, named)
		if !ok {
			return false, false
		}
		found++
		sides[credit] = true
	}
	return sides[true], found > 0 && len(sides) == 1
}

func wordMeans(word string, named bool) (credit, ok bool) {
	for _, w := range creditWords {
		if w == word {
			return true, true
		}
	}
	for _, w := range debitWords {
		if w == word {
			return false, true
		}
	}
	if named {
		for _, w := range shortCreditWords {
			if w == word {
				return true, true
			}
		}
		for _, w := range shortDebitWords {
			if w == word {
				return false, true
			}
		}
	}
	return false, false
}

// directionWord returns a cell as it is compared.
func directionWord(cell string) string {
	return oneLine(strings.ToLower(width.Fold.String(cleanCell(cell))))
}

// wordsOf takes a text apart where letters of one script end. Numbers are left out: banks put
// codes before the word.
func wordsOf(text string) []string {
	var words []string
	before := ""
	for _, r := range text {
		script := ""
		switch {
		case unicode.Is(unicode.Han, r):
			script = "Han"
		case unicode.IsLetter(r):
			script = "other"
		}
		switch {
		case script == "":
		case script == before:
			words[len(words)-1] += string(r)
		default:
			words = append(words, string(r))
		}
		before = script
	}
	return words
}
