package statement

import (
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/lianka/lianka/clearing/money"
)

// look is what a row looks like.
type look int

const (
	plain look = iota
	headed
	total
)

// styles are the styles of a row's cells, by what is in them.
type styles struct{ text, amount, count, moment int }

// makeStyles makes the styles of each look.
func (b *workbook) makeStyles() error {
	amount := "#,##0"
	if digits := b.s.Alliance.Currency.Digits(); digits > 0 {
		amount += "." + strings.Repeat("0", digits)
	}
	whole, moment := "#,##0", "yyyy-mm-dd hh:mm:ss"
	head := excelize.Style{
		Font: bold(), Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E6ECF2"}},
		Alignment: &excelize.Alignment{Vertical: "center", WrapText: true},
	}
	sum := excelize.Style{Font: bold(), Border: []excelize.Border{{Type: "top", Color: "808080", Style: 1}}}
	for l, style := range []excelize.Style{plain: {}, headed: head, total: sum} {
		of := &b.styles[l]
		for _, s := range []struct {
			id     *int
			format *string
		}{{&of.text, nil}, {&of.amount, &amount}, {&of.count, &whole}, {&of.moment, &moment}} {
			if look(l) == plain && s.format == nil {
				continue // a spreadsheet's own
			}
			style := style
			style.CustomNumFmt = s.format
			if s.format == &moment {
				style.Alignment = &excelize.Alignment{Horizontal: "left"}
			}
			var err error
			if *s.id, err = b.NewStyle(&style); err != nil {
				return err
			}
		}
	}
	return nil
}

// bold is the spreadsheet's own typeface, which a style with a font has to name.
func bold() *excelize.Font { return &excelize.Font{Bold: true, Family: "Calibri", Size: 11} }

// cell returns a value as a cell of a row.
func (b *workbook) cell(l look, v any) excelize.Cell {
	of := b.styles[l]
	switch v := v.(type) {
	case sum:
		c := b.cell(l, v.value)
		c.Formula = v.formula
		return c
	case count:
		return excelize.Cell{StyleID: of.count, Value: int64(v)}
	case money.Amount:
		if v == (money.Amount{}) {
			return excelize.Cell{StyleID: of.amount}
		}
		return excelize.Cell{StyleID: of.amount, Value: number(v)}
	case time.Time:
		if v.IsZero() {
			return excelize.Cell{}
		}
		return excelize.Cell{StyleID: of.moment, Value: wallClock(v)}
	case string:
		if v != "" {
			return excelize.Cell{StyleID: of.text, Value: v}
		}
	}
	return excelize.Cell{StyleID: of.text}
}
