package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/lianka/lianka/alliance"
)

// document is a YAML file that is being read. It keeps the first error; after it, reading
// continues and yields zero values.
type document struct {
	name  string
	lines map[string]int // by path; "" is the root
	err   *FileError
}

// parseDocument parses a file that holds one YAML document, and returns its root,
// or nil after an error.
func parseDocument(name string, data []byte) (*document, *yaml.Node) {
	d := &document{name: name, lines: make(map[string]int)}
	switch {
	case len(data) > maxAlliance:
		d.refuse(0, "", "is larger than %d MiB", maxAlliance>>20)
		return d, nil
	case !utf8.Valid(data):
		d.refuse(1+bytes.Count(data[:validPrefix(data)], []byte("\n")), "", "is not UTF-8 here")
		return d, nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(fromJSON(data)))
	var file, more yaml.Node
	if err := decoder.Decode(&file); errors.Is(err, io.EOF) {
		d.refuse(0, "", "is empty; a circle's file has alliance, rules, merchants and products")
		return d, nil
	} else if err != nil {
		d.refuseSyntax(err)
		return d, nil
	}
	if err := decoder.Decode(&more); err == nil {
		d.refuse(more.Line, "", "begins a second document; a circle's file is one")
		return d, nil
	} else if !errors.Is(err, io.EOF) {
		d.refuseSyntax(err)
		return d, nil
	}
	root := file.Content[0]
	d.lines[""] = root.Line
	return d, root
}

// validPrefix is how many bytes of the data are UTF-8.
func validPrefix(data []byte) int {
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

// refuseSyntax adopts an error of the parser. The parser gives the line only within its
// text, omits it for the first line, and often means where the unreadable part begins.
func (d *document) refuseSyntax(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if n, _ := fmt.Sscanf(text, "line %d:", &line); n == 1 {
		_, text, _ = strings.Cut(text, ": ")
	}
	d.refuse(line, "", "is not YAML near this line: %s", text)
}

// refuse keeps the first error. A value that its reason quotes may be long.
func (d *document) refuse(line int, path, format string, args ...any) {
	if d.err == nil {
		d.err = &FileError{File: d.name, Line: line, Path: path, Reason: cut(fmt.Sprintf(format, args...), maxReason)}
	}
}

// fail refuses what is, or is missing, at a path. The line is that of the nearest key or
// entry above it.
func (d *document) fail(path, format string, args ...any) {
	above := path
	for {
		if line, known := d.lines[above]; known || above == "" {
			d.refuse(line, path, format, args...)
			return
		}
		above = above[:max(strings.LastIndexAny(above, ".["), 0)]
	}
}

// adopt keeps an error from package alliance and adds the line.
func (d *document) adopt(err error) {
	var wrong *alliance.FieldError
	switch {
	case errors.As(err, &wrong):
		d.fail(wrong.Path, "%s", wrong.Reason)
	case err != nil:
		d.fail("", "%v", err)
	}
}
