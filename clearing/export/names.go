package export

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/lianka/lianka/clearing/ledger"
)

// root returns the first part of an account's name.
func root(a ledger.Account) string {
	switch {
	case a == others():
		return "equity"
	case a.Kind.Normal() == ledger.Debit:
		return "assets"
	}
	return "liabilities"
}

// kind returns the second part of an account's name.
func kind(a ledger.Account) string {
	if a == others() {
		return "circle"
	}
	return a.Kind.String()
}

// hledgerName returns the name of an account for hledger.
func hledgerName(a ledger.Account) string {
	name := root(a) + ":" + kind(a)
	if a.Owner != "" {
		name += ":" + escape(a.Owner)
	}
	return name
}

// escape writes every byte that is not part of a letter, a digit or a harmless sign as a
// percent sign and two hexadecimal digits. url.PathUnescape reverses it.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.In(r, unicode.L, unicode.M, unicode.N) || strings.ContainsRune("-_.@+/&#", r) {
			b.WriteRune(r)
			continue
		}
		for _, c := range []byte(string(r)) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// beancountName returns the name of an account for beancount.
func beancountName(a ledger.Account) string {
	name := capital(root(a)) + ":" + capital(kind(a))
	if a.Owner != "" {
		name += ":" + component(a.Owner)
	}
	return name
}

// capital turns card_value into Card-Value.
func capital(words string) string {
	parts := strings.Split(words, "_")
	for i, p := range parts {
		parts[i] = strings.ToUpper(p[:1]) + p[1:]
	}
	return strings.Join(parts, "-")
}

// component writes an owner as a part of a beancount name. A single dash between letters or
// digits stays, so two in a row always begin an escape, which the next dash ends.
func component(owner string) string {
	var b strings.Builder
	runes := []rune(owner)
	plain := func(i int) bool { return i >= 0 && i < len(runes) && unicode.In(runes[i], unicode.L, unicode.Nd) }
	for i, r := range runes {
		if plain(i) || r == '-' && plain(i-1) && plain(i+1) {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "--%X-", r)
	}
	name := b.String()
	if c := name[0]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') || strings.HasPrefix(name, "X-") {
		return "X-" + name
	}
	return name
}
