package export

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// beancount writes a journal of beancount.
type beancount struct {
	*bufio.Writer
	currency money.Currency
}

func (b *beancount) begin(title string) {
	_, _ = fmt.Fprintf(b, "option \"title\" %s\noption \"operating_currency\" \"%s\"\n\n", quoted(title), b.currency.Code())
}

func (b *beancount) account(a ledger.Account, opened string) {
	_, _ = fmt.Fprintf(b, "%s open %s %s\n", opened, beancountName(a), b.currency.Code())
}

func (b *beancount) transaction(t *ledger.Transaction, d details) {
	id := ledger.ID(t.Seq)
	if len(t.Entries) == 0 {
		_, _ = fmt.Fprintf(b, "\n; %s %s %s: no entries\n", d.date, id, escape(string(t.Type)))
		return
	}
	// What corrects a transaction is linked to it.
	_, _ = fmt.Fprintf(b, "\n%s * %s %s ^%s", d.date, quoted(escape(string(t.Type))), quoted(id), id)
	if t.Corrects != 0 {
		_, _ = fmt.Fprintf(b, " ^%s", ledger.ID(t.Corrects))
	}
	_, _ = fmt.Fprintf(b, "\n  transaction: %s\n", quoted(id))
	for _, tag := range tags(t, d) {
		_, _ = fmt.Fprintf(b, "  %s: %s\n", tag.name, quoted(tag.value))
	}
	for _, e := range t.Entries {
		_, _ = fmt.Fprintf(b, "  %-46s  %12s %s\n", beancountName(e.Account), e.Amount, b.currency.Code())
	}
}

func (b *beancount) end() {}

// quoted returns a text without line ends as a string of beancount.
func quoted(text string) string {
	text = strings.ReplaceAll(text, `\`, `\\`)
	return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"`
}
