package statement

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrFormat: there is no form of that name.
var ErrFormat = errors.New("a statement can't be written like that")

// Format is a form in which a statement can be written.
type Format struct {
	Name      string // by which [Write] knows it
	MediaType string // for the header Content-Type
	Extension string // of a file, with the point
	write     func(context.Context, io.Writer, *Statement) error
}

// Formats returns the forms in which a statement can be written, the fullest
// first. CSV is a flat table: "csv" is that of the lines and "summary.csv" that
// of the sums.
func Formats() []Format {
	return []Format{
		{"json", "application/json", ".json", writeJSON},
		{"csv", "text/csv; charset=utf-8; header=present", ".csv", writeLinesCSV},
		{"summary.csv", "text/csv; charset=utf-8; header=present", ".summary.csv", writeSummaryCSV},
		{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", writeXLSX},
		{"pdf", "application/pdf", ".pdf", writePDF},
	}
}

// FormatOf returns the form of a name, or [ErrFormat].
func FormatOf(name string) (Format, error) {
	names := make([]string, 0, len(Formats()))
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("%w: %q is none of %s", ErrFormat, name, strings.Join(names, ", "))
}

// Write writes a statement in the named form, or returns [ErrFormat]. JSON and CSV are
// written while lines are read; after any other error the output is incomplete and
// worthless.
func Write(ctx context.Context, w io.Writer, format string, s Statement) error {
	f, err := FormatOf(format)
	if err != nil {
		return err
	}
	return f.write(ctx, w, &s)
}
