package statement

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// The sheets of a workbook.
const (
	sheetSummary   = "Summary 汇总"
	sheetMerchants = "Counterparties 往来"
	sheetLines     = "Lines 明细"
)

// writeXLSX writes a workbook of three sheets. Amounts are numbers, texts are
// strings and never formulas. The lines alone are streamed: excelize puts
// several streams into the file in no fixed order.
func writeXLSX(ctx context.Context, w io.Writer, s *Statement) (err error) {
	b := &workbook{File: excelize.NewFile(), s: s}
	defer func() { err = errors.Join(err, b.Close()) }()
	if err := b.prepare(); err != nil {
		return err
	}
	if err := b.summary(); err != nil {
		return err
	}
	if err := b.counterparties(); err != nil {
		return err
	}
	if err := b.lines(ctx); err != nil {
		return err
	}
	return b.Write(w)
}

// workbook is a workbook that is being made, with its styles.
type workbook struct {
	*excelize.File
	s                           *Statement
	head, amount, total, moment int
}

func (b *workbook) prepare() error {
	number := "#,##0"
	if digits := b.s.Alliance.Currency.Digits(); digits > 0 {
		number += "." + strings.Repeat("0", digits)
	}
	moment := "yyyy-mm-dd hh:mm:ss"
	line := []excelize.Border{{Type: "top", Color: "808080", Style: 1}}
	for _, style := range []struct {
		id *int
		is excelize.Style
	}{
		{&b.head, excelize.Style{
			Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E6ECF2"}},
			Alignment: &excelize.Alignment{Vertical: "center", WrapText: true},
		}},
		{&b.amount, excelize.Style{CustomNumFmt: &number}},
		{&b.total, excelize.Style{CustomNumFmt: &number, Font: &excelize.Font{Bold: true}, Border: line}},
		{&b.moment, excelize.Style{CustomNumFmt: &moment}},
	} {
		var err error
		if *style.id, err = b.NewStyle(&style.is); err != nil {
			return err
		}
	}
	if err := b.SetSheetName("Sheet1", sheetSummary); err != nil {
		return err
	}
	for _, name := range []string{sheetMerchants, sheetLines} {
		if _, err := b.NewSheet(name); err != nil {
			return err
		}
	}
	made := b.s.Window.CutoffAt.UTC().Format(time.RFC3339)
	return b.SetDocProps(&excelize.DocProperties{
		Creator: "Lianka", LastModifiedBy: "Lianka", Created: made, Modified: made, Language: "zh-CN",
		Title: cell("结算单 Settlement statement " + b.s.Party + " " + b.s.Window.Period),
	})
}

// number returns an amount as a number whose every decimal is exact in a
// spreadsheet, which counts in 64-bit floats, or as a text if it is too large for
// that.
func number(a money.Amount) any {
	text := a.String()
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || strconv.FormatFloat(value, 'f', a.Currency().Digits(), 64) != text || a.Abs().Minor() > 1e15-1 {
		return text
	}
	return value
}

// rows writes rows to a sheet, one below the other.
type rows struct {
	b     *workbook
	sheet string
	at    int
	err   error
}

func (r *rows) row(style int, values ...any) {
	r.at++
	if r.err != nil || len(values) == 0 {
		return
	}
	first, err := excelize.CoordinatesToCellName(1, r.at)
	if err != nil {
		r.err = err
		return
	}
	last, err := excelize.CoordinatesToCellName(len(values), r.at)
	if err != nil {
		r.err = err
		return
	}
	for i, v := range values {
		if a, ok := v.(money.Amount); ok {
			values[i] = number(a)
		}
	}
	if r.err = r.b.SetSheetRow(r.sheet, first, &values); r.err == nil && style != 0 {
		r.err = r.b.SetCellStyle(r.sheet, first, last, style)
	}
}

