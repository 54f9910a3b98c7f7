package bankfile

import (
	"bytes"
	"strings"

	"github.com/lianka/lianka/clearing/money"
)

// Options say what a file of a bank doesn't.
type Options struct {
	// Currency is the circle's.
	Currency money.Currency
	// Account is whose export it is, if that doesn't say so itself; it may be empty.
	Account string
	// Profile names how an export is read; empty: the profile is chosen by the header.
	Profile string
	// Mapping says what the columns are, where no profile fits.
	Mapping *Mapping
}

// Read reads a bank's file: camt.053, CSV or XLSX, told apart by content. What can't be read at
// all, or whose amounts have no direction that is understood, is refused whole with a [*FileError]; a
// profile that is none and a mapping that is wrong with a [*FieldError]. A line that can't be
// booked is one with a Problem.
func Read(content []byte, o Options) (*File, error) {
	if len(content) > MaxStatementSize {
		return nil, fileError(0, "", "the file is larger than %d MiB; ask the bank for a shorter period", MaxStatementSize>>20)
	}
	switch {
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		return readXLSX(content, o)
	case bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0")):
		return nil, fileError(0, "", "the file is an old Excel file (.xls) or has a password; save it as .xlsx without one, or as CSV UTF-8")
	case bytes.HasPrefix(content, []byte("%PDF")):
		return nil, fileError(0, "", "the file is a PDF; ask the bank for camt.053, XLSX or CSV")
	}
	if looksLikeXML(content) {
		return readCamt053(content, o)
	}
	text, err := decode(content)
	if err != nil {
		return nil, err
	}
	return readCSV(string(text), o)
}

// looksLikeXML reports whether the first character is that of a mark-up language, in whatever
// encoding.
func looksLikeXML(content []byte) bool {
	for _, b := range content {
		switch b {
		case '<':
			return true
		case 0, ' ', '\t', '\r', '\n', 0xef, 0xbb, 0xbf, 0xff, 0xfe: // spaces, and byte order marks
		default:
			return false
		}
	}
	return false
}

func readCSV(text string, o Options) (*File, error) {
	text = csvLines(text)
	heads, err := csvHeads(text)
	if err != nil {
		return nil, err
	}
	_, which, _, err := layoutOf(heads, o)
	if err != nil {
		return nil, err
	}
	whole := heads[which]
	if whole.rows, err = csvRows(text, whole.separator); err != nil {
		return nil, err
	}
	// The header is looked for again: quotes may go over lines in the rest alone.
	l, _, at, err := layoutOf([]*table{whole}, o)
	if err != nil {
		return nil, err
	}
	return readTable(whole, l, at, o)
}

func readXLSX(content []byte, o Options) (*File, error) {
	tables, names, err := xlsxTables(content)
	if err != nil {
		return nil, err
	}
	l, which, at, err := layoutOf(tables, o)
	if err != nil {
		return nil, err
	}
	for n := which + 1; n < len(tables); n++ {
		if _, _, _, err := layoutOf(tables[n:n+1], o); err == nil {
			return nil, fileError(0, "", "the sheets %s both look like a statement; leave one of them in the file", strings.Join([]string{clip(names[which]), clip(names[n])}, " and "))
		}
	}
	return readTable(tables[which], l, at, o)
}

func readTable(t *table, l *layout, headerAt int, o Options) (*File, error) {
	statements, err := readExport(t, l, headerAt, o)
	if err != nil {
		return nil, err
	}
	return &File{Format: t.format, Profile: l.profile.Name, Statements: statements}, nil
}
