// Package api serves circles over HTTP. Its files are one a resource: they stay in one
// package because their handlers are the methods of one generated interface and share
// one way of admitting a request.
//
// # The document comes first
//
// openapi.yaml is the contract. Packages spec (types), routes and client are
// generated from it, and package schema enforces it: every parameter, the size of
// a body (x-max-body-bytes), and every keyword of its schema. A keyword that would
// not be enforced keeps the server from starting. So handlers only see well-formed
// requests, and leave the decision to the domain.
//
// # Layers of a request
//
//	observe   request id, log line, metrics, panics
//	limit     size of the headers, time
//	admit     API key, permission, parameters
//	binder    content type, size and schema of the body
//	handler   one call of the domain
//
// An error of any layer ends in one place (fail), which answers with the problem
// details that package problem finds for it.
//
// # Files
//
// A file is about one resource, and there are many; what they share is in packages
// below this one. Commands of the rule book have no handlers: commands.go
// serves them all by their kinds.
//
// # Who may do what
//
// Handlers don't decide about access. admit asks package access for a grant for
// the operation; handlers ask the grant about single things, and the principal about
// rows. Both answer from tables, which docs/access.md prints.
//
// # Many commands in one request
//
// A batch gives the same answers as single requests. Each of its commands is read,
// checked, hashed and answered by the code for the single request (commands.go). The
// request as a whole fails only if it is malformed or no command was decided.
//
// # What is never logged
//
// Bodies, API keys, and the codes of cards and members. The log has the pattern of
// the route instead of the path.
package api
