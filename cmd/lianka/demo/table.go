package demo

import (
	"io"
	"strings"

	"github.com/rivo/uniseg"
)

// table is rows of cells that are aligned by what they take up in a terminal,
// where a Chinese character is two columns wide. The first column is aligned to
// the left, the others to the right, unless the table says otherwise.
type table struct {
	rows []tableRow
	left int // another column that is aligned to the left, by its index; 0: none
}

type tableRow struct {
	style style
	cells []string // none: a rule
}

// style is how a text looks in a terminal.
type style string

const (
	plain style = ""
	bold  style = "\x1b[1m"
	dim   style = "\x1b[2m"
	reset       = "\x1b[0m"
)

func (t *table) add(s style, cells ...string) { t.rows = append(t.rows, tableRow{s, cells}) }

func (t *table) rule() { t.rows = append(t.rows, tableRow{style: dim}) }

const gap = " "

// write writes the table. One that is wider than the screen is folded: each block has the
// first column again, and as many of the others as fit.
func (t *table) write(w io.Writer, color bool) error {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row.cells {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], uniseg.StringWidth(cell))
		}
	}
	var out strings.Builder
	for n, block := range blocks(widths) {
		if n > 0 {
			out.WriteByte('\n')
		}
		whole := -len(gap)
		for _, i := range block {
			whole += widths[i] + len(gap)
		}
		for _, row := range t.rows {
			text := strings.Repeat("-", max(whole, 0))
			if row.cells != nil {
				text = t.align(row.cells, widths, block)
			}
			out.WriteString(styled(text, row.style, color))
			out.WriteByte('\n')
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// blocks returns which columns stand beside each other, by their widths.
func blocks(widths []int) [][]int {
	if len(widths) == 0 {
		return [][]int{nil}
	}
	all, whole := [][]int{{0}}, widths[0]
	for i := 1; i < len(widths); i++ {
		last := len(all) - 1
		if whole+len(gap)+widths[i] > Screen && len(all[last]) > 1 {
			all, whole = append(all, []int{0}), widths[0]
			last++
		}
		all[last] = append(all[last], i)
		whole += len(gap) + widths[i]
	}
	return all
}

// align writes the cells of a block.
func (t *table) align(cells []string, widths, block []int) string {
	var line strings.Builder
	for _, i := range block {
		cell := ""
		if i < len(cells) {
			cell = cells[i]
		}
		padding := strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell))
		if i > 0 {
			line.WriteString(gap)
		}
		if i == 0 || i == t.left {
			line.WriteString(cell + padding)
			continue
		}
		line.WriteString(padding + cell)
	}
	return strings.TrimRight(line.String(), " ")
}

// pad fills a text up to a width.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(width-uniseg.StringWidth(text), 0))
}

func styled(text string, s style, color bool) string {
	if !color || s == plain {
		return text
	}
	return string(s) + text + reset
}
