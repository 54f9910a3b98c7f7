package bankfile

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

const (
	mostDepth    = 64      // of elements in each other; a statement has twenty
	mostElements = 500_000 // in one entry; that of ten thousand transactions has about 400,000
)

// element is an XML element with its content. Namespaces are ignored, because each version
// of a message has its own while the names hardly change.
type element struct {
	name     string
	line     int
	above    string   // the path of what it is in; only if parent is nil
	parent   *element // nil for the outermost one that is kept
	text     string   // directly inside it, without white space at the ends
	currency string   // the attribute Ccy
	children []*element
}

// at returns the path of an element.
func (e *element) at() place {
	path, outermost := e.name, e
	for ; outermost.parent != nil; outermost = outermost.parent {
		path = outermost.parent.name + "/" + path
	}
	return place{e.line, outermost.above + path}
}

func (e *element) errorf(format string, values ...any) error { return e.at().errorf(format, values...) }

// place names the element's place, for people.
func (e *element) place() string { return fmt.Sprintf("line %d", e.line) }

// texts returns the texts of an element and of all in it.
func (e *element) texts() []string {
	var found []string
	if e.text != "" {
		found = append(found, e.text)
	}
	for _, c := range e.children {
		found = append(found, c.texts()...)
	}
	return found
}

// child returns the first element reached by following names, or nil. A nil
// element has none.
func (e *element) child(names ...string) *element {
	for _, name := range names {
		if e == nil {
			return nil
		}
		var next *element
		for _, c := range e.children {
			if c.name == name {
				next = c
				break
			}
		}
		e = next
	}
	return e
}

// all returns the children of a name.
func (e *element) all(name string) []*element {
	if e == nil {
		return nil
	}
	var found []*element
	for _, c := range e.children {
		if c.name == name {
			found = append(found, c)
		}
	}
	return found
}

// value returns the text of the element reached by following names, or "".
func (e *element) value(names ...string) string {
	if c := e.child(names...); c != nil {
		return c.text
	}
	return ""
}

// document reads an XML document element by element.
type document struct {
	decoder *xml.Decoder
	path    []string
	names   map[string]string // each name once: a statement has a million of fifty
	kept    int
}

// newDocument makes a document of a file. Its encoding is UTF-16, or what it names, or UTF-8, or
// else GB18030, which Chinese banks write under any name.
func newDocument(content []byte) (*document, error) {
	declared := encodingName(content)
	var err error
	named, unknown := htmlindex.Get(declared)
	if declared == "" || isUnicode(named) {
		content, err = decode(content)
	} else if unknown == nil {
		content, err = decodeAs(named, content)
	} else {
		err = fileError(1, "", "is no well-formed XML: the encoding %q is unknown; UTF-8 is best", clip(declared))
	}
	if err != nil {
		return nil, err
	}
	decoder := xml.NewDecoder(bytes.NewReader(content))
	// It is UTF-8 now, whatever it says.
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	return &document{decoder: decoder, names: map[string]string{}}, nil
}

// isUnicode reports whether an encoding is UTF-8 or UTF-16, which the first bytes tell better
// than the name.
func isUnicode(e encoding.Encoding) bool {
	if e == nil {
		return false
	}
	name, err := htmlindex.Name(e)
	return err == nil && strings.HasPrefix(name, "utf-")
}

var encodingDeclaration = regexp.MustCompile(`^[\x{FEFF}\s]*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']`)

// encodingName returns the encoding that a document in some extension of ASCII names.
func encodingName(content []byte) string {
	const most = 200
	found := encodingDeclaration.FindSubmatch(content[:min(len(content), most)])
	if found == nil {
		return ""
	}
	return string(found[1])
}

func (d *document) here() place {
	line, _ := d.decoder.InputPos()
	return place{line, strings.Join(d.path, "/")}
}

// next returns the next start, end or text, and io.EOF after the last. Afterwards the path
// is that of the inside of the element, or of what follows it.
func (d *document) next() (xml.Token, error) {
	for {
		token, err := d.decoder.RawToken()
		switch {
		case errors.Is(err, io.EOF) && len(d.path) > 0:
			return nil, d.here().errorf("the file ends here, before </%s>", d.path[len(d.path)-1])
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		case err != nil:
			return nil, d.here().errorf("is no well-formed XML: %s", reason(err))
		}
		switch t := token.(type) {
		case xml.Directive:
			return nil, d.here().errorf("has a document type or entity declaration, which a statement never has")
		case xml.StartElement:
			if len(d.path) >= mostDepth {
				return nil, d.here().errorf("elements stand in each other deeper than %d", mostDepth)
			}
			d.path = append(d.path, d.interned(t.Name.Local))
			return t, nil
		case xml.EndElement:
			if len(d.path) == 0 || d.path[len(d.path)-1] != t.Name.Local {
				return nil, d.here().errorf("</%s> ends what didn't begin", clip(t.Name.Local))
			}
			d.path = d.path[:len(d.path)-1]
			return t, nil
		case xml.CharData:
			if len(d.path) == 0 && len(bytes.TrimSpace(t)) > 0 {
				return nil, d.here().errorf("is no XML document: there is text outside of its elements")
			}
			return t, nil
		}
	}
}

func (d *document) interned(name string) string {
	if known, ok := d.names[name]; ok {
		return known
	}
	// A document with many names is not a statement; its names are not cached.
	if len(d.names) < 1000 {
		d.names[name] = name
	}
	return name
}

// skip skips the current element.
func (d *document) skip() error {
	for depth := len(d.path); len(d.path) >= depth; {
		if _, err := d.next(); err != nil {
			return err
		}
	}
	return nil
}

// keep reads the current element with its content.
func (d *document) keep(start xml.StartElement) (*element, error) {
	last := len(d.path) - 1
	d.kept = 0
	return d.keepIn(nil, strings.Join(d.path[:last], "/")+"/", start)
}

func (d *document) keepIn(parent *element, above string, start xml.StartElement) (*element, error) {
	if d.kept++; d.kept > mostElements {
		return nil, d.here().errorf("there are more than %d elements in one; ask the bank for a shorter period", mostElements)
	}
	line, _ := d.decoder.InputPos()
	e := &element{name: d.path[len(d.path)-1], line: line, above: above, parent: parent}
	for _, a := range start.Attr {
		if a.Name.Local == "Ccy" {
			e.currency = strings.TrimSpace(a.Value)
		}
	}
	var text []byte
	for {
		token, err := d.next()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.CharData:
			text = append(text, t...)
		case xml.StartElement:
			child, err := d.keepIn(e, "", t)
			if err != nil {
				return nil, err
			}
			e.children = append(e.children, child)
		case xml.EndElement:
			e.text = strings.TrimSpace(string(text))
			return e, nil
		}
	}
}

// reason returns the text of a decoder's error without the line, which FileError has.
func reason(err error) string {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return syntax.Msg
	}
	return err.Error()
}
