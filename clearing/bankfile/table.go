package bankfile

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// table is an export as rows of cells.
type table struct {
	format string
	rows   []tableRow
	// separator is what stands between the cells of a CSV file.
	separator rune
	// excel says that numbers may be dates, as spreadsheets keep them.
	excel bool
	// epoch1904 says from which year a spreadsheet counts its dates.
	epoch1904 bool
}

// tableRow is a row that is not empty.
type tableRow struct {
	number int // from 1
	cells  []string
}

// place names a row, for people.
func (t *table) place(row tableRow) string {
	if t.excel {
		return fmt.Sprintf("row %d", row.number)
	}
	return fmt.Sprintf("line %d", row.number)
}

// separators are those that exports have between cells.
var separators = [...]rune{',', '\t', ';', '|'}

// headLines is how many lines are searched for the header. The longest preambles have 25.
const headLines = 200

// csvLines returns a text with the line ends that the reader knows.
func csvLines(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return text
}

// csvHeads returns the first lines of a text as tables, one for each separator, since which it
// is shows only when a header is understood.
func csvHeads(text string) ([]*table, error) {
	end := 0
	for range headLines {
		next := strings.IndexByte(text[end:], '\n')
		if next < 0 {
			end = len(text)
			break
		}
		end += next + 1
	}
	found := make([]*table, 0, len(separators))
	for _, separator := range separators {
		rows, err := csvRows(text[:end], separator)
		if err != nil {
			return nil, err
		}
		found = append(found, &table{format: CSV, separator: separator, rows: rows})
	}
	return found, nil
}

// csvRows reads a text as CSV. If its quotes are not those of CSV, each line is read by itself, so
// that a stray quote never swallows the lines behind it.
func csvRows(text string, separator rune) ([]tableRow, error) {
	rows, err := quotedRows(text, separator)
	var tooMany *FileError
	if err == nil || errors.As(err, &tooMany) {
		return rows, err
	}
	rows = nil
	number := 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		r := csvReader(line, separator)
		r.LazyQuotes = true
		cells, err := r.Read()
		if err != nil && !errors.Is(err, io.EOF) {
			cells = strings.Split(line, string(separator))
		}
		if rows = appendRow(rows, number, cells); len(rows) > mostRows {
			return nil, tooManyLines(number)
		}
	}
	return rows, nil
}

// mostRows is how many rows are looked at: lines, and what stands before and between them.
const mostRows = 2 * MaxStatementLines

// mostColumns is how many columns an export may have. Banks' have 30 at most.
const mostColumns = 256

func quotedRows(text string, separator rune) ([]tableRow, error) {
	var rows []tableRow
	for r := csvReader(text, separator); ; {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(cells, func(c string) bool { return swallows(c, separator) }) {
			return nil, errStrayQuote
		}
		number, _ := r.FieldPos(0)
		if rows = appendRow(rows, number, cells); len(rows) > mostRows {
			return nil, tooManyLines(number)
		}
	}
}

var errStrayQuote = errors.New("a quote goes over several rows")

// swallows reports whether a cell has a further row in it, because a stray quote before it was paired with one
// behind it.
func swallows(cell string, separator rune) bool {
	const fewest = 2 // separators that make a line of a text look like a row
	first := true
	for line := range strings.SplitSeq(cell, "\n") {
		if !first && strings.Count(line, string(separator)) >= fewest {
			return true
		}
		first = false
	}
	return false
}

func csvReader(text string, separator rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = separator
	r.FieldsPerRecord = -1
	// A blank or tab before a quote is padding.
	r.TrimLeadingSpace = separator != '\t'
	return r
}

// appendRow appends a row, with its cells cleaned, unless all of them are empty.
func appendRow(rows []tableRow, number int, cells []string) []tableRow {
	cleaned, empty := make([]string, len(cells)), true
	for n, c := range cells {
		cleaned[n] = cleanCell(c)
		empty = empty && cleaned[n] == ""
	}
	if empty {
		return rows
	}
	return append(rows, tableRow{number, cleaned})
}
