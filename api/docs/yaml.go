package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// node is a node of the document's YAML, which keeps the order of its keys. The
// pages follow that order.
type node struct{ *yaml.Node }

func parseNode(text []byte) (node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return node{}, err
	}
	return node{document.Content[0]}, nil
}

// get returns the value of a key, following a reference, or an empty node.
func (n node) get(root node, key string) node {
	if n.Node != nil && n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				return node{n.Content[i+1]}.resolve(root)
			}
		}
	}
	return node{}
}

// text returns the text of a key, or "".
func (n node) text(key string) string {
	v := n.get(node{}, key)
	if v.Node == nil || v.Kind != yaml.ScalarNode {
		return ""
	}
	return v.Value
}

// each calls f for each key and value, in order.
func (n node) each(root node, f func(key string, value node)) {
	if n.Node == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		f(n.Content[i].Value, node{n.Content[i+1]}.resolve(root))
	}
}

// items returns the items of a list.
func (n node) items(root node) []node {
	if n.Node == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	items := make([]node, len(n.Content))
	for i, item := range n.Content {
		items[i] = node{item}.resolve(root)
	}
	return items
}

// resolve follows a reference within the document.
func (n node) resolve(root node) node {
	if root.Node == nil {
		return n
	}
	path, ok := strings.CutPrefix(n.text("$ref"), "#/")
	if !ok {
		return n
	}
	at := root
	for key := range strings.SplitSeq(path, "/") {
		at = at.get(root, key)
	}
	return at
}

// json returns the value as indented JSON, its keys in order.
func (n node) json() (string, error) {
	if n.Node == nil {
		return "", nil
	}
	var flat, indented bytes.Buffer
	if err := n.writeJSON(&flat); err != nil {
		return "", err
	}
	if err := json.Indent(&indented, flat.Bytes(), "", "  "); err != nil {
		return "", err
	}
	return indented.String(), nil
}

func (n node) writeJSON(b *bytes.Buffer) error {
	switch n.Kind {
	case yaml.MappingNode:
		b.WriteByte('{')
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(b, "%q:", n.Content[i].Value)
			if err := (node{n.Content[i+1]}).writeJSON(b); err != nil {
				return err
			}
		}
		b.WriteByte('}')
	case yaml.SequenceNode:
		b.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := (node{item}).writeJSON(b); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	default:
		if n.Tag == "!!int" || n.Tag == "!!bool" {
			b.WriteString(n.Value)
			return nil
		}
		text := json.NewEncoder(b)
		text.SetEscapeHTML(false)
		return text.Encode(n.Value)
	}
	return nil
}
