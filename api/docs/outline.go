package docs

import (
	"html/template"
	"reflect"
	"slices"
	"strings"
)

// outline is the document in the order of its page.
type outline struct {
	Title    string
	Intro    template.HTML
	Chapters []chapter
}

// chapter is the operations of a tag.
type chapter struct {
	ID, Name   string
	Intro      template.HTML
	Operations []entry
}

// entry is an operation.
type entry struct {
	ID, Method, Path, Summary string
	Description               template.HTML
	Roles                     []string
	Parameters                []fieldView
	Body                      []fieldView
	Status                    string
	Answer                    template.HTML
	Fields                    []fieldView
	Curl, Example             string
	keys                      bool // a key calls it
}

// fieldView is a field of a body or an answer, or a parameter.
type fieldView struct {
	Name, Type, In string
	Required       bool // of a request
	Optional       bool // of an answer
	Description    template.HTML
	Fields         []fieldView
}

// newOutline reads the outline of a document.
func newOutline(text []byte) (*outline, error) {
	root, err := parseNode(text)
	if err != nil {
		return nil, err
	}
	info := root.get(root, "info")
	o := &outline{Title: info.text("title"), Intro: prose(info.text("description"))}
	byTag := make(map[string]*chapter)
	tags := root.get(root, "tags").items(root)
	o.Chapters = make([]chapter, len(tags))
	for i, tag := range tags {
		name := tag.text("name")
		o.Chapters[i] = chapter{ID: "tag-" + anchor(name), Name: name, Intro: prose(tag.text("description"))}
		byTag[name] = &o.Chapters[i]
	}
	root.get(root, "paths").each(root, func(path string, item node) {
		item.each(root, func(method string, operation node) {
			e, fault := newEntry(root, strings.ToUpper(method), path, operation)
			if fault != nil {
				err = fault
				return
			}
			for _, tag := range operation.get(root, "tags").items(root) {
				if c := byTag[tag.Value]; c != nil {
					c.Operations = append(c.Operations, e)
				}
			}
		})
	})
	return o, err
}

func anchor(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "-") }

func newEntry(root node, method, path string, operation node) (entry, error) {
	e := entry{
		ID: "op-" + operation.text("operationId"), Method: method, Path: path,
		Summary: operation.text("summary"), Description: prose(operation.text("description")),
	}
	for _, requirement := range operation.get(root, "security").items(root) {
		requirement.each(root, func(scheme string, _ node) {
			e.Roles = append(e.Roles, strings.TrimSuffix(strings.TrimSuffix(scheme, "Key"), "Session"))
			e.keys = e.keys || strings.HasSuffix(scheme, "Key")
		})
	}
	if e.Roles == nil {
		e.Roles = []string{"anyone"}
	}
	for _, p := range operation.get(root, "parameters").items(root) {
		view := newField(root, p.text("name"), p.get(root, "schema"), p.text("required") == "true")
		view.In = p.text("in")
		view.Description = prose(p.text("description"))
		e.Parameters = append(e.Parameters, view)
	}
	body := operation.get(root, "requestBody").get(root, "content").get(root, mediaTypeJSON)
	e.Body = fieldsOf(root, body.get(root, "schema"))
	operation.get(root, "responses").each(root, func(status string, response node) {
		if !strings.HasPrefix(status, "2") { // what is refused has a page of its own
			return
		}
		media := response.get(root, "content").get(root, mediaTypeJSON)
		e.Status, e.Answer = status, prose(response.text("description"))
		e.Fields = answered(fieldsOf(root, media.get(root, "schema")))
		e.Example, _ = media.get(root, "example").json()
	})
	example, err := body.get(root, "example").json()
	e.Curl = curl(root, e, operation, example)
	return e, err
}

// answered marks the fields of an answer. There it is worth saying which may be
// missing, not which are required.
func answered(fields []fieldView) []fieldView {
	for i := range fields {
		f := &fields[i]
		f.Required, f.Optional = false, !f.Required
		f.Fields = answered(f.Fields)
	}
	return fields
}

// fieldsOf returns the fields of an object, or of the objects of a list.
func fieldsOf(root, schema node) []fieldView {
	if schema.text("type") == "array" {
		schema = schema.get(root, "items")
	}
	if kinds := schema.get(root, "oneOf").items(root); len(kinds) > 0 {
		return fieldsOfAny(root, kinds)
	}
	required := make(map[string]bool)
	for _, name := range schema.get(root, "required").items(root) {
		required[name.Value] = true
	}
	var fields []fieldView
	schema.get(root, "properties").each(root, func(name string, property node) {
		fields = append(fields, newField(root, name, property, required[name]))
	})
	return fields
}

// fieldsOfAny returns the fields of a value of one of several kinds. A field that
// differs between the kinds is listed without its own fields.
func fieldsOfAny(root node, kinds []node) []fieldView {
	var all []fieldView
	for _, kind := range kinds {
		for _, field := range fieldsOf(root, kind) {
			i := slices.IndexFunc(all, func(f fieldView) bool { return f.Name == field.Name })
			switch {
			case i < 0:
				all = append(all, field)
			case field.Type != all[i].Type:
				all[i].Type += " | " + field.Type
			case !reflect.DeepEqual(field, all[i]):
				all[i].Description, all[i].Fields = "", nil
			}
		}
	}
	return all
}

func newField(root node, name string, schema node, required bool) fieldView {
	return fieldView{
		Name: name, Type: typeOf(root, schema), Required: required,
		Description: prose(schema.text("description")), Fields: fieldsOf(root, schema),
	}
}

// typeOf returns the type of a value, in words.
func typeOf(root, schema node) string {
	kind := schema.text("type")
	if len(schema.get(root, "oneOf").items(root)) > 0 {
		kind = "object"
	}
	if kind == "array" {
		return "list of " + typeOf(root, schema.get(root, "items"))
	}
	if values := schema.get(root, "enum").items(root); len(values) > 0 {
		names := make([]string, len(values))
		for i, v := range values {
			names[i] = v.Value
		}
		return strings.Join(names, " | ")
	}
	switch {
	case schema.text("format") == "date-time":
		return "RFC 3339 time"
	case schema.text("maximum") != "":
		return kind + " " + schema.text("minimum") + "–" + schema.text("maximum")
	}
	return kind
}

// curl returns a command that calls the operation with the document's examples.
func curl(root node, e entry, operation node, example string) string {
	path := e.Path
	var headers strings.Builder
	var query []string
	for _, p := range operation.get(root, "parameters").items(root) {
		switch p.text("in") {
		case "path":
			path = strings.ReplaceAll(path, "{"+p.text("name")+"}", p.text("example"))
		case "query":
			if p.text("required") == "true" {
				query = append(query, p.text("name")+"="+p.text("example"))
			}
		case "header":
			headers.WriteString(" \\\n  -H '" + p.text("name") + ": " + p.text("example") + "'")
		}
	}
	if len(query) > 0 {
		path += "?" + strings.Join(query, "&")
	}
	command := "curl"
	if e.Method != "GET" && (e.Method != "POST" || example == "") {
		command += " -X " + e.Method
	}
	command += ` "$LIANKA_URL` + path + `"`
	switch {
	case e.keys:
		command += " \\\n" + `  -H "Authorization: Bearer $LIANKA_KEY"`
	case e.Roles[0] != "anyone":
		command += " \\\n" + `  -b "__Host-lianka=$LIANKA_SESSION"`
	}
	command += headers.String()
	if example != "" {
		command += " \\\n  -H 'Content-Type: application/json' \\\n  -d '" + example + "'"
	}
	return command
}
