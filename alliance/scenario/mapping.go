package scenario

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/lianka/lianka/clearing/identifier"
)

// mapping is a YAML mapping whose keys are known. Its methods return zero values for what
// is missing or wrong; the document keeps the error.
type mapping struct {
	d      *document
	path   string
	values map[string]*yaml.Node
}

// mapping reads a mapping. Keys with a question mark are optional.
func (d *document) mapping(n *yaml.Node, path string, keys ...string) mapping {
	m := mapping{d: d, path: path, values: make(map[string]*yaml.Node, len(keys))}
	if n == nil || !d.plain(n, path) {
		return m
	}
	if n.Kind != yaml.MappingNode {
		d.fail(path, "is %s; it has to have the keys %s", describe(n), strings.Join(keys, ", "))
		return m
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		m.add(n.Content[i], n.Content[i+1], keys)
	}
	for _, key := range keys {
		if m.values[key] == nil && !strings.HasSuffix(key, "?") {
			d.fail(m.at(key), "is missing")
		}
	}
	return m
}

func (m mapping) add(key, value *yaml.Node, keys []string) {
	known := false
	for _, k := range keys {
		known = known || strings.TrimSuffix(k, "?") == key.Value
	}
	path := m.at(clip(key.Value))
	switch {
	case key.Kind != yaml.ScalarNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0:
		m.d.refuse(key.Line, m.path, "has a key that is no plain text; keys are %s", strings.Join(keys, ", "))
	case !known:
		m.d.refuse(key.Line, m.path, "key %q is not known; keys here are %s", clip(key.Value), strings.Join(keys, ", "))
	case m.values[key.Value] != nil:
		m.d.refuse(key.Line, path, "is given twice")
	default:
		m.values[key.Value] = value
		// Of a list or mapping the key's line says more than that of its first entry.
		m.d.lines[path] = key.Line
		if value.Kind == yaml.ScalarNode {
			m.d.lines[path] = value.Line
		}
	}
}

// at is the path of a key.
func (m mapping) at(key string) string {
	if m.path == "" {
		return key
	}
	return m.path + "." + key
}

// mapping reads the mapping under a key.
func (m mapping) mapping(key string, keys ...string) mapping {
	return m.d.mapping(m.values[key], m.at(key), keys...)
}

// list returns the entries under a key, or nil without the key.
func (m mapping) list(key string) []*yaml.Node {
	n, path := m.values[key], m.at(key)
	if n == nil || !m.d.plain(n, path) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		m.d.fail(path, "is %s; it has to be a list", describe(n))
		return nil
	}
	for i, entry := range n.Content {
		m.d.lines[item(path, i)] = entry.Line
	}
	return n.Content
}

// text returns the text under a key, or "" without the key.
func (m mapping) text(key string) string {
	if n := m.values[key]; n != nil {
		return m.d.text(n, m.at(key))
	}
	return ""
}

// prose returns a text that people read, or "" without the key.
func (m mapping) prose(key string) string {
	text := m.text(key)
	if err := identifier.CheckText(text); err != nil {
		m.d.fail(m.at(key), "%v", err)
	}
	return text
}

// word is text for an optional key that may not be empty, because "" means its default.
func (m mapping) word(key string) string {
	text := m.text(key)
	if text == "" && m.values[key] != nil {
		m.d.fail(m.at(key), "is empty; give it a value or leave it out")
	}
	return text
}

// optionalText returns the text under a key, or nil without the key.
func (m mapping) optionalText(key string) *string {
	if m.values[key] == nil {
		return nil
	}
	text := m.text(key)
	return &text
}

// optionalInstant returns the instant under a key as it is written, or nil without the key.
// Unlike other texts it may stand without quotes, and is then a date to YAML.
func (m mapping) optionalInstant(key string) *string {
	n := m.values[key]
	if n != nil && n.Kind == yaml.ScalarNode && n.ShortTag() == "!!timestamp" && m.d.plain(n, m.at(key)) {
		return &n.Value
	}
	return m.optionalText(key)
}

// texts returns a list of texts, or nil without the key.
func (m mapping) texts(key string) []string {
	nodes := m.list(key)
	if nodes == nil && m.values[key] == nil {
		return nil
	}
	texts := make([]string, 0, len(nodes))
	for i, n := range nodes {
		texts = append(texts, m.d.text(n, item(m.at(key), i)))
	}
	return texts
}

// integer returns the whole number under a key, or 0 without the key.
func (m mapping) integer(key string) int {
	n, path := m.values[key], m.at(key)
	if n == nil || !m.d.plain(n, path) {
		return 0
	}
	digits := strings.TrimPrefix(n.Value, "-")
	switch {
	case n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null":
		m.d.fail(path, "is %s; it has to be a whole number", describe(n))
	case n.ShortTag() == "!!str" && n.Style != 0:
		m.d.fail(path, "%q is a text; write a whole number without quotes", clip(n.Value))
	case digits == "" || strings.Trim(digits, "0123456789") != "" || (len(digits) > 1 && digits[0] == '0'):
		m.d.fail(path, "%q is not a whole number; write decimal digits alone, such as 7", clip(n.Value))
	default:
		number, err := strconv.Atoi(n.Value)
		if err != nil {
			m.d.fail(path, "%s is far too large", clip(n.Value))
		}
		return number
	}
	return 0
}

// optionalInteger returns the whole number under a key, or nil without the key.
func (m mapping) optionalInteger(key string) *int {
	if m.values[key] == nil {
		return nil
	}
	number := m.integer(key)
	return &number
}
