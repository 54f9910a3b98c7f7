// Package api serves a circle over HTTP: routes, authentication, problem details
// and the pages that explain them.
//
// # The document comes first
//
// openapi.yaml is the contract. Package spec is generated from it and so is
// package client. What the document says of an operation is enforced from the
// document: which keys may call it (security), which query parameters it knows,
// how large its body may be (x-max-body-bytes), and the exact shape of that body
// (see shape). A handler therefore sees only requests that are well-formed, and
// has to care for what the circle says of them.
//
// # Layers of a request
//
//	observe   request id, log line, metrics, panics
//	limits    size of the headers, time
//	admit     query, API key, role, Idempotency-Key
//	binder    content type, size, strict JSON
//	handler   one call of the domain
//
// Every error on the way, whosever it is, goes to one place (fail), where one
// table turns it into a problem of RFC 9457. An error that the table does not
// know is an opaque 500, logged.
//
// # Many commands in one request
//
// A batch says what single requests would say, and each of its commands is read,
// checked, hashed and answered by the same code as alone (commands.go). The whole
// request fails only where no command was decided.
//
// # What belongs to others
//
// A shop's key sees its shop's own; anything else is as if it were not there:
// 404. Only a merchant named in the body of a command is told apart, with 403
// forbidden_merchant: merchants of a circle are no secret from each other, and a
// till that is set up wrongly is to be told so.
//
// # What is never logged
//
// Bodies, API keys, and the codes of cards and members. The log has the pattern
// of the route instead of the path.
package api
