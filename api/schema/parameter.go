package schema

import (
	"fmt"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// Parameter is a parameter in a path, a query or a header.
type Parameter struct {
	Name     string
	In       string
	Required bool
	schema   *Schema
}

// CompileParameter makes a parameter of the document ready to check values. It
// returns an error if the parameter asks for anything that would not be enforced.
func CompileParameter(p *openapi3.Parameter) (*Parameter, error) {
	if err := onlyKeywords(p, []string{"name", "in", "required", "description", "schema", "example"}); err != nil {
		return nil, fmt.Errorf("parameter %s: %w", p.Name, err)
	}
	switch p.In {
	case openapi3.ParameterInPath, openapi3.ParameterInQuery, openapi3.ParameterInHeader:
	default:
		return nil, fmt.Errorf("parameter %s: parameters in %s are not checked", p.Name, p.In)
	}
	asked := *p.Schema.Value
	if asked.Example == nil {
		asked.Example = p.Example
	}
	s, err := Compile(&asked)
	if err != nil {
		return nil, fmt.Errorf("parameter %s: %w", p.Name, err)
	}
	switch s.kind {
	case '"', '0', 't':
		return &Parameter{p.Name, p.In, p.Required, s}, nil
	}
	return nil, fmt.Errorf("parameter %s: only texts, whole numbers and booleans are checked", p.Name)
}

// Check checks a value, and returns it as it is stored and compared. An error names path, or the parameter
// if path is "".
func (p *Parameter) Check(value, path string) (string, error) {
	if path == "" {
		path = p.Name
	}
	switch p.schema.kind {
	case '0':
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != value {
			return value, fieldError(path, "is not a whole number of 64 bits, written without point and exponent")
		}
		return value, p.schema.checkInteger(n, path)
	case 't':
		if value != "true" && value != "false" {
			return value, fieldError(path, "is neither true nor false")
		}
		return value, nil
	}
	return p.schema.checkText(value, path)
}

// IsName reports whether the values of the parameter are names or codes that
// callers or the server choose, as opposed to numbers and fixed words.
func (p *Parameter) IsName() bool { return p.schema.kind == '"' && len(p.schema.enum) == 0 }
