package statement

import (
	"context"
	"strconv"

	"github.com/lianka/lianka/alliance"
	"github.com/lianka/lianka/clearing/ledger"
)

func (d *document) movements() {
	d.section("本期变动", "Movement by kind")
	t := &table{d: d, size: 9, height: 5.6, columns: []column{{"类型 Kind", 100, "L"}, {"笔数 Count", 35, "R"}, {"金额 Amount", 45, "R"}}}
	t.header()
	for _, m := range d.s.Movements {
		t.row(d.s.label(m.Type).String(), strconv.FormatInt(m.Count, 10), grouped(m.Amount))
	}
	t.total("合计 Total", strconv.FormatInt(d.s.Count, 10), grouped(d.s.Movement))
	d.Ln(4)
}

// headings prints what of the movement is under a heading, if anything is.
func (d *document) headings() {
	if len(d.s.Headings) == 0 {
		return
	}
	d.section("其中", "Of which")
	t := &table{d: d, size: 9, height: 5.6, columns: []column{{"归类 Heading", 100, "L"}, {"笔数 Count", 35, "R"}, {"金额 Amount", 45, "R"}}}
	t.header()
	for _, h := range d.s.Headings {
		t.row(headingLabel(h.Heading).String(), strconv.FormatInt(h.Count, 10), grouped(h.Amount))
	}
	d.Ln(4)
}

func (d *document) transfers() {
	d.section("结算", "Transfers")
	t := &table{d: d, size: 9, height: 5.6, columns: []column{{"对方 With", 85, "L"}, {"状态 State", 50, "L"}, {"金额 Amount", 45, "R"}}}
	t.header()
	for _, p := range d.s.Transfers {
		t.row(d.s.partyName(p.With), d.s.transferLabel(p).String(), grouped(p.Amount))
	}
	t.total("合计 Total", "", grouped(d.s.Transfer))
	d.Ln(4)
}

func (d *document) counterparties() {
	d.section("往来", "By shop")
	t := &table{d: d, size: 9, height: 5.6, columns: []column{
		{"商户 Shop", 80, "L"}, {"笔数 Count", 20, "R"}, {"账单额 Gross", 40, "R"}, {"金额 Amount", 40, "R"},
	}}
	t.header()
	for _, g := range d.s.groups() {
		if len(g.Merchants) == 0 {
			continue
		}
		d.ink(faint)
		t.row(groupLabel(g.Group).String(), "", "", "")
		d.ink(black)
		for _, c := range g.Merchants {
			t.row("    "+d.s.partyName(c.Merchant), strconv.FormatInt(c.Count, 10), grouped(c.Gross), grouped(c.Amount))
		}
	}
	t.total("合计 Total", strconv.FormatInt(d.s.Count, 10), "", grouped(d.s.Movement))
	d.Ln(4)
}

func (d *document) lines(ctx context.Context) error {
	d.section("明细", "Lines")
	t := &table{d: d, size: 7, height: 4.4, columns: []column{
		{"入账时间 Booked", 26, "L"}, {"交易 No.", 17, "L"}, {"类型 Type", 23, "L"}, {"卡号 Card", 20, "L"}, {"受理 Acting", 20, "L"},
		{"售卡 Sold by", 20, "L"}, {"账单额 Gross", 17, "R"}, {"变动 Effect", 18, "R"}, {"余额 Balance", 19, "R"},
	}}
	t.header()
	for l, err := range d.s.Lines(ctx) {
		if err != nil {
			return err
		}
		what := d.s.label(l.Type).Short() // the table of kinds has the whole of it
		switch {
		case l.Corrects != 0:
			what += " " + ledger.ID(l.Corrects)
		case l.Hold != 0:
			what += " " + ledger.ID(l.Hold)
		case l.Type == alliance.CardRefunded:
			what = headingLabel(l.Heading).Short()
		}
		gross := ""
		if !l.Gross.IsZero() {
			gross = grouped(l.Gross)
		}
		t.row(d.s.local(l.BookedAt).Format(printedInstant), ledger.ID(l.Seq), what, l.Card,
			d.merchant(l.Merchant), d.merchant(l.Home), gross, grouped(l.Effect), grouped(l.Balance))
		if d.Err() {
			return d.Error()
		}
	}
	t.total("合计 Total", "", "", "", "", "", "", grouped(d.s.Movement), "")
	return d.Error()
}

// merchant returns the name of a shop in a line, and nothing for none.
func (d *document) merchant(code string) string {
	if code == "" {
		return ""
	}
	return d.s.partyName(code)
}
