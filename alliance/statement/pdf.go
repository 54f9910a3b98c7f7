package statement

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"codeberg.org/go-pdf/fpdf"

	"github.com/lianka/lianka/alliance/statement/font"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/ledger"
	"github.com/lianka/lianka/clearing/money"
	"github.com/lianka/lianka/merchant/legal"
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

// writePDF writes an A4 document: who the two sides are, what the month came to, what is
// to be paid and where, the sums by kind and by shop, and all lines. Of the typeface it
// carries the glyphs that it uses.
func writePDF(ctx context.Context, w io.Writer, s *Statement) error {
	d, err := newDocument(s)
	if err != nil {
		return err
	}
	d.AddPage()
	d.title()
	d.result()
	d.payments()
	d.seals()
	d.movements()
	d.headings()
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
	facts := []fact{
		{"联盟 Circle", s.Alliance.Name + " (" + s.Alliance.Code + ")"},
		{"结算方 Party", s.partyName(s.Party) + code},
		{"结算期 Period", from + " – " + to + "  " + s.Alliance.Location.String()},
		{"审核 Review", s.phaseLabel().String() + "  至 until " + s.local(s.ReviewUntil).Format(printedInstant)},
		{"交易 Transactions", ledger.ID(s.FirstSeq) + " – " + ledger.ID(s.LastSeq)},
		{"币种 Currency", s.Alliance.Currency.Code()},
	}
	if s.Party != clearing.Organiser {
		facts = append(facts, fact{"结算方主体 Legal name", entityText(s.Entities[s.Party])})
	}
	facts = append(facts, fact{"联盟主体 Legal name", entityText(s.Entities[clearing.Organiser])})
	d.facts(d.unfold(facts))
	d.Ln(3)
}

// fact is a line that says one thing.
type fact struct{ name, text string }

// factHeight is the height of such a line in millimetres, and factSize that of its letters
// in points.
const factHeight, factSize = 5.6, 9.5

// factName is the width of its name, in millimetres.
const factName = 40.0

// facts prints facts below each other, as they were unfolded.
func (d *document) facts(facts []fact) {
	for _, f := range facts {
		d.SetX(margin)
		d.SetFontSize(factSize)
		d.ink(faint)
		d.write(factName, factHeight, "L", f.name)
		d.ink(black)
		d.write(inner-factName, factHeight, "L", f.text)
		d.Ln(factHeight)
	}
}

// unfold returns facts of one line each: a long one goes on in nameless lines below it,
// because half of an account would be a wrong one.
func (d *document) unfold(facts []fact) []fact {
	var lines []fact
	d.SetFontSize(factSize)
	room := inner - factName - 2*d.GetCellMargin()
	for _, f := range facts {
		text := []rune(d.font.Printable(f.text))
		for {
			n := len(text)
			for n > 1 && d.GetStringWidth(string(text[:n])) > room {
				n--
			}
			lines = append(lines, fact{f.name, string(text[:n])})
			if text, f.name = text[n:], ""; len(text) == 0 {
				break
			}
		}
	}
	return lines
}

// entityText returns who a party is in law, with its tax number.
func entityText(e legal.Entity) string {
	switch {
	case e.TaxNumber == "" && e.Name == "":
		return "–"
	case e.TaxNumber == "":
		return e.Name
	}
	return strings.TrimSpace(e.Name + "  税号 Tax number " + e.TaxNumber)
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
