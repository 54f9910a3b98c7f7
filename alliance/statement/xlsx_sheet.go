package statement

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/lianka/lianka/clearing/money"
)

// count is how many of something there are: a number without decimals.
type count int64

// sum is a number that a formula works out. A viewer that does not calculate shows the
// value, which the file holds too.
type sum struct {
	value   any // a count or an amount
	formula string
}

// headedHeight is the height of a header in points: two lines.
const headedHeight = 31

// sheet is a sheet that is being written, row by row.
type sheet struct {
	b    *workbook
	out  *excelize.StreamWriter
	at   int             // the row that was written last
	text map[string]bool // the columns in which an amount is a text, because a spreadsheet would round it
	err  error
}

// sheet begins a sheet, with the widths of its columns in characters. A sheet that is one
// table names the number of its columns and of the rows below its header: the header stays
// in sight and is printed on each page, and the rows can be filtered. All of it stands
// before or after the rows in the file, so it is set before the first.
func (b *workbook) sheet(name string, columns, rows int, widths ...float64) (*sheet, error) {
	if columns > 0 {
		if err := b.table(name, columns, rows); err != nil {
			return nil, err
		}
	}
	if err := b.printed(name); err != nil { // after the filter, which replaces the sheet's properties
		return nil, err
	}
	out, err := b.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	for i, width := range slices.Backward(widths) { // excelize puts the newest first, and they must be in order
		if err := out.SetColWidth(i+1, i+1, width); err != nil {
			return nil, err
		}
	}
	if columns > 0 {
		if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
			return nil, err
		}
	}
	return &sheet{b: b, out: out, text: make(map[string]bool)}, nil
}

// printed sets a sheet up for A4 paper: landscape, as wide as the page and as long as it is.
func (b *workbook) printed(name string) error {
	yes, a4, wide, long, landscape := true, 9, 1, 0, "landscape"
	if err := b.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &yes}); err != nil {
		return err
	}
	if err := b.SetPageLayout(name, &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &long}); err != nil {
		return err
	}
	edge, header := 0.4, 0.2 // inches
	if err := b.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{Left: &edge, Right: &edge, Top: &edge, Bottom: &edge, Header: &header, Footer: &header}); err != nil {
		return err
	}
	// An ampersand begins a code of the footer, and two are one.
	return b.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddFooter: "&L结算单 " + b.s.Window.Period + "&R第 &P 页 / 共 &N 页"})
}

// table makes the first row of a sheet the header of a table.
func (b *workbook) table(name string, columns, rows int) error {
	last, err := excelize.CoordinatesToCellName(columns, rows+1)
	if err != nil {
		return err
	}
	if err := b.AutoFilter(name, "A1:"+last, nil); err != nil {
		return err
	}
	return b.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + name + "'!$1:$1", Scope: name})
}

// row writes a row. An empty text and the zero of any other kind leave a cell empty.
func (sh *sheet) row(l look, values ...any) {
	sh.at++
	if sh.err != nil || len(values) == 0 {
		return
	}
	cells := make([]any, len(values))
	for i, v := range values {
		c := sh.b.cell(l, v)
		if _, isText := c.Value.(string); isText {
			switch v.(type) {
			case money.Amount, sum:
				column, err := excelize.ColumnNumberToName(i + 1)
				if err != nil {
					sh.err = err
					return
				}
				sh.text[column] = true
			}
		}
		if c.Value != nil || c.StyleID != 0 {
			cells[i] = c
		}
	}
	var options []excelize.RowOpts
	if l == headed {
		options = append(options, excelize.RowOpts{Height: headedHeight})
	}
	sh.err = sh.out.SetRow("A"+strconv.Itoa(sh.at), cells, options...)
}

// counted returns the sum of the counts in a column, from a row to the last one.
func (sh *sheet) counted(column string, first int, n int64) sum {
	if sh.at < first {
		return sum{value: count(n)}
	}
	return sum{count(n), fmt.Sprintf("SUM(%s%d:%s%d)", column, first, column, sh.at)}
}

// summed returns the sum of the amounts in a column, from a row to the last one. It is
// rounded to the currency's decimals, because a spreadsheet adds binary fractions. If an
// amount is a text, a formula would leave it out.
func (sh *sheet) summed(column string, first int, amount money.Amount) sum {
	if sh.at < first || sh.text[column] {
		return sum{value: amount}
	}
	return sum{amount, fmt.Sprintf("ROUND(SUM(%s%d:%s%d),%d)", column, first, column, sh.at, amount.Currency().Digits())}
}

// carried returns opening + movement - transfer, by the rows in which they stand.
func (sh *sheet) carried(opening, movement, transfer int, amount money.Amount) sum {
	if sh.text["C"] {
		return sum{value: amount}
	}
	return sum{amount, fmt.Sprintf("ROUND(C%d+C%d-C%d,%d)", opening, movement, transfer, amount.Currency().Digits())}
}

func (sh *sheet) finish() error {
	if sh.err != nil {
		return sh.err
	}
	return sh.out.Flush()
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

// wallClock returns what the clock on the wall said, which is all that a spreadsheet's
// time can say.
func wallClock(local time.Time) time.Time {
	year, month, day := local.Date()
	hour, minute, second := local.Clock()
	return time.Date(year, month, day, hour, minute, second, 0, time.UTC)
}
