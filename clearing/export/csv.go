package export

import (
	"bufio"
	"strings"

	"github.com/lianka/lianka/clearing/ledger"
)

// table writes CSV: a header line, LF, and quotes where RFC 4180 needs them.
type table struct{ *bufio.Writer }

func (c *table) begin(string) {
	_, _ = c.WriteString("transaction,booked_at,period,type,account,owner,amount,card,merchant,home,member,corrects,occurred_at,campaign,item,hold,ground\n")
}

func (c *table) account(ledger.Account, string) {}

func (c *table) transaction(t *ledger.Transaction, d details) {
	for _, e := range t.Entries {
		for _, text := range []string{ledger.ID(t.Seq), instant(t.BookedAt), t.Period, string(t.Type), kind(e.Account), e.Account.Owner} {
			c.text(text)
			_ = c.WriteByte(',')
		}
		// An amount is a number: its minus begins no formula.
		_, _ = c.WriteString(e.Amount.String())
		for _, text := range []string{t.Card, t.Merchant, t.Home, t.Member, corrected(t), d.occurred, d.campaign, d.item, d.hold, d.ground} {
			_ = c.WriteByte(',')
			c.text(text)
		}
		_ = c.WriteByte('\n')
	}
}

func (c *table) end() {}

// text writes a cell of text. A spreadsheet may run a text that begins with certain signs as
// a formula; an apostrophe in front prevents that. A text that begins with an apostrophe gets
// another, so that the escape can be undone.
func (c *table) text(s string) {
	if s != "" && strings.IndexByte("=+-@\t\r\n\x00'", s[0]) >= 0 {
		s = "'" + s
	}
	if strings.ContainsAny(s, ",\"\r\n") {
		s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	_, _ = c.WriteString(s)
}
