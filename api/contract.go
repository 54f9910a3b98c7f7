package api

import (
	"context"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/lianka/lianka/api/docs"
)

// contract is what an OpenAPI document says, ready to be kept and to be read. Nothing
// changes it, so all servers of a process share one.
type contract struct {
	document   *openapi3.T
	operations map[string]*operation
	pages      docs.Pages
}

var standardContract = sync.OnceValues(func() (*contract, error) { return newContract(openapiYAML) })

func newContract(text []byte) (*contract, error) {
	document, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	if err := document.Validate(context.Background()); err != nil {
		return nil, err
	}
	c := &contract{document: document}
	if c.operations, err = operationsOf(document); err != nil {
		return nil, err
	}
	c.pages, err = docs.Make(text, document)
	return c, err
}
