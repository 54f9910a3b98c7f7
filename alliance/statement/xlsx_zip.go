package statement

import (
	"archive/zip"
	"bytes"
	"io"
	"maps"
	"slices"

	"github.com/xuri/excelize/v2"
)

// pathLines is the file of the lines in a workbook, whose third sheet they are.
const pathLines = "xl/worksheets/sheet3.xml"

// orderedZip writes the files of a workbook in one order, so that the same statement gives
// the same bytes: excelize hands its sheets over in any. The lines are written as they
// come, and all else, which is small, waits until the end.
type orderedZip struct {
	*zip.Writer
	waiting map[string]*bytes.Buffer
}

func newOrderedZip(w io.Writer) excelize.ZipWriter {
	return &orderedZip{zip.NewWriter(w), make(map[string]*bytes.Buffer)}
}

// Create begins a file.
func (z *orderedZip) Create(name string) (io.Writer, error) {
	if name == pathLines {
		return z.Writer.Create(name)
	}
	z.waiting[name] = new(bytes.Buffer)
	return z.waiting[name], nil
}

// Close writes the files that waited.
func (z *orderedZip) Close() error {
	for _, name := range slices.Sorted(maps.Keys(z.waiting)) {
		file, err := z.Writer.Create(name)
		if err != nil {
			return err
		}
		if _, err := z.waiting[name].WriteTo(file); err != nil {
			return err
		}
	}
	return z.Writer.Close()
}
