package api

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/lianka/lianka/merchant/access"
)

//go:embed openapi.yaml
var openapiYAML []byte

// loadDocument reads and checks the OpenAPI document.
func loadDocument() (*openapi3.T, error) {
	document, err := openapi3.NewLoader().LoadFromData(openapiYAML)
	if err != nil {
		return nil, err
	}
	return document, document.Validate(context.Background())
}

// The sizes of bodies, in bytes, unless the document says otherwise.
const (
	maxBody        = 64 << 10
	maxBodyKey     = "x-max-body-bytes"
	mediaTypeJSON  = "application/json"
	mediaTypeFile  = "application/octet-stream"
	organiserKey   = "organiserKey"
	shopKey        = "shopKey"
	headerIdemKey  = "Idempotency-Key"
	headerReplayed = "Idempotency-Replayed"
)

// operation is what the document says of one operation that the server enforces.
type operation struct {
	id         string
	idempotent bool // it asks for an Idempotency-Key
	query      []string
	body       *shape // nil: none
	maxBody    int64
}

// operationsOf returns the operations of a document by their ids.
func operationsOf(document *openapi3.T) (map[string]*operation, error) {
	operations := make(map[string]*operation)
	for path, item := range document.Paths.Map() {
		for method, o := range item.Operations() {
			op, err := newOperation(o)
			if err != nil {
				return nil, fmt.Errorf("openapi.yaml: %s %s: %w", method, path, err)
			}
			operations[op.id] = op
		}
	}
	for _, p := range access.Permissions() {
		if operations[p.Operation] == nil {
			return nil, fmt.Errorf("openapi.yaml has no operation %s, to which there are permissions", p.Operation)
		}
	}
	return operations, nil
}

// checkSecurity compares what the document says of who may call an operation with
// the table of permissions, which is what the server goes by.
func checkSecurity(o *openapi3.Operation) error {
	said := make(map[string]bool)
	if o.Security != nil {
		for _, requirement := range *o.Security {
			for scheme := range requirement {
				said[scheme] = true
			}
		}
	}
	for scheme, role := range map[string]access.Role{organiserKey: access.Organiser, shopKey: access.Owner} {
		if said[scheme] != access.Permitted(o.OperationID, role) {
			return fmt.Errorf("the permissions of the role %s differ from its security", role)
		}
		delete(said, scheme)
	}
	if len(said) > 0 {
		return fmt.Errorf("has unknown security schemes: %v", slices.Sorted(maps.Keys(said)))
	}
	return nil
}

func newOperation(o *openapi3.Operation) (*operation, error) {
	op := &operation{id: o.OperationID, maxBody: maxBody}
	if err := checkSecurity(o); err != nil {
		return nil, err
	}
	for _, parameter := range o.Parameters {
		switch p := parameter.Value; p.In {
		case openapi3.ParameterInQuery:
			op.query = append(op.query, p.Name)
		case openapi3.ParameterInHeader:
			op.idempotent = op.idempotent || strings.EqualFold(p.Name, headerIdemKey)
		}
	}
	slices.Sort(op.query)
	if limit, ok := o.Extensions[maxBodyKey].(float64); ok {
		op.maxBody = int64(limit)
	} else if o.Extensions[maxBodyKey] != nil {
		return nil, fmt.Errorf("has a %s that is no number", maxBodyKey)
	}
	if o.RequestBody != nil {
		if o.RequestBody.Value.Content[mediaTypeFile] != nil {
			return op, nil // its handler reads it
		}
		media := o.RequestBody.Value.Content[mediaTypeJSON]
		if media == nil {
			return nil, fmt.Errorf("has a body that is neither %s nor %s", mediaTypeJSON, mediaTypeFile)
		}
		var err error
		if op.body, err = newShape(media.Schema.Value); err != nil {
			return nil, err
		}
	}
	return op, nil
}
