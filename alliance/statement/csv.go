package statement

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"github.com/lianka/lianka/clearing/ledger"
)

// A CSV file is one flat table after RFC 4180, in UTF-8, with a header line and CR LF.
// Every row has the month, the party and the currency, so that files can be concatenated.

// writeLinesCSV writes the lines, the oldest first.
func writeLinesCSV(ctx context.Context, w io.Writer, s *Statement) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	_ = out.Write([]string{
		"period", "party", "currency", "transaction", "booked_at", "occurred_at", "type", "group", "counterparty",
		"card", "merchant", "home", "corrects", "gross", "effect", "balance",
		"heading", "headed", "campaign", "item", "hold",
	})
	for l, err := range s.Lines(ctx) {
		if err != nil {
			return err
		}
		occurred := ""
		if !l.OccurredAt.IsZero() {
			occurred = s.local(l.OccurredAt).Format(time.RFC3339Nano)
		}
		err := out.Write([]string{
			s.Window.Period, cell(s.Party), s.Alliance.Currency.Code(),
			ledger.ID(l.Seq), s.local(l.BookedAt).Format(time.RFC3339Nano), occurred, cell(string(l.Type)), string(l.Group), cell(l.Counterparty),
			cell(l.Card), cell(l.Merchant), cell(l.Home), transactionID(l.Corrects), l.Gross.String(), l.Effect.String(), l.Balance.String(),
			string(l.Heading), headedText(&l), cell(l.Campaign), cell(l.Item), transactionID(l.Hold),
		})
		if err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// headedText returns what of a line's effect is under its heading, and "" where it has none.
func headedText(l *Line) string {
	if l.Heading == "" {
		return ""
	}
	return l.Headed.String()
}

// writeSummaryCSV writes the sums: a row for the opening, one for each kind of
// transaction (section movement), for each heading (section heading), for each shop of a
// group (the group's name), for each transfer, and one for what is carried. The opening and the movement
// rows add up to the transfer rows and the carried one.
func writeSummaryCSV(_ context.Context, w io.Writer, s *Statement) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	row := func(section, code, name, count, gross, amount string) {
		_ = out.Write([]string{
			s.Window.Period, cell(s.Party), s.Alliance.Currency.Code(), section, cell(code), cell(name), count, gross, amount,
		})
	}
	_ = out.Write([]string{"period", "party", "currency", "section", "code", "name", "count", "gross", "amount"})
	row("opening", "", "", "", "", s.Opening.String())
	for _, m := range s.Movements {
		row("movement", string(m.Type), "", strconv.FormatInt(m.Count, 10), "", m.Amount.String())
	}
	for _, h := range s.Headings {
		row("heading", string(h.Heading), headingLabel(h.Heading).String(), strconv.FormatInt(h.Count, 10), "", h.Amount.String())
	}
	for _, g := range s.groups() {
		for _, c := range g.Merchants {
			row(string(g.Group), c.Merchant, s.Merchants[c.Merchant], strconv.FormatInt(c.Count, 10), c.Gross.String(), c.Amount.String())
		}
	}
	for _, t := range s.Transfers {
		row("transfer", t.With, s.Merchants[t.With], "", "", t.Amount.String())
	}
	row("carried", "", "", "", "", s.Carried.String())
	out.Flush()
	return out.Error()
}
