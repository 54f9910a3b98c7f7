package statement

import (
	"context"
	"fmt"
	"io"
	"slices"

	"codeberg.org/go-pdf/fpdf"

	"github.com/lianka/lianka/alliance/statement/font"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
)

// printedInstant is how an instant is printed, in the circle's timezone.
const printedInstant = "2006-01-02 15:04:05"

// The measures of a page, in millimetres.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	margin     = 15.0
	inner      = pageWidth - 2*margin
	lowest     = pageHeight - 18 // nothing but the page number is printed below
)

// writePDF writes an A4 document: what the month came to, the sums by kind and by
// shop, and all lines. Of the typeface it carries the glyphs that it uses.
func writePDF(ctx context.Context, w io.Writer, s *Statement) error {
	d, err := newDocument(s)
	if err != nil {
		return err
	}
	d.AddPage()
	d.title()
	d.result()
	d.movements()
	d.transfers()
	d.counterparties()
	if err := d.lines(ctx); err != nil {
		return err
	}
	return d.Output(w)
}

// document is a PDF that is being made.
type document struct {
	*fpdf.Fpdf
	s    *Statement
	font *font.Font
}

func newDocument(s *Statement) (*document, error) {
	face, err := font.Open()
	if err != nil {
		return nil, err
	}
	d := &document{Fpdf: fpdf.New("P", "mm", "A4", ""), s: s, font: face}
	d.SetCatalogSort(true)
	d.SetCreationDate(s.Window.CutoffAt.UTC())
	d.SetModificationDate(s.Window.CutoffAt.UTC())
	d.SetProducer("Lianka", true)
	d.SetTitle(face.Printable("结算单 Settlement statement "+s.Party+" "+s.Window.Period), true)
	d.SetLang("zh-CN")
	d.SetMargins(margin, margin, margin)
	d.SetAutoPageBreak(false, 0)
	d.SetCellMargin(1)
	d.AliasNbPages("{pages}") // before the typeface, which must keep the digits of the number
	// The PDF library writes into the typeface's bytes, so each document has its own copy.
	d.AddUTF8FontFromBytes("statement", "", slices.Clone(face.TrueType()))
	d.SetFont("statement", "", 9)
	d.SetHeaderFunc(d.header)
	d.SetFooterFunc(d.footer)
	return d, d.Error()
}

// header says on every page but the first whose statement it is.
func (d *document) header() {
	d.SetXY(margin, margin)
	if d.PageNo() == 1 {
		return
	}
	d.ink(faint)
	d.SetFontSize(8)
	d.write(inner/2, 5, "L", "结算单 Settlement statement  "+d.s.Window.Period)
	d.write(inner/2, 5, "R", d.s.Alliance.Name+" · "+d.s.partyName(d.s.Party))
	d.Ln(5)
	d.rule(0.2)
	d.Ln(3)
	d.ink(black)
}

// footer prints the number of the page. The number of all pages is filled in when
// it is known, so the text must stand at its left.
func (d *document) footer() {
	d.SetXY(pageWidth-margin-32, pageHeight-14)
	d.ink(faint)
	d.SetFontSize(8)
	d.write(32, 5, "L", fmt.Sprintf("第 %d 页 / 共 {pages} 页", d.PageNo()))
	d.SetXY(margin, pageHeight-14)
	d.write(inner-40, 5, "L", "正数:联盟应付本方  负数:本方应付联盟   Positive: the circle owes the party")
	d.ink(black)
}

func (d *document) title() {
	s := d.s
	d.SetFontSize(22)
	d.bold(true)
	d.write(26, 11, "L", "结算单")
	d.bold(false)
	d.SetFontSize(13)
	d.ink(faint)
	d.write(90, 12.5, "L", "Settlement statement")
	d.ink(black)
	d.SetFontSize(18)
	d.write(inner-116, 11, "R", s.Window.Period)
	d.Ln(13)
	d.rule(0.5)
	d.Ln(3)
	from, to := s.local(s.Window.OpensAt).Format(printedInstant), s.local(s.Window.CutoffAt).Format(printedInstant)
	code := ""
	if s.PartyName() != "" {
		code = " (" + s.Party + ")"
	}
	for _, fact := range [][2]string{
		{"联盟 Circle", s.Alliance.Name + " (" + s.Alliance.Code + ")"},
		{"结算方 Party", s.partyName(s.Party) + code},
		{"结算期 Period", from + " – " + to + "  " + s.Alliance.Location.String()},
		{"交易 Transactions", ledger.ID(s.FirstSeq) + " – " + ledger.ID(s.LastSeq)},
		{"币种 Currency", s.Alliance.Currency.Code()},
	} {
		d.SetFontSize(9.5)
		d.ink(faint)
		d.write(38, 5.6, "L", fact[0])
		d.ink(black)
		d.write(inner-38, 5.6, "L", fact[1])
		d.Ln(5.6)
	}
	d.Ln(3)
}

// result prints what the month came to: opening + movement = transfer + carried.
func (d *document) result() {
	const height, sign = 19.0, 7.0
	box := (inner - 3*sign) / 4
	y := d.GetY()
	for i, part := range []struct {
		chinese, english, before string
		amount                   money.Amount
	}{
		{"期初", "Opening", "", d.s.Opening},
		{"本期变动", "Movement", "+", d.s.Movement},
		{"结算", "Transfer", "=", d.s.Transfer},
		{"结转下期", "Carried", "+", d.s.Carried},
	} {
		x := margin + float64(i)*(box+sign)
		if part.before != "" {
			d.SetXY(x-sign, y)
			d.SetFontSize(13)
			d.write(sign, height, "C", part.before)
		}
		d.SetFillColor(240, 244, 248)
		d.Rect(x, y, box, height, "F")
		d.SetXY(x, y+2)
		d.SetFontSize(8.5)
		d.ink(faint)
		d.write(box, 5, "L", part.chinese+" "+part.english)
		d.ink(black)
		d.SetXY(x, y+8)
		d.SetFontSize(15)
		d.bold(true)
		d.write(box, 8, "R", grouped(part.amount))
		d.bold(false)
	}
	d.SetXY(margin, y+height+5)
}
