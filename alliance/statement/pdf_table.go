package statement

import (
	"strings"

	"github.com/lianka/lianka/clearing/money"
)

// column is a column of a printed table.
type column struct {
	title string
	width float64 // in millimetres
	align string  // "L" or "R"
}

// table prints rows, and its header again on every page that it goes on to.
type table struct {
	d       *document
	columns []column
	size    float64 // of the letters, in points
	height  float64 // of a row, in millimetres
}

// section prints a heading, on a new page unless some rows fit below it.
func (d *document) section(chinese, english string) {
	if d.GetY() > lowest-30 {
		d.AddPage()
	}
	d.SetX(margin)
	d.SetFontSize(11)
	d.bold(true)
	d.write(inner, 7, "L", chinese+"  "+english)
	d.bold(false)
	d.Ln(7.5)
}

func (t *table) header() {
	d := t.d
	d.SetFontSize(t.size)
	d.SetFillColor(230, 236, 242)
	d.SetX(margin)
	d.Rect(margin, d.GetY(), inner, t.height+1, "F")
	for _, c := range t.columns {
		d.write(c.width, t.height+1, c.align, c.title)
	}
	d.Ln(t.height + 1)
}

// row prints a row with a hairline below it.
func (t *table) row(values ...string) {
	d := t.d
	if d.GetY()+t.height > lowest {
		d.AddPage()
		t.header()
	}
	d.SetX(margin)
	for i, c := range t.columns {
		d.SetFontSize(t.size)
		d.write(c.width, t.height, c.align, values[i])
	}
	d.Ln(t.height)
	d.SetDrawColor(215, 220, 225)
	d.SetLineWidth(0.1)
	d.Line(margin, d.GetY(), margin+inner, d.GetY())
}

// total prints a row that stands out.
func (t *table) total(values ...string) {
	if t.d.GetY()+t.height > lowest {
		t.d.AddPage()
		t.header()
	}
	t.d.rule(0.3)
	t.d.bold(true)
	t.row(values...)
	t.d.bold(false)
}

// shade is how dark letters are, from 0 for black.
type shade int

const (
	black shade = 0
	faint shade = 110
)

func (d *document) ink(s shade) { d.SetTextColor(int(s), int(s), int(s)) }

// bold makes letters bold by drawing their outlines too: a second typeface would
// double the size of the binary's share.
func (d *document) bold(on bool) {
	if !on {
		d.SetTextRenderingMode(0)
		return
	}
	d.SetDrawColor(0, 0, 0)
	d.SetLineWidth(0.12)
	d.SetTextRenderingMode(2)
}

func (d *document) rule(width float64) {
	d.SetDrawColor(60, 60, 60)
	d.SetLineWidth(width)
	d.Line(margin, d.GetY(), margin+inner, d.GetY())
}

// write prints a text into a cell, on one line. One that is too wide ends in an
// ellipsis, but an amount, which stands at the right, is made smaller: a figure
// that was cut off would be a wrong one.
func (d *document) write(width, height float64, align, text string) {
	text = d.font.Printable(text)
	room := width - 2*d.GetCellMargin()
	size, _ := d.GetFontSize()
	if needed := d.GetStringWidth(text); needed > room {
		if align == "R" {
			d.SetFontSize(size * room / needed)
		} else {
			text = d.shortened(text, room)
		}
	}
	d.CellFormat(width, height, text, "", 0, align+"M", false, 0, "")
	d.SetFontSize(size)
}

// shortened returns as much of a text as there is room for, with an ellipsis.
func (d *document) shortened(text string, room float64) string {
	runes := []rune(text)
	for len(runes) > 0 && d.GetStringWidth(string(runes)+"…") > room {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// grouped returns an amount with a comma between thousands.
func grouped(a money.Amount) string {
	whole, fraction, pointed := strings.Cut(a.Abs().String(), ".")
	var b strings.Builder
	if a.Sign() < 0 {
		b.WriteByte('-')
	}
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	if pointed {
		b.WriteString("." + fraction)
	}
	return b.String()
}
