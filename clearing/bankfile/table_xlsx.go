package bankfile

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
)

const (
	// mostUnpacked is how large the parts of a workbook may be together, in bytes; what is larger
	// than a bank's export could be is made to fill the memory.
	mostUnpacked = 64 << 20
	// excelDigits are those that a spreadsheet keeps of a number. More come from how it computes.
	excelDigits = 15
)

var errNoWorkbook = errors.New("not a workbook that can be read")

// xlsxTables returns the sheets of a workbook that have rows and are not hidden.
func xlsxTables(content []byte) (tables []*table, names []string, err error) {
	defer func() { // the library is made for workbooks of honest programs
		if failed := recover(); failed != nil {
			tables, names, err = nil, nil, notWorkbook(errNoWorkbook)
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostUnpacked,
	})
	if err != nil {
		return nil, nil, notWorkbook(err)
	}
	defer func() { _ = book.Close() }() // nothing was written
	properties, err := book.GetWorkbookProps()
	if err != nil {
		return nil, nil, notWorkbook(err)
	}
	for _, name := range book.GetSheetList() {
		if visible, err := book.GetSheetVisible(name); err != nil || !visible {
			continue
		}
		rows, err := sheetRows(book, name)
		if err != nil {
			return nil, nil, err
		}
		if len(rows) > 0 {
			tables = append(tables, &table{format: XLSX, rows: rows, excel: true, epoch1904: properties.Date1904 != nil && *properties.Date1904})
			names = append(names, name)
		}
	}
	return tables, names, nil
}

func notWorkbook(err error) error {
	return fileError(0, "", "the file is no XLSX workbook that can be read (%v); save it again as .xlsx or as CSV UTF-8", clip(err.Error()))
}

func sheetRows(book *excelize.File, name string) ([]tableRow, error) {
	reader, err := book.Rows(name)
	if err != nil {
		return nil, notWorkbook(err)
	}
	defer func() { _ = reader.Close() }()
	var rows []tableRow
	for number := 1; reader.Next(); number++ {
		cells, err := reader.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, notWorkbook(err)
		}
		if len(cells) > mostColumns { // one cell far to the right makes 16,384 of each row
			return nil, fileError(number, "", "the row has more than %d columns; delete what stands to the right of the statement", mostColumns)
		}
		for n, c := range cells {
			if strings.ContainsRune(c, 0) {
				return nil, fileError(number, "", "there is a NUL character; the file is damaged or no statement")
			}
			cells[n] = excelNumber(c)
		}
		if rows = appendRow(rows, number, cells); len(rows) > mostRows {
			return nil, tooManyLines(number)
		}
	}
	if err := reader.Error(); err != nil {
		return nil, notWorkbook(err)
	}
	return rows, nil
}

// excelNumber writes out a number as a spreadsheet keeps it: 2.0261102E+13, or 12.300000000000001.
// Any other text stays as it is.
func excelNumber(cell string) string {
	if len(cell) > longestValue || !strings.ContainsAny(cell, "Ee") && len(cell) <= excelDigits {
		return cell
	}
	if strings.Trim(cell, "0123456789.eE+-") != "" || !strings.ContainsAny(cell, "eE.") {
		return cell
	}
	const farthest = 30 // powers of ten that an amount or a number of a line could have
	number, err := decimal.NewFromString(cell)
	if err != nil || number.Exponent() > farthest || number.Exponent() < -farthest {
		return cell
	}
	if digits := number.NumDigits(); digits > excelDigits {
		number = number.Round(int32(excelDigits-digits) - number.Exponent()) //nolint:gosec // a cell's digits are few
	}
	return number.String()
}

// Serial numbers of days from 1990 to 2199. Dates written as 20261102 are far above.
const (
	firstSerial = 31000
	lastSerial  = 110000
)

// excelDate reads the serial number by which a spreadsheet keeps a date.
func (t *table) excelDate(cell string) (time.Time, bool) {
	if !t.excel || len(cell) > longestValue {
		return time.Time{}, false
	}
	serial, err := decimal.NewFromString(cell)
	if err != nil || serial.Exponent() > 0 || serial.IntPart() < firstSerial || serial.IntPart() > lastSerial {
		return time.Time{}, false
	}
	on, err := excelize.ExcelDateToTime(float64(serial.IntPart()), t.epoch1904)
	if err != nil {
		return time.Time{}, false
	}
	return midnight(on), on.Year() >= firstYear && on.Year() <= lastYear
}
