package api_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/require"
)

// contract is the document that every answer in the tests must be as it says.
var contract = sync.OnceValues(func() (routers.Router, error) {
	document, err := readDocument()
	if err != nil {
		return nil, err
	}
	anywhere := *document
	anywhere.Servers = nil
	return legacy.NewRouter(&anywhere)
})

// checker is a transport that checks answers against the contract.
type checker struct {
	t      testing.TB
	router routers.Router
}

func checking(tb testing.TB) http.RoundTripper {
	tb.Helper()
	router, err := contract()
	require.NoError(tb, err)
	return checker{tb, router}
}

func (c checker) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	asked := request.Clone(request.Context())
	asked.URL = &url.URL{Path: request.URL.EscapedPath()} // a slash in a code is no slash of the path
	route, parameters, err := c.router.FindRoute(asked)
	if err != nil {
		c.t.Errorf("%s %s is not in the document: %v", request.Method, request.URL.Path, err)
		return response, nil
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: asked, PathParams: parameters, Route: route},
		Status:                 response.StatusCode, Header: response.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	input.SetBodyBytes(body)
	requireDeclared(c.t, request, response.StatusCode, body)
	if err := openapi3filter.ValidateResponse(request.Context(), input); err != nil {
		c.t.Errorf("%s %s: the answer is not as the document says: %v\n%s", request.Method, request.URL.Path, err, body)
	}
	return response, nil
}
