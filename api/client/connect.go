package client

import (
	"context"
	"net/http"
)

// Connect returns a client of the server at an address, such as
// "http://localhost:8080", that sends an API key with each request.
func Connect(address, key string, options ...ClientOption) (*ClientWithResponses, error) {
	return NewClientWithResponses(address, append(options, WithKey(key))...)
}

// WithKey sends an API key with each request.
func WithKey(key string) ClientOption {
	return WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+key)
		return nil
	})
}
