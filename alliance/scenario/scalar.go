package scenario

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// plain refuses anchors, aliases and tags: with them a value isn't what, or where, it seems
// to be.
func (d *document) plain(n *yaml.Node, path string) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.fail(path, "is an anchor or alias; write the value out in each place")
	case n.Style&yaml.TaggedStyle != 0:
		d.fail(path, "has the tag %s; write the value without one", clip(n.Tag))
	default:
		return true
	}
	return false
}

// text returns a scalar that is a text. What YAML takes for another type is refused, not
// converted back: 0.10 may have lost a digit, and 1e3 or 2026-01-01 meant something else.
func (d *document) text(n *yaml.Node, path string) string {
	switch {
	case !d.plain(n, path):
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str":
		if strings.ContainsRune(n.Value, 0) {
			d.fail(path, "contains a NUL character")
		}
		return n.Value
	case n.Kind == yaml.ScalarNode && n.ShortTag() != "!!null":
		value := clip(n.Value)
		d.fail(path, "%s is %s, not a text; write \"%s\" in quotes", value, describe(n), value)
	default:
		d.fail(path, "is %s; it has to be a text", describe(n))
	}
	return ""
}

// describe says what a node is.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!null":
		return "null"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!timestamp":
		return "a date"
	case "!!str":
		return "a text"
	}
	return "a value of the type " + n.ShortTag()
}
