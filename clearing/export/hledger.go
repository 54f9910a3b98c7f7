package export

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// hledger writes a journal of hledger.
type hledger struct {
	*bufio.Writer
	currency money.Currency
	types    []string // of the transactions so far
}

func newHledger(out *bufio.Writer, currency money.Currency) *hledger {
	return &hledger{Writer: out, currency: currency}
}

// begin declares the currency with its decimals, the tags, and the chart of accounts, whose
// order hledger's reports follow.
func (h *hledger) begin(title string) {
	_, _ = fmt.Fprintf(h, "; %s\n\ndecimal-mark .\n", title)
	// hledger requires the decimal mark even if no decimals follow.
	_, _ = fmt.Fprintf(h, "commodity 1000.%s %s\n", strings.Repeat("0", h.currency.Digits()), h.currency.Code())
	for _, name := range tagNames() {
		_, _ = fmt.Fprintf(h, "tag %s\n", name)
	}
	_, _ = fmt.Fprint(h, "\naccount assets  ; type:A\naccount liabilities  ; type:L\naccount equity  ; type:E\n")
	for _, k := range ledger.Kinds() {
		_, _ = fmt.Fprintf(h, "account %s", hledgerName(ledger.Account{Kind: k}))
		if k == ledger.Custody {
			_, _ = h.WriteString("  ; type:C") // cash
		}
		_ = h.WriteByte('\n')
	}
}

func (h *hledger) account(a ledger.Account, _ string) {
	if a.Owner == "" && a != others() {
		return // it is in the chart
	}
	_, _ = fmt.Fprintf(h, "account %s\n", hledgerName(a))
}

func (h *hledger) transaction(t *ledger.Transaction, d details) {
	name, id := escape(string(t.Type)), ledger.ID(t.Seq)
	if len(t.Entries) == 0 {
		_, _ = fmt.Fprintf(h, "\n; %s (%s) %s: no entries\n", d.date, id, name)
		return
	}
	if !slices.Contains(h.types, name) {
		h.types = append(h.types, name)
	}
	_, _ = fmt.Fprintf(h, "\n%s (%s) %s | %s\n", d.date, id, name, id)
	for _, tag := range tags(t, d) {
		_, _ = fmt.Fprintf(h, "    ; %s:%s\n", tag.name, tag.value)
	}
	for _, e := range t.Entries {
		_, _ = fmt.Fprintf(h, "    %-44s  %12s %s\n", hledgerName(e.Account), e.Amount, h.currency.Code())
	}
}

// end declares the payees, which are the types of transactions. hledger accepts declarations
// after their use.
func (h *hledger) end() {
	slices.Sort(h.types)
	_ = h.WriteByte('\n')
	for _, name := range h.types {
		_, _ = fmt.Fprintf(h, "payee %s\n", name)
	}
}