func (b *workbook) summary() error {
	s, r := b.s, &rows{b: b, sheet: sheetSummary}
	currency := s.Alliance.Currency.Code()
	r.row(b.head, "结算单 Settlement statement", "", "")
	r.row(0, "联盟 Circle", cell(s.Alliance.Name), cell(s.Alliance.Code))
	r.row(0, "结算方 Party", cell(s.partyName(s.Party)), cell(s.Party))
	r.row(0, "结算期 Period", s.Window.Period, s.Alliance.Location.String())
	r.row(0, "起 From", s.local(s.Window.OpensAt).Format(printedInstant))
	r.row(0, "止(不含) To, exclusive", s.local(s.Window.CutoffAt).Format(printedInstant))
	r.row(0, "交易 Transactions", ledger.ID(s.FirstSeq), ledger.ID(s.LastSeq))
	r.row(0, "币种 Currency", currency)
	r.row(0, "符号 Signs", "正数:联盟应付本方;负数:本方应付联盟。 Positive: the circle owes the party; negative: the party owes the circle.")
	r.row(0)
	r.row(b.head, "项目 Item", "笔数 Count", "金额 Amount ("+currency+")")
	r.row(b.total, "期初 Opening", "", s.Opening)
	for _, m := range s.Movements {
		r.row(b.amount, cell(s.label(m.Type).String()), m.Count, m.Amount)
	}
	r.row(b.total, "本期变动 Movement", s.Count, s.Movement)
	for _, t := range s.Transfers {
		r.row(b.amount, cell("结算 Settled with "+s.partyName(t.With)), "", t.Amount)
	}
	r.row(b.total, "结算 Transfer", "", s.Transfer)
	r.row(b.total, "结转下期 Carried", "", s.Carried)
	return b.finish(r, 0, 34, 22, 22)
}

func (b *workbook) counterparties() error {
	s, r := b.s, &rows{b: b, sheet: sheetMerchants}
	currency := s.Alliance.Currency.Code()
	r.row(b.head, "分组 Group", "商户 Shop", "代码 Code", "笔数 Count", "账单额 Gross ("+currency+")", "金额 Amount ("+currency+")")
	for _, g := range s.groups() {
		for _, c := range g.Merchants {
			r.row(b.amount, groupLabel(g.Group).String(), cell(s.partyName(c.Merchant)), cell(c.Merchant), c.Count, c.Gross, c.Amount)
		}
	}
	r.row(b.total, "合计 Total", "", "", s.Count, "", s.Movement)
	return b.finish(r, 1, 34, 24, 16, 12, 20, 20)
}

// finish sets the widths of a sheet's columns, in characters, and keeps the rows
// of its header in sight.
func (b *workbook) finish(r *rows, frozen int, widths ...float64) error {
	if r.err != nil {
		return r.err
	}
	for i, width := range widths {
		column, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		if err := b.SetColWidth(r.sheet, column, column, width); err != nil {
			return err
		}
	}
	if frozen == 0 {
		return nil
	}
	return b.SetPanes(r.sheet, frozenRow())
}

func frozenRow() *excelize.Panes {
	return &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}
}

func (b *workbook) lines(ctx context.Context) error {
	s := b.s
	out, err := b.NewStreamWriter(sheetLines)
	if err != nil {
		return err
	}
	for i, width := range []float64{14, 20, 20, 26, 36, 20, 18, 20, 20, 14, 18, 18, 18} {
		if err := out.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := out.SetPanes(frozenRow()); err != nil {
		return err
	}
	var head []any
	currency := " (" + s.Alliance.Currency.Code() + ")"
	for _, title := range []string{
		"交易 Transaction", "入账时间 Booked", "发生时间 Occurred", "类型 Type", "分组 Group", "往来商户 Counterparty", "卡号 Card", "受理商户 Acting shop",
		"售卡商户 Sold by", "冲正 Corrects", "账单额 Gross" + currency, "变动 Effect" + currency, "余额 Balance" + currency,
	} {
		head = append(head, excelize.Cell{StyleID: b.head, Value: title})
	}
	if err := out.SetRow("A1", head); err != nil {
		return err
	}
	at := 1
	for l, err := range s.Lines(ctx) {
		if err != nil {
			return err
		}
		at++
		first, err := excelize.CoordinatesToCellName(1, at)
		if err != nil {
			return err
		}
		amount := func(a money.Amount) excelize.Cell { return excelize.Cell{StyleID: b.amount, Value: number(a)} }
		err = out.SetRow(first, []any{
			ledger.ID(l.Seq), b.instant(l.BookedAt), b.instant(l.OccurredAt), cell(s.label(l.Type).String()), groupLabel(l.Group).String(),
			cell(s.partyName(l.Counterparty)), cell(l.Card), b.merchant(l.Merchant), b.merchant(l.Home), transactionID(l.Corrects),
			amount(l.Gross), amount(l.Effect), amount(l.Balance),
		})
		if err != nil {
			return err
		}
	}
	return out.Flush()
}

// shop returns the name of a shop, and an empty cell for none.
func (b *workbook) merchant(code string) any {
	if code == "" {
		return nil
	}
	return cell(b.s.partyName(code))
}

// instant returns what the clock on the wall said in the circle's timezone, which
// is all that a spreadsheet's time can say; an empty cell for no instant.
func (b *workbook) instant(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	local := b.s.local(at)
	year, month, day := local.Date()
	hour, minute, second := local.Clock()
	return excelize.Cell{StyleID: b.moment, Value: time.Date(year, month, day, hour, minute, second, 0, time.UTC)}
}
