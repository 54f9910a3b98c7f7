package api

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
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
	forShops   bool // a shop key may call it
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
	return operations, nil
}

func newOperation(o *openapi3.Operation) (*operation, error) {
	op := &operation{id: o.OperationID, maxBody: maxBody}
	if o.Security == nil {
		return nil, fmt.Errorf("says nothing of security")
	}
	for _, requirement := range *o.Security {
		for scheme := range requirement {
			switch scheme {
			case shopKey:
				op.forShops = true
			case organiserKey:
			default:
				return nil, fmt.Errorf("has the unknown security scheme %q", scheme)
			}
		}
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
